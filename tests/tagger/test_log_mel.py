import librosa
import numpy as np
import pytest
import torch

from tagasc.config import Tagger
from tagasc.tagger.log_mel import decibel, log_mel, mask_bands, standardise


@pytest.fixture
def power():
    """Three clips at different levels, (3, 20, 6)."""
    random = np.random.default_rng(0)
    return torch.tensor(10.0 ** random.uniform(-12, 0, (3, 20, 6)) * np.array([1, 1e-3, 1e4])[:, None, None]).float()


@pytest.mark.parametrize(("top_db", "lowest"), [(80.0, 1e-10), (30.0, 1e-10), (80.0, 1e-6)])
def test_decibels_are_those_of_librosa_clip_by_clip(power, top_db, lowest):
    expected = [librosa.power_to_db(clip.numpy(), ref=1.0, amin=lowest, top_db=top_db) for clip in power]
    np.testing.assert_allclose(decibel(power, Tagger(top_db=top_db, lowest_power=lowest)), expected, atol=1e-3)
    np.testing.assert_allclose(np.ptp(expected, axis=(1, 2))[2], top_db, atol=1e-3)


def test_a_clip_is_standardised_by_itself(power):
    level = decibel(power, Tagger())
    images = standardise(level)
    assert images.shape == (3, 1, 6, 20)
    plain = level.double().numpy()
    plain = (plain - plain.mean(axis=(1, 2), keepdims=True)) / (plain.std(axis=(1, 2), keepdims=True) + 1e-7)
    np.testing.assert_allclose(images[:, 0], plain.swapaxes(1, 2), atol=1e-5)
    np.testing.assert_allclose(images.mean(dim=(1, 2, 3)), 0, atol=1e-5)
    np.testing.assert_allclose(images.std(dim=(1, 2, 3), correction=0), 1, atol=1e-5)


@pytest.mark.parametrize("padding", [0, 8])
def test_silence_is_zero(padding):
    assert not log_mel(torch.zeros(2, 20, 6), Tagger(), padding).any()


def test_padding_is_the_minimum_of_each_clip(power):
    images = log_mel(power, Tagger(), padding=3)
    assert images.shape == (3, 1, 6, 26)
    for image, level in zip(images[:, 0], decibel(power, Tagger()), strict=True):
        padded = np.pad(level.numpy().T, ((0, 0), (3, 3)), constant_values=level.min().item())
        np.testing.assert_allclose(image, (padded - padded.mean()) / padded.std(), atol=1e-5)
        assert (image[:, [0, 1, 2, -3, -2, -1]] == image.min()).all()


def test_a_mask_silences_the_bands_near_its_centre():
    masked = mask_bands(torch.ones(4, 2, 6), torch.tensor([2.0, 2.5, 0.0, 3.0]), torch.tensor([1.5, 1.5, 2.5, 0.0]))
    expected = [[1, 0, 0, 0, 1, 1], [1, 1, 0, 0, 1, 1], [0, 0, 0, 1, 1, 1], [1, 1, 1, 1, 1, 1]]
    np.testing.assert_array_equal(masked, np.repeat(np.array(expected)[:, None], 2, axis=1))
