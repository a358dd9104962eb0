import numpy as np
import pandas as pd
import pytest
import torch

from tagasc.artifacts.events import EventCorpus
from tagasc.config import Features, Stage2
from tagasc.tagger.augmentation import masked_bands
from tagasc.tagger.draws import AugmentedPool, draw_slices
from tagasc.tagger.log_mel import LogMel
from tagasc.tagger.pools import Pool

LOG_MEL = LogMel(Features())


@pytest.fixture
def events():
    """Return six clips of 16 bands without silence: four of 32 frames, one of 10 and one of 50."""
    frames = np.array([32, 32, 32, 32, 10, 50])
    clips = pd.DataFrame({"start": frames.cumsum() - frames, "frames": frames, "scale": 2.0, "subset": "noisy"})
    mel_power = np.random.default_rng(0).uniform(0.5, 1.0, (frames.sum(), 16)).astype(np.float16)
    return EventCorpus(clips, list("abcd"), mel_power)


@pytest.fixture
def augmented(events, settings):
    """Return a function that makes a pool of the four clips of 32 frames, each of which has its own label."""

    def make(stage2=None, rows=(0, 1, 2, 3), **keys):
        training = settings.training.model_copy(update={"mixup_probability": 0.0, "mask_probability": 0.0} | keys)
        pool = Pool(np.array(rows), np.eye(len(rows), dtype=np.float32))
        return AugmentedPool(events, pool, training, np.random.default_rng(0), stage2)

    return make


def power_of(events, rows):
    return torch.from_numpy(np.stack([events.power(row) for row in rows]))


def silent_frames(spectrograms):
    """Count the frames of each spectrogram in which all bands have the minimum."""
    return (spectrograms[:, 0] == spectrograms.amin(dim=(1, 2, 3))[:, None, None]).all(dim=1).sum(dim=1)


def drawn(clip_frames, part, slice_frames, times=3000):
    """Draw a slice several times, and return the set of first frames in the clip and in the slice, and of lengths."""
    frames, parts = np.full(times, clip_frames), np.full(times, part)
    return set(zip(*draw_slices(frames, parts, slice_frames, np.random.default_rng(0)), strict=True))


def test_a_slice_of_a_long_clip_starts_anywhere():
    assert drawn(50, 1.0, 45) == {(start, 0, 45) for start in range(6)}


def test_a_short_clip_is_placed_anywhere_in_silence():
    assert drawn(10, 1.0, 14) == {(0, offset, 10) for offset in range(5)}


@pytest.mark.parametrize(("clip", "frames", "kept"), [(10, 14, 5), (32, 32, 16)])
def test_a_crop_of_a_short_clip_is_any_part_of_it_at_any_place_of_the_slice(clip, frames, kept):
    expected = {(first, offset, kept) for first in range(clip - kept + 1) for offset in range(frames - kept + 1)}
    assert drawn(clip, 0.5, frames, 6000) == expected


def test_a_crop_of_a_long_clip_stays_at_its_place_in_the_slice():
    """The slice starts at any of 11 frames of the clip, and the crop at any of 21 of the slice."""
    assert drawn(50, 0.5, 40) == {(start + offset, offset, 20) for start in range(11) for offset in range(21)}


def test_a_batch_is_that_of_a_plain_loop_over_its_clips(events, augmented, augment):
    """Slices, mixtures and masks follow from the draws, here computed clip by clip from the clips' own mel power."""
    keys = {"mixup_probability": 0.5, "mask_probability": 0.5, "slice_frames": 40}
    pools = [augmented(Stage2(crop_probability=0.5), range(6), **keys) for _ in range(2)]
    positions = np.arange(60) % 6
    spectrograms, targets = augment(pools[0], positions)
    draws, whole = pools[1].draw(positions), np.concatenate([events.power(row) for row in range(6)])
    slices = np.zeros((len(draws.origin), 40, 16), np.float32)
    for number, (origin, offset, kept, factor) in enumerate(zip(*draws[:4], strict=True)):
        frames = slice(offset, offset + kept)
        slices[number, frames] = whole[origin + offset : origin + offset + kept] * (factor / 2)  # the clips' scale is 2
    for partner, clip in enumerate(draws.mixed):
        slices[clip] += slices[60 + partner]
    for clip in range(60):
        for band in range(16):
            if abs(band - draws.centre[clip]) < draws.half_width[clip]:
                slices[clip, :, band] = 0
    assert 15 < len(draws.mixed) < 45
    assert 15 < (draws.half_width > 0).sum() < 45
    torch.testing.assert_close(spectrograms, LOG_MEL(torch.from_numpy(slices[:60])))
    np.testing.assert_array_equal(targets, draws.targets)


def test_without_augmentation_a_batch_has_the_clips_themselves(events, augmented, augment):
    positions = np.array([2, 0, 3])
    spectrograms, targets = augment(augmented(), positions)
    torch.testing.assert_close(spectrograms, LOG_MEL(power_of(events, positions)))
    np.testing.assert_array_equal(targets, np.eye(4)[positions])


def test_targets_are_mixed_like_the_powers(events, augmented, augment):
    positions = np.tile(np.arange(4), 25)
    spectrograms, targets = augment(augmented(mixup_probability=1.0), positions)
    mixed_power = torch.einsum("nc,cfb->nfb", targets, power_of(events, range(4)))
    torch.testing.assert_close(spectrograms, LOG_MEL(mixed_power))
    np.testing.assert_allclose(targets.sum(dim=1), 1, atol=1e-6)
    own = targets[np.arange(100), positions].numpy()
    mixed = own[own < 0.999]  # the partner may be the clip itself
    assert 50 < len(mixed) < 95
    np.testing.assert_allclose(np.quantile(mixed, [0.25, 0.5, 0.75]), [0.25, 0.5, 0.75], atol=0.15)


def test_half_of_the_clips_are_mixed(augmented, augment):
    _, targets = augment(augmented(mixup_probability=0.5), np.zeros(800, int))
    # For one clip in four, the partner is the clip itself.
    assert (targets[:, 0] < 1).float().mean() == pytest.approx(0.5 * 0.75, abs=0.05)


@pytest.mark.parametrize(("probability", "share"), [(1.0, 1.0), (0.5, 0.5)])
def test_masks_silence_adjacent_bands(augmented, augment, probability, share):
    spectrograms, _ = augment(augmented(mask_probability=probability), np.tile(np.arange(4), 100))
    widths = []
    for spectrogram in spectrograms[:, 0]:
        bands = np.flatnonzero((spectrogram == spectrogram.min()).all(dim=1))
        assert bands.tolist() == list(range(bands[0], bands[0] + len(bands))) if len(bands) else True
        widths.append(len(bands))
    widths = np.array(widths)
    assert (widths > 0).mean() == pytest.approx(share, abs=0.08)
    assert set(widths[widths > 0]) == set(range(2, 9))  # half-widths of 2 to 4; at an edge one side is lost


def test_the_bands_near_the_centre_of_a_mask_are_masked():
    masked = masked_bands(6, torch.tensor([2.0, 2.5, 0.0, 3.0]), torch.tensor([1.5, 1.5, 2.5, 0.0]))
    expected = [[0, 1, 1, 1, 0, 0], [0, 0, 1, 1, 0, 0], [1, 1, 1, 0, 0, 0], [0, 0, 0, 0, 0, 0]]
    np.testing.assert_array_equal(masked, expected)


@pytest.mark.parametrize("probability", [1.0, 0.5, 0.0])
@pytest.mark.parametrize(("frames", "row"), [(32, 4), (32, 5), (45, 0)])
def test_the_length_of_a_crop_is_a_share_of_what_the_slice_shows(events, augmented, augment, frames, row, probability):
    """A crop keeps 25 to 100 % of the clip or, if the clip is longer, of the slice; the share is uniform."""
    cropping = augmented(Stage2(crop_probability=probability), [row], slice_frames=frames)
    spectrograms, _ = augment(cropping, np.zeros(2000, int))
    shown = min(frames, len(events.power(row)))
    lengths = frames - silent_frames(spectrograms).numpy()
    steps = np.arange(shown + 2) / shown  # a share from k / shown up to (k + 1) / shown keeps k frames
    crops = np.diff(((steps - 0.25) / 0.75).clip(0, 1))
    expected = probability * crops + (1 - probability) * (np.arange(shown + 1) == shown)
    np.testing.assert_allclose(np.bincount(lengths, minlength=shown + 1) / 2000, expected, atol=0.03)


def test_both_clips_of_a_mixture_are_cropped_independently(augmented, augment):
    cropping = augmented(Stage2(crop_probability=1.0), mixup_probability=1.0)
    silent = silent_frames(augment(cropping, np.tile(np.arange(4), 500))[0])
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


def test_partners_are_drawn_as_the_pool_says(augmented, augment):
    mixing = augmented(mixup_probability=1.0)
    mixing.pool = Pool(np.arange(4), np.eye(4, dtype=np.float32), None, np.array([0.0, 0.1, 0.3, 0.6]))
    partners = augment(mixing, np.zeros(2000, int))[1][:, 1:].argmax(dim=1)
    np.testing.assert_allclose(np.bincount(partners) / 2000, [0.1, 0.3, 0.6], atol=0.04)
