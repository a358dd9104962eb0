import librosa
import numpy as np
import pytest
import torch

from tagasc.audio import mel_power
from tagasc.audio.mel_power import MelPower
from tagasc.config import Mel
from tagasc.runtime.errors import InputError

SMALL = Mel(sample_rate=8000, n_fft=256, hop_length=80, n_mels=16, f_min=20, f_max=4000)


def librosa_mel_power(waveform, settings):
    """Return mel power (..., frames, bands) of waveforms (..., samples), reflected by NumPy."""
    if waveform.shape[-1] <= settings.n_fft // 2:
        missing = settings.n_fft - waveform.shape[-1]
        waveform = np.pad(waveform, [*[(0, 0)] * (waveform.ndim - 1), (0, missing)])
    half = settings.n_fft // 2
    waveform = np.pad(waveform, [*[(0, 0)] * (waveform.ndim - 1), (half, half)], mode="reflect")
    return librosa.feature.melspectrogram(
        y=waveform,
        sr=settings.sample_rate,
        n_fft=settings.n_fft,
        hop_length=settings.hop_length,
        center=False,
        n_mels=settings.n_mels,
        fmin=settings.f_min,
        fmax=settings.f_max,
    ).swapaxes(-1, -2)


@pytest.mark.parametrize(
    ("settings", "seconds"),
    [
        (Mel(), 1.0),
        (Mel(), 0.3),
        (Mel(sample_rate=16000, n_fft=400, hop_length=160, n_mels=40, f_min=0, f_max=8000), 0.5),
    ],
)
def test_mel_power_equals_librosa(settings, seconds):
    samples = int(seconds * settings.sample_rate)
    waveform = np.random.default_rng(0).normal(0, 0.1, (2, samples)).astype(np.float32)
    mel = MelPower(settings)
    power = mel(torch.from_numpy(waveform)).numpy()
    expected = librosa_mel_power(waveform, settings)
    assert power.shape == (2, mel.frames(waveform.shape[1]), settings.n_mels)
    np.testing.assert_allclose(librosa.power_to_db(power), librosa.power_to_db(expected), atol=1e-3)


@pytest.mark.parametrize("block", [1, 7, 256])
def test_clips_of_different_lengths_give_the_same_as_alone(monkeypatch, block):
    """Lengths are near half a window, a window, and whole numbers of hops. Loud clips are next to quiet ones."""
    monkeypatch.setattr(mel_power, "_BLOCK", {"cpu": block})
    random, mel = np.random.default_rng(0), MelPower(SMALL)
    lengths = [2400, 1, 8000, 128, 129, 256, 257, 800, 799, 801, 100, 3217]
    clips = [random.normal(0, 10.0 ** random.integers(-4, 1), n).astype(np.float32) for n in lengths]
    clips.insert(4, np.zeros(400, np.float32))
    together = mel.of_clips([torch.from_numpy(clip) for clip in clips])
    assert [len(power) for power in together] == [mel.frames(len(clip)) for clip in clips]
    for clip, power in zip(clips, together, strict=True):
        alone = mel(torch.from_numpy(clip)[None])[0]
        torch.testing.assert_close(power, alone, rtol=1e-5, atol=1e-6 * alone.max().item())
        expected = librosa_mel_power(clip, SMALL)
        np.testing.assert_allclose(power, expected, rtol=1e-3, atol=1e-6 * expected.max())
    assert not together[4].any()


def test_memory_does_not_grow_with_the_longest_clip():
    """A padded batch would transform 64 × 30 s. End to end, the clips are hardly longer than 30 s."""
    mel, samples = MelPower(Mel()), []
    mel.transform.register_forward_pre_hook(lambda _module, inputs: samples.append(inputs[0].numel()))
    mel.of_clips([torch.zeros(30 * 44100), *[torch.zeros(13230)] * 63])
    assert max(samples) <= 256 * 347 + 2560
    assert sum(samples) < 1.15 * (30 * 44100 + 63 * (13230 + 2 * 2560))


def test_ten_seconds_have_1271_frames():
    mel = MelPower(Mel())
    assert mel.frames(441000) == 1271
    assert mel(torch.zeros(1, 441000)).shape == (1, 1271, 128)


@pytest.mark.parametrize("samples", [1, 127, 128, 129, 255, 256, 257, 400])
def test_frames_of_short_waveforms(samples):
    mel = MelPower(SMALL)
    assert mel(torch.ones(1, samples)).shape[1] == mel.frames(samples)


def test_an_odd_window_is_refused():
    with pytest.raises(InputError, match=r"events.mel.n_fft: 401 is odd"):
        MelPower(Mel.model_construct(n_fft=401))  # a validated section has an even window


def test_a_too_short_waveform_is_padded_with_silence():
    mel = MelPower(SMALL)
    waveform = torch.zeros(1, 256)
    waveform[:, :100] = torch.randn(100, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(mel(waveform[:, :100]), mel(waveform))


def test_bands_between_two_frequencies_stay_empty():
    power = MelPower(Mel(sample_rate=8000, n_fft=64, hop_length=32, n_mels=64, f_max=4000))(torch.randn(1, 800))
    assert (power == 0).all(1).any()
    assert torch.isfinite(power).all()
