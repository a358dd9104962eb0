"""Mel power spectrograms."""

import warnings
from collections.abc import Iterator, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor
from torchaudio.transforms import MelSpectrogram

from tagasc.config import Mel
from tagasc.runtime.errors import InputError

# Frames that are transformed at the same time. Each needs 25 kB in between with a window of 2,560 samples. On one CPU
# core, 256 frames stay in the cache: 400 clips of 4 s take half of the time that batches of 16 whole clips take. A GPU
# needs many frames to be busy.
_BLOCK = {"cpu": 256, "cuda": 16384}


class MelPower(torch.nn.Module):
    """Mel power spectrogram in librosa's conventions: centred frames, reflect padding, Slaney's scale and norm.

    A waveform that is too short to be reflected is zero-padded to one window first.

    Parameters
    ----------
    settings
        Section ``events.mel``.

    Raises
    ------
    InputError
        If the window has an odd number of samples, since torchaudio would misplace its filters.

    Examples
    --------
    >>> mel = MelPower(Mel(sample_rate=8000, n_fft=256, hop_length=80, n_mels=16, f_max=4000.0))
    >>> mel(torch.zeros(3, 800)).shape
    torch.Size([3, 11, 16])
    """

    def __init__(self, settings: Mel) -> None:
        super().__init__()
        if settings.n_fft % 2:
            raise InputError(f"events.mel.n_fft: {settings.n_fft} is odd; choose an even number of samples")
        self.n_fft = settings.n_fft
        self.hop_length = settings.hop_length
        with warnings.catch_warnings():
            # A band that is narrower than the distance between two frequencies stays empty, in librosa too.
            warnings.filterwarnings("ignore", "At least one mel filterbank has all zero values", UserWarning)
            self.transform = MelSpectrogram(
                settings.sample_rate,
                n_fft=settings.n_fft,
                hop_length=settings.hop_length,
                f_min=settings.f_min,
                f_max=settings.f_max,
                n_mels=settings.n_mels,
                power=2.0,
                center=False,
                norm="slaney",
                mel_scale="slaney",
            )

    def frames(self, samples: int) -> int:
        """Return the number of frames of a waveform of this length in samples."""
        return 1 + self._reflectable_length(samples) // self.hop_length

    def forward(self, waveform: Tensor) -> Tensor:
        """Return the mel power (batch, frames, bands) of waveforms (batch, samples), both float32."""
        return torch.stack(self.of_clips(list(waveform)))

    def of_clips(self, waveforms: Sequence[Tensor]) -> list[Tensor]:
        """Return the mel power (frames, bands) of each waveform (samples,); lengths may differ.

        Each clip is padded by itself. All clips are laid end to end and cut into frames together; frames that would
        span two clips are left out. Nothing is padded to the longest clip. In addition to input and output, only one
        block of frames is in memory, however long the clips are.
        """
        padded = [self._padded(waveform) for waveform in waveforms]
        power = torch.cat(list(self._blocks(torch.cat(padded))))
        starts = [0]
        for clip in padded:
            starts.append(starts[-1] + len(clip) // self.hop_length)
        return [
            power[start : start + self.frames(len(waveform))]
            for start, waveform in zip(starts, waveforms, strict=False)
        ]

    def _blocks(self, waveform: Tensor) -> Iterator[Tensor]:
        """Yield the mel power (at most `_BLOCK` frames, bands) of a long waveform, without padding."""
        frames, block = 1 + (len(waveform) - self.n_fft) // self.hop_length, _BLOCK[waveform.device.type]
        for first in range(0, frames, block):
            last = min(first + block, frames) - 1
            yield self.transform(waveform[first * self.hop_length : last * self.hop_length + self.n_fft]).T

    def _padded(self, waveform: Tensor) -> Tensor:
        """Reflect half a window on both sides, and zero-pad to a whole number of hops."""
        missing = self._reflectable_length(len(waveform)) - len(waveform)
        half = self.n_fft // 2
        centred = F.pad(F.pad(waveform, (0, missing))[None], (half, half), mode="reflect")[0]
        return F.pad(centred, (0, -len(centred) % self.hop_length))

    def _reflectable_length(self, samples: int) -> int:
        """Return the length to which a waveform is zero-padded before it is reflected."""
        # Reflecting half a window takes more than half a window of samples.
        return samples if samples > self.n_fft // 2 else self.n_fft
