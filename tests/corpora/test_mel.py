import librosa
import numpy as np
import pytest
import torch

from tagasc.config import Mel
from tagasc.corpora import mel as mel_module
from tagasc.corpora.mel import MelPower
from tagasc.errors import InputError

SMALL = Mel(n_fft=256, hop=80, bands=16, low=20, high=4000)


def of_librosa(waveform, settings, sample_rate):
    """Return mel power (..., frames, bands) of waveforms (..., samples), reflected by NumPy."""
    if waveform.shape[-1] <= settings.n_fft // 2:
        missing = settings.n_fft - waveform.shape[-1]
        waveform = np.pad(waveform, [*[(0, 0)] * (waveform.ndim - 1), (0, missing)])
    half = settings.n_fft // 2
    waveform = np.pad(waveform, [*[(0, 0)] * (waveform.ndim - 1), (half, half)], mode="reflect")
    return librosa.feature.melspectrogram(
        y=waveform,
        sr=sample_rate,
        n_fft=settings.n_fft,
        hop_length=settings.hop,
        center=False,
        n_mels=settings.bands,
        fmin=settings.low,
        fmax=settings.high,
    ).swapaxes(-1, -2)


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
    expected = of_librosa(waveform, settings, sample_rate)
    assert power.shape == (2, mel.frames(waveform.shape[1]), settings.bands)
    np.testing.assert_allclose(librosa.power_to_db(power), librosa.power_to_db(expected), atol=1e-3)


@pytest.mark.parametrize("block", [1, 7, 256])
def test_clips_of_different_lengths_are_as_if_alone(monkeypatch, block):
    """Lengths around the window's half, the window, and whole numbers of hops; loud clips beside quiet ones."""
    monkeypatch.setattr(mel_module, "_BLOCK", {"cpu": block})
    random, mel = np.random.default_rng(0), MelPower(SMALL, 8000)
    lengths = [2400, 1, 8000, 128, 129, 256, 257, 800, 799, 801, 100, 3217]
    clips = [random.normal(0, 10.0 ** random.integers(-4, 1), n).astype(np.float32) for n in lengths]
    clips.insert(4, np.zeros(400, np.float32))
    together = mel.of_clips([torch.from_numpy(clip) for clip in clips])
    assert [len(power) for power in together] == [mel.frames(len(clip)) for clip in clips]
    for clip, power in zip(clips, together, strict=True):
        alone = mel(torch.from_numpy(clip)[None])[0]
        torch.testing.assert_close(power, alone, rtol=1e-5, atol=1e-6 * alone.max().item())
        expected = of_librosa(clip, SMALL, 8000)
        np.testing.assert_allclose(power, expected, rtol=1e-3, atol=1e-6 * expected.max())
    assert not together[4].any()


def test_memory_does_not_grow_with_the_longest_clip():
    """A padded batch would transform 64 times 30 s; laid end to end there are 30 s and little more."""
    mel, samples = MelPower(Mel(), 44100), []
    mel.transform.register_forward_pre_hook(lambda _module, inputs: samples.append(inputs[0].numel()))
    mel.of_clips([torch.zeros(30 * 44100), *[torch.zeros(13230)] * 63])
    assert max(samples) <= 256 * 347 + 2560
    assert sum(samples) < 1.15 * (30 * 44100 + 63 * (13230 + 2 * 2560))


def test_ten_seconds_have_1271_frames():
    mel = MelPower(Mel(), 44100)
    assert mel.frames(441000) == 1271
    assert mel(torch.zeros(1, 441000)).shape == (1, 1271, 128)


@pytest.mark.parametrize("samples", [1, 127, 128, 129, 255, 256, 257, 400])
def test_frames_of_short_waveforms(samples):
    mel = MelPower(SMALL, 8000)
    assert mel(torch.ones(1, samples)).shape[1] == mel.frames(samples)


def test_odd_window():
    with pytest.raises(InputError, match=r"events.mel.n_fft: 401 is odd"):
        MelPower(Mel(n_fft=401), 44100)


def test_too_short_waveform_is_padded_with_silence():
    mel = MelPower(SMALL, 8000)
    waveform = torch.zeros(1, 256)
    waveform[:, :100] = torch.randn(100, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(mel(waveform[:, :100]), mel(waveform))


def test_bands_between_two_frequencies_stay_empty():
    power = MelPower(Mel(n_fft=64, hop=32, bands=64, low=20, high=4000), 8000)(torch.randn(1, 800))
    assert (power == 0).all(1).any()
    assert torch.isfinite(power).all()
