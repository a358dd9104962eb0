import pytest
import torch

from tagasc.audio.mel_power import MelPower
from tagasc.bundle.export.mel import MatrixMelPower
from tagasc.config import Mel

MEL = Mel(sample_rate=6000, n_fft=256, hop_length=80, n_mels=16, f_max=3000.0)


# 100 and 128 samples are too short to be reflected, and 129 are just enough; the others end within and at a hop.
@pytest.mark.parametrize("samples", [1, 100, 128, 129, 256, 2999, 3000, 3040])
def test_it_is_the_mel_power_of_the_workflow(samples):
    waveform = torch.rand(3, samples, generator=torch.Generator().manual_seed(0)) - 0.5
    mel = MelPower(MEL)
    expected = mel(waveform)
    found = MatrixMelPower(mel, samples)(waveform)
    assert found.shape == expected.shape == (3, mel.frames(samples), 16)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-6)


def test_it_is_the_mel_power_of_the_workflow_at_the_papers_size():
    mel = MelPower(Mel())
    random = torch.Generator().manual_seed(0)
    waveform = torch.randn(1, 44_100, generator=random) * torch.logspace(0, -3, 44_100)
    found, expected = MatrixMelPower(mel, 44_100)(waveform), mel(waveform)
    assert (found - expected).abs().max() < 1e-5 * expected.max()
    decibels = [10 * power.clamp_min(expected.max() * 1e-8).log10() for power in (found, expected)]
    assert (decibels[0] - decibels[1]).abs().max() < 0.01


@pytest.mark.parametrize("size", [2, 10, 62, 256, 2560])
def test_the_transform_is_that_of_torch_stft(size):
    mel = MelPower(Mel(sample_rate=6000, n_fft=size, hop_length=80, n_mels=1, f_max=3000.0))
    matrices = MatrixMelPower(mel, 8000)
    windows = torch.randn(2, 5, size, generator=torch.Generator().manual_seed(0))
    real, imaginary = matrices.transform(windows)
    expected = torch.fft.fft(windows.double())[:, :, matrices.frequencies()]
    torch.testing.assert_close(torch.complex(real, imaginary).to(expected.dtype), expected, rtol=0, atol=1e-4)
    folded = torch.minimum(matrices.frequencies(), size - matrices.frequencies())
    assert set(folded.flatten().tolist()) == set(range(size // 2 + 1))


@pytest.mark.parametrize("hop", [1, 80, 255, 256, 300])
def test_windows_are_cut_as_torch_stft_cuts_them(hop):
    mel = MelPower(Mel(sample_rate=6000, n_fft=256, hop_length=hop, n_mels=16, f_max=3000.0))
    waveform = torch.rand(1, 1100, generator=torch.Generator().manual_seed(0)) - 0.5
    spectrum = torch.stft(
        waveform, 256, hop, window=torch.hann_window(256), center=True, pad_mode="reflect", return_complex=True
    )
    expected = spectrum.abs().pow(2).transpose(1, 2) @ mel.transform.mel_scale.fb
    torch.testing.assert_close(MatrixMelPower(mel, 1100)(waveform), expected, rtol=1e-4, atol=1e-6)
