import numpy as np
import pandas as pd
import pytest
import torch

from tagasc.config import Tagger
from tagasc.corpora.packed import PackedEvents
from tagasc.tagger.batches import Pool, augmented_batch, slice_of
from tagasc.tagger.log_mel import log_mel

CPU = torch.device("cpu")


@pytest.fixture
def events():
    """Six clips of 16 bands, without silence: four of 32 frames, one of 10 and one of 50."""
    frames = np.array([32, 32, 32, 32, 10, 50])
    clips = pd.DataFrame({"start": frames.cumsum() - frames, "frames": frames, "scale": 2.0})
    mel = np.random.default_rng(0).uniform(0.5, 1.0, (frames.sum(), 16)).astype(np.float16)
    return PackedEvents(clips, list("abcd"), mel)


@pytest.fixture
def plain(settings):
    return settings.model_copy(update={"mix_up_probability": 0.0, "mask_probability": 0.0})


@pytest.fixture
def pool():
    """The four clips that fill a slice, each with a label of its own."""
    return Pool(np.arange(4), np.eye(4, dtype=np.float32))


def test_a_slice_of_a_long_clip_begins_anywhere(events):
    random, begins = np.random.default_rng(0), set()
    power = events.power(5)
    for _ in range(300):
        part = slice_of(events, 5, 45, 45, random)
        (begin,) = [n for n in range(6) if np.array_equal(power[n : n + 45], part)]
        begins.add(begin)
    assert begins == set(range(6))


@pytest.mark.parametrize(("row", "shown", "visible"), [(4, 14, 10), (5, 12, 12)])
def test_a_short_clip_lies_anywhere_in_silence(events, row, shown, visible):
    random, offsets = np.random.default_rng(0), set()
    for _ in range(200):
        placed = slice_of(events, row, 14, shown, random)
        frames = np.flatnonzero(placed.any(axis=1))
        offsets.add(frames[0])
        assert frames.tolist() == list(range(frames[0], frames[0] + visible))
        if row == 4:
            np.testing.assert_array_equal(placed[frames], events.power(4))
    assert offsets == set(range(14 - visible + 1))


def test_without_augmentation_a_batch_is_the_clips(events, pool, plain):
    positions = np.array([2, 0, 3])
    images, targets = augmented_batch(events, pool, positions, plain, np.random.default_rng(0), CPU)
    power = torch.from_numpy(np.stack([events.power(row) for row in positions]))
    torch.testing.assert_close(images, log_mel(power, Tagger()))
    np.testing.assert_array_equal(targets, np.eye(4)[positions])


def test_targets_are_mixed_as_the_powers_are(events, pool, plain):
    mixing = plain.model_copy(update={"mix_up_probability": 1.0})
    positions = np.tile(np.arange(4), 25)
    images, targets = augmented_batch(events, pool, positions, mixing, np.random.default_rng(0), CPU)
    powers = torch.from_numpy(np.stack([events.power(row) for row in range(4)]))
    torch.testing.assert_close(images, log_mel(torch.einsum("nc,cfb->nfb", targets, powers), Tagger()))
    np.testing.assert_allclose(targets.sum(dim=1), 1, atol=1e-6)
    own = targets[np.arange(100), positions].numpy()
    mixed = own[own < 0.999]  # the partner may be the clip itself
    assert 50 < len(mixed) < 95
    np.testing.assert_allclose(np.quantile(mixed, [0.25, 0.5, 0.75]), [0.25, 0.5, 0.75], atol=0.15)


def test_half_of_the_clips_are_mixed(events, pool, plain):
    mixing = plain.model_copy(update={"mix_up_probability": 0.5})
    targets = augmented_batch(events, pool, np.zeros(800, int), mixing, np.random.default_rng(0), CPU)[1]
    assert (targets[:, 0] < 1).float().mean() == pytest.approx(0.5 * 0.75, abs=0.05)  # one partner in four is itself


@pytest.mark.parametrize(("probability", "share"), [(1.0, 1.0), (0.5, 0.5)])
def test_masks_silence_neighbouring_bands(events, pool, plain, probability, share):
    masking = plain.model_copy(update={"mask_probability": probability})
    images, _ = augmented_batch(events, pool, np.tile(np.arange(4), 100), masking, np.random.default_rng(0), CPU)
    widths = []
    for image in images[:, 0]:
        bands = np.flatnonzero((image == image.min()).all(dim=1))
        assert bands.tolist() == list(range(bands[0], bands[0] + len(bands))) if len(bands) else True
        widths.append(len(bands))
    widths = np.array(widths)
    assert (widths > 0).mean() == pytest.approx(share, abs=0.08)
    assert set(widths[widths > 0]) == set(range(2, 9))  # half-widths of 2 to 4; at an edge one side is lost


@pytest.mark.parametrize(("probability", "whole"), [(1.0, 0.0), (0.5, 0.5), (0.0, 1.0)])
def test_soft_labelled_slices_are_cut_in_time(events, pool, plain, probability, whole):
    cutting = plain.model_copy(update={"crop_probability": probability})
    random = np.random.default_rng(0)
    images, _ = augmented_batch(events, pool, np.tile(np.arange(4), 100), cutting, random, CPU, crop=True)
    silent = (images[:, 0] == images.amin(dim=(1, 2, 3))[:, None, None]).all(dim=1).sum(dim=1)
    assert (silent == 0).float().mean() == pytest.approx(whole, abs=0.08)
    if probability:
        assert set(silent.tolist()) == set(range(25))  # 8 to 32 of 32 frames are left
    uncut = augmented_batch(events, pool, np.arange(4), cutting, random, CPU)[0]
    torch.testing.assert_close(
        uncut, log_mel(torch.from_numpy(np.stack([events.power(n) for n in range(4)])), Tagger())
    )


def test_the_partner_of_a_cut_slice_is_as_short(events, pool, plain):
    keys = {"mix_up_probability": 1.0, "crop_probability": 1.0, "crop_shortest": 0.25}
    random = np.random.default_rng(0)
    positions = np.tile(np.arange(4), 25)
    settings = plain.model_copy(update=keys)
    images, _ = augmented_batch(events, pool, positions, settings, random, CPU, crop=True)
    silent = (images[:, 0] == images.amin(dim=(1, 2, 3))[:, None, None]).all(dim=1).sum(dim=1)
    # One slice of 8 to 32 frames leaves 12 silent ones on average, two leave fewer, a partner of full length none.
    assert 5 < silent.float().mean() < 11


def test_a_pool_repeats_itself_only_when_it_is_used_up():
    pool, random = Pool(np.arange(5), np.zeros((5, 1), np.float32)), np.random.default_rng(0)
    assert sorted(pool.draw(5, random)) == [0, 1, 2, 3, 4]
    assert len(set(pool.draw(3, random))) == 3
    assert np.bincount(pool.draw(15, random)).tolist() == [3] * 5
    assert len({tuple(pool.draw(5, random)) for _ in range(50)}) > 20


def test_a_pool_with_probabilities_follows_them():
    pool = Pool(np.arange(3), np.zeros((3, 1), np.float32), np.array([0.5, 0.5, 0.0]))
    counts = np.bincount(pool.draw(2000, np.random.default_rng(0)), minlength=3)
    np.testing.assert_allclose(counts / 2000, [0.5, 0.5, 0.0], atol=0.04)
