import numpy as np
import pandas as pd
import pytest
import torch

from tagasc.artifacts.events import EventCorpus
from tagasc.config import Features, Stage2
from tagasc.tagger.augmentation import AugmentedPool, mask_bands, random_slice
from tagasc.tagger.log_mel import LogMel
from tagasc.tagger.pools import Pool

LOG_MEL = LogMel(Features())


@pytest.fixture
def events():
    """Return six clips of 16 bands without silence: four of 32 frames, one of 10 and one of 50."""
    frames = np.array([32, 32, 32, 32, 10, 50])
    clips = pd.DataFrame({"start": frames.cumsum() - frames, "frames": frames, "scale": 2.0})
    mel_power = np.random.default_rng(0).uniform(0.5, 1.0, (frames.sum(), 16)).astype(np.float16)
    return EventCorpus(clips, list("abcd"), mel_power)


@pytest.fixture
def augmented(events, settings):
    """Return a function that augments the four clips of 32 frames, each of which has its own label."""

    def make(stage2=None, **keys):
        training = settings.training.model_copy(update={"mixup_probability": 0.0, "mask_probability": 0.0} | keys)
        pool = Pool(np.arange(4), np.eye(4, dtype=np.float32))
        return AugmentedPool(events, pool, training, LOG_MEL, np.random.default_rng(0), torch.device("cpu"), stage2)

    return make


def power_of(events, rows):
    return torch.from_numpy(np.stack([events.power(row) for row in rows]))


def silent_frames(spectrograms):
    """Count the frames of each spectrogram in which all bands have the minimum."""
    return (spectrograms[:, 0] == spectrograms.amin(dim=(1, 2, 3))[:, None, None]).all(dim=1).sum(dim=1)


def test_a_slice_of_a_long_clip_starts_anywhere(events):
    random, starts = np.random.default_rng(0), set()
    power = events.power(5)
    for _ in range(300):
        part = random_slice(power, 1.0, 45, random)
        (start,) = [n for n in range(6) if np.array_equal(power[n : n + 45], part)]
        starts.add(start)
    assert starts == set(range(6))


def test_a_short_clip_is_placed_anywhere_in_silence(events):
    random, offsets = np.random.default_rng(0), set()
    for _ in range(200):
        placed = random_slice(events.power(4), 1.0, 14, random)
        frames = np.flatnonzero(placed.any(axis=1))
        offsets.add(frames[0])
        np.testing.assert_array_equal(placed[frames], events.power(4))
        assert frames.tolist() == list(range(frames[0], frames[0] + 10))
    assert offsets == set(range(5))


@pytest.mark.parametrize(("row", "frames", "kept"), [(4, 14, 5), (0, 32, 16), (5, 40, 20)])
def test_a_crop_keeps_a_random_part_of_what_the_slice_shows(events, row, frames, kept):
    """Row 4 is shorter than the slice, row 0 as long, row 5 longer; a crop of a longer clip stays at its place."""
    random, power, starts = np.random.default_rng(0), events.power(row), []
    for _ in range(3000):
        placed = random_slice(power, 0.5, frames, random)
        shown = np.flatnonzero(placed.any(axis=1))
        assert shown.tolist() == list(range(shown[0], shown[0] + kept))
        (first,) = [n for n in range(len(power) - kept + 1) if np.array_equal(power[n : n + kept], placed[shown])]
        starts.append((first, int(shown[0])))
    if len(power) > frames:  # the slice starts at any of 11 frames of the clip, and the crop at any of 21 of the slice
        assert set(starts) == {(start + offset, offset) for start in range(11) for offset in range(21)}
    else:
        assert set(starts) == {(a, b) for a in range(len(power) - kept + 1) for b in range(frames - kept + 1)}


def test_without_augmentation_a_batch_has_the_clips_themselves(events, augmented):
    positions = np.array([2, 0, 3])
    spectrograms, targets = augmented().batch(positions)
    torch.testing.assert_close(spectrograms, LOG_MEL(power_of(events, positions)))
    np.testing.assert_array_equal(targets, np.eye(4)[positions])


def test_targets_are_mixed_like_the_powers(events, augmented):
    positions = np.tile(np.arange(4), 25)
    spectrograms, targets = augmented(mixup_probability=1.0).batch(positions)
    mixed_power = torch.einsum("nc,cfb->nfb", targets, power_of(events, range(4)))
    torch.testing.assert_close(spectrograms, LOG_MEL(mixed_power))
    np.testing.assert_allclose(targets.sum(dim=1), 1, atol=1e-6)
    own = targets[np.arange(100), positions].numpy()
    mixed = own[own < 0.999]  # the partner may be the clip itself
    assert 50 < len(mixed) < 95
    np.testing.assert_allclose(np.quantile(mixed, [0.25, 0.5, 0.75]), [0.25, 0.5, 0.75], atol=0.15)


def test_half_of_the_clips_are_mixed(augmented):
    _, targets = augmented(mixup_probability=0.5).batch(np.zeros(800, int))
    # For one clip in four, the partner is the clip itself.
    assert (targets[:, 0] < 1).float().mean() == pytest.approx(0.5 * 0.75, abs=0.05)


@pytest.mark.parametrize(("probability", "share"), [(1.0, 1.0), (0.5, 0.5)])
def test_masks_silence_adjacent_bands(augmented, probability, share):
    spectrograms, _ = augmented(mask_probability=probability).batch(np.tile(np.arange(4), 100))
    widths = []
    for spectrogram in spectrograms[:, 0]:
        bands = np.flatnonzero((spectrogram == spectrogram.min()).all(dim=1))
        assert bands.tolist() == list(range(bands[0], bands[0] + len(bands))) if len(bands) else True
        widths.append(len(bands))
    widths = np.array(widths)
    assert (widths > 0).mean() == pytest.approx(share, abs=0.08)
    assert set(widths[widths > 0]) == set(range(2, 9))  # half-widths of 2 to 4; at an edge one side is lost


def test_a_mask_silences_the_bands_near_its_centre():
    masked = mask_bands(torch.ones(4, 2, 6), torch.tensor([2.0, 2.5, 0.0, 3.0]), torch.tensor([1.5, 1.5, 2.5, 0.0]))
    expected = [[1, 0, 0, 0, 1, 1], [1, 1, 0, 0, 1, 1], [0, 0, 0, 1, 1, 1], [1, 1, 1, 1, 1, 1]]
    np.testing.assert_array_equal(masked, np.repeat(np.array(expected)[:, None], 2, axis=1))


@pytest.mark.parametrize("probability", [1.0, 0.5, 0.0])
@pytest.mark.parametrize(("frames", "row"), [(32, 4), (32, 5), (45, 0)])
def test_the_length_of_a_crop_is_a_share_of_what_the_slice_shows(events, augmented, frames, row, probability):
    """A crop keeps 25 to 100 % of the clip or, if the clip is longer, of the slice; the share is uniform."""
    cropping = augmented(Stage2(crop_probability=probability), slice_frames=frames)
    cropping.pool = Pool(np.array([row]), np.ones((1, 4), np.float32))
    spectrograms = cropping.batch(np.zeros(2000, int)).spectrograms
    shown = min(frames, len(events.power(row)))
    lengths = frames - silent_frames(spectrograms).numpy()
    steps = np.arange(shown + 2) / shown  # a share from k / shown up to (k + 1) / shown keeps k frames
    crops = np.diff(((steps - 0.25) / 0.75).clip(0, 1))
    expected = probability * crops + (1 - probability) * (np.arange(shown + 1) == shown)
    np.testing.assert_allclose(np.bincount(lengths, minlength=shown + 1) / 2000, expected, atol=0.03)


def test_both_clips_of_a_mixture_are_cropped_independently(augmented):
    cropping = augmented(Stage2(crop_probability=1.0), mixup_probability=1.0)
    silent = silent_frames(cropping.batch(np.tile(np.arange(4), 500)).spectrograms)
    random, expected = np.random.default_rng(1), []
    for _ in range(5000):
        shown = np.zeros(32)
        for _ in range(2):
            length = int(random.uniform(8, 32))
            start = random.integers(33 - length)
            shown[start : start + length] = 1
        expected.append(32 - shown.sum())
    assert silent.float().mean() == pytest.approx(np.mean(expected), abs=0.3)
    assert (silent == 0).float().mean() == pytest.approx(np.mean(np.array(expected) == 0), abs=0.03)


def test_partners_are_drawn_as_the_pool_says(augmented):
    mixing = augmented(mixup_probability=1.0)
    mixing.pool = Pool(np.arange(4), np.eye(4, dtype=np.float32), None, np.array([0.0, 0.1, 0.3, 0.6]))
    partners = mixing.batch(np.zeros(2000, int)).targets[:, 1:].argmax(dim=1)
    np.testing.assert_allclose(np.bincount(partners) / 2000, [0.1, 0.3, 0.6], atol=0.04)
