import librosa
import numpy as np
import pytest
import torch

from tagasc.config import Features
from tagasc.tagger.log_mel import LogMel, standardise_


@pytest.fixture
def power():
    """Return the mel power of three clips with different levels, (3, 20, 6)."""
    random = np.random.default_rng(0)
    return torch.tensor(10.0 ** random.uniform(-12, 0, (3, 20, 6)) * np.array([1, 1e-3, 1e4])[:, None, None]).float()


@pytest.mark.parametrize(("top_db", "amin"), [(80.0, 1e-10), (30.0, 1e-10), (80.0, 1e-6)])
def test_decibels_of_each_clip_are_those_of_librosa(power, top_db, amin):
    expected = [librosa.power_to_db(clip.numpy(), ref=1.0, amin=amin, top_db=top_db) for clip in power]
    bels = LogMel(Features(top_db=top_db, amin=amin)).bels_(power)
    np.testing.assert_allclose(10 * bels, expected, atol=1e-3)
    np.testing.assert_allclose(np.ptp(expected, axis=(1, 2))[2], top_db, atol=1e-3)


def test_each_clip_is_standardised_by_itself(power):
    level = LogMel(Features()).bels_(power)
    expected = 10 * level.double().numpy()
    standardised = standardise_(level)
    mean, deviation = expected.mean(axis=(1, 2), keepdims=True), expected.std(axis=(1, 2), keepdims=True)
    np.testing.assert_allclose(standardised, (expected - mean) / (deviation + 1e-7), atol=1e-5)
    np.testing.assert_allclose(standardised.mean(dim=(1, 2)), 0, atol=1e-5)
    np.testing.assert_allclose(standardised.std(dim=(1, 2), correction=0), 1, atol=1e-5)


def test_a_spectrogram_is_the_transposed_level(power):
    log_mel = LogMel(Features())
    spectrograms = log_mel(power.clone())
    assert spectrograms.shape == (3, 1, 6, 20)
    assert torch.equal(spectrograms[:, 0].transpose(1, 2), standardise_(log_mel.bels_(power)))


def test_masked_bands_have_no_power(power):
    masked = torch.zeros(3, 6, dtype=torch.bool)
    masked[0, 1:3] = masked[1, 5] = masked[2, :] = True
    silent = power.masked_fill(masked[:, None], 0.0)
    assert torch.equal(LogMel(Features())(power, masked), LogMel(Features())(silent))


@pytest.mark.parametrize("padding", [0, 8])
def test_silence_is_zero(padding):
    assert not LogMel(Features(), padding)(torch.zeros(2, 20, 6)).any()


@pytest.mark.parametrize(("quietest", "loudest", "edge"), [(-60, 30, -50), (-20, 5, -75), (-60, -30, -100)])
def test_padding_is_80_db_below_the_maximum_and_at_least_at_100_db(quietest, loudest, edge):
    """The edge is max(loudest - 80, -100) dB, whether the clip reaches it or not."""
    level = np.random.default_rng(0).uniform(quietest, loudest, (20, 6))
    level[3, 4], level[5, 2] = loudest, quietest
    spectrogram = LogMel(Features(), padding=3)(torch.tensor(10 ** (level[None] / 10)).float())[0, 0]
    assert spectrogram.shape == (6, 26)
    padded = np.pad(np.maximum(level, edge).T, ((0, 0), (3, 3)), constant_values=edge)
    np.testing.assert_allclose(spectrogram, (padded - padded.mean()) / padded.std(), atol=1e-4)
