"""Mel power spectrogram from products of matrices, which every runtime computes alike.

ONNX has an operator STFT. With ONNX Runtime 1.32.0, standardised log-mel spectrograms then differ by 3.4e-3 from those
of torch, and two clips of 10 s take 0.90 s. A convolution with whole cosines and sines is faster, but on two cores
without AVX-512 it still takes about four times as long as these products, and its filters have 26 MB.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tagasc.audio.mel_power import MelPower


class MatrixMelPower(nn.Module):
    """The spectrogram of `tagasc.audio.mel_power.MelPower` for waveforms of one length.

    The Fourier transform of a window of rows × columns samples has two steps, after Cooley and Tukey (1965): transforms
    of all columns, a rotation, and transforms of all rows. Waveforms are real, so half of the first step is enough.

    Parameters
    ----------
    mel_power
        The transform to reproduce.
    samples
        Length of a waveform.

    Examples
    --------
    >>> from tagasc.config import Mel
    >>> mel = MelPower(Mel(sample_rate=8000, n_fft=256, hop_length=80, n_mels=16, f_max=4000.0))
    >>> MatrixMelPower(mel, 800)(torch.zeros(3, 800)).shape
    torch.Size([3, 11, 16])
    """

    def __init__(self, mel_power: MelPower, samples: int) -> None:
        super().__init__()
        self.size, self.hop_length = mel_power.n_fft, mel_power.hop_length
        # A waveform that is too short to be reflected is zero-padded first, as in MelPower.
        self.missing = 0 if samples > self.size // 2 else self.size - samples
        self.frames, self.overlap = mel_power.frames(samples), -(-self.size // self.hop_length)
        length = samples + self.missing + self.size
        self.end = (self.frames - 1 + self.overlap) * self.hop_length - length

        self.rows = _rows(self.size)
        self.columns = self.size // self.rows
        half = self.rows // 2 + 1
        self.window = nn.Buffer(mel_power.transform.spectrogram.window.cpu())
        turns = torch.outer(torch.arange(half), torch.arange(self.rows))
        self.of_columns = nn.Buffer(torch.cat(_cosine_and_sine(turns, self.rows)))
        turns = torch.outer(torch.arange(half), torch.arange(self.columns))
        cosine, sine = _cosine_and_sine(turns, self.size)
        self.cosine, self.sine = nn.Buffer(cosine), nn.Buffer(sine)
        turns = torch.outer(torch.arange(self.columns), torch.arange(self.columns))
        cosine, sine = _cosine_and_sine(turns, self.columns)
        self.of_rows = nn.Buffer(torch.cat([torch.cat([cosine, sine], 1), torch.cat([-sine, cosine], 1)]))
        self.bands = nn.Buffer(self._bands(mel_power.transform.mel_scale.fb.cpu()))

    def forward(self, waveform: Tensor) -> Tensor:
        """Map waveforms (batch, samples) to mel power (batch, frames, bands)."""
        real, imaginary = self.transform(self._windows(waveform))
        return (real * real + imaginary * imaginary).flatten(2) @ self.bands

    def transform(self, windows: Tensor) -> tuple[Tensor, Tensor]:
        """Return the real and the imaginary part of the Fourier transforms of windows (batch, frames, samples).

        Returns
        -------
        real, imaginary : (batch, frames, rows // 2 + 1, columns), for the frequencies of `frequencies`
        """
        real, imaginary = _halves(self.of_columns @ windows.unflatten(2, (self.rows, self.columns)), 2)
        turned = torch.cat(
            [real * self.cosine - imaginary * self.sine, real * self.sine + imaginary * self.cosine], dim=3
        )
        return _halves(turned @ self.of_rows, 3)

    def frequencies(self) -> Tensor:
        """Return the frequencies (rows // 2 + 1, columns) that `transform` computes, in cycles per window."""
        return torch.arange(self.rows // 2 + 1)[:, None] + self.rows * torch.arange(self.columns)

    def _windows(self, waveform: Tensor) -> Tensor:
        """Return the windows (batch, frames, samples) of waveforms, centred at multiples of the hop."""
        reach = self.size // 2, self.size // 2
        padded = F.pad(F.pad(waveform, (0, self.missing))[:, None], reach, mode="reflect")[:, 0]
        hops = F.pad(padded, (0, self.end)).unflatten(1, (-1, self.hop_length))
        joined = torch.cat([hops[:, first : first + self.frames] for first in range(self.overlap)], dim=2)
        return joined[:, :, : self.size] * self.window

    def _bands(self, bands: Tensor) -> Tensor:
        """Return the filters (rows // 2 + 1 · columns, bands) of the frequencies that `transform` computes."""
        frequencies = self.frequencies().flatten()
        # Those above half of the sample rate mirror the others. Some occur twice, and the second one does not count.
        folded = torch.minimum(frequencies, self.size - frequencies)
        first = torch.tensor([int(each) not in folded[:place] for place, each in enumerate(folded)])
        return bands[folded] * first[:, None]


def _rows(size: int) -> int:
    """Return the divisor of a size that makes the fewest multiplications.

    >>> _rows(2560)
    64
    """
    divisors = (rows for rows in range(1, size + 1) if size % rows == 0)
    return min(divisors, key=lambda rows: rows + 2 * (size // rows))


def _cosine_and_sine(turns: Tensor, period: int) -> tuple[Tensor, Tensor]:
    """Return cosine and negative sine of turns, integers in 1 / period of a circle."""
    # Whole circles are left out before the turns become angles, so that all angles are exact.
    angles = (turns % period).double() * (2 * math.pi / period)
    return angles.cos().float(), -angles.sin().float()


def _halves(values: Tensor, dim: int) -> tuple[Tensor, Tensor]:
    size = values.shape[dim] // 2
    return values.narrow(dim, 0, size), values.narrow(dim, size, size)
