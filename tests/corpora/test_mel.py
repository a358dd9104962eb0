import librosa
import numpy as np
import pytest
import torch

from tagasc.config import Mel
from tagasc.corpora.mel import MelPower
from tagasc.errors import InputError


@pytest.mark.parametrize(
    ("settings", "sample_rate", "seconds"),
    [
        (Mel(), 44100, 1.0),
        (Mel(), 44100, 0.3),
        (Mel(n_fft=400, hop=160, bands=40, low=0, high=8000), 16000, 0.5),
    ],
)
def test_equals_librosa(settings, sample_rate, seconds):
    waveform = np.random.default_rng(0).normal(0, 0.1, (2, int(seconds * sample_rate))).astype(np.float32)
    mel = MelPower(settings, sample_rate)
    power = mel(torch.from_numpy(waveform)).numpy()
    expected = librosa.feature.melspectrogram(
        y=waveform,
        sr=sample_rate,
        n_fft=settings.n_fft,
        hop_length=settings.hop,
        pad_mode="reflect",
        n_mels=settings.bands,
        fmin=settings.low,
        fmax=settings.high,
    ).swapaxes(1, 2)
    assert power.shape == (2, mel.frames(waveform.shape[1]), settings.bands)
    np.testing.assert_allclose(librosa.power_to_db(power), librosa.power_to_db(expected), atol=1e-3)


def test_ten_seconds_have_1271_frames():
    mel = MelPower(Mel(), 44100)
    assert mel.frames(441000) == 1271
    assert mel(torch.zeros(1, 441000)).shape == (1, 1271, 128)


@pytest.mark.parametrize("samples", [1, 127, 128, 129, 255, 256, 257, 400])
def test_frames_of_short_waveforms(samples):
    mel = MelPower(Mel(n_fft=256, hop=80, bands=16, low=20, high=4000), 8000)
    assert mel(torch.ones(1, samples)).shape[1] == mel.frames(samples)


def test_odd_window():
    with pytest.raises(InputError, match=r"events.mel.n_fft: 401 is odd"):
        MelPower(Mel(n_fft=401), 44100)


def test_too_short_waveform_is_padded_with_silence():
    mel = MelPower(Mel(n_fft=256, hop=80, bands=16, low=20, high=4000), 8000)
    waveform = torch.zeros(1, 256)
    waveform[:, :100] = torch.randn(100, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(mel(waveform[:, :100]), mel(waveform))


def test_bands_between_two_frequencies_stay_empty():
    power = MelPower(Mel(n_fft=64, hop=32, bands=64, low=20, high=4000), 8000)(torch.randn(1, 800))
    assert (power == 0).all(1).any()
    assert torch.isfinite(power).all()
