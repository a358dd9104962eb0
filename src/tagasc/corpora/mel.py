"""Mel power spectrograms."""

import warnings
from collections.abc import Iterator, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor
from torchaudio.transforms import MelSpectrogram

from tagasc.config import Mel
from tagasc.errors import InputError

# Frames that are transformed together; each takes 25 kB on the way with a window of 2,560 samples. On one CPU core
# 256 frames stay in the cache: 400 clips of 4 s take half of the time that they take in batches of 16 clips. A GPU
# wants many at once.
_BLOCK = {"cpu": 256, "cuda": 16384}


class MelPower(torch.nn.Module):
    """Mel power spectrogram in librosa's conventions: centred frames, reflect padding, Slaney's scale and norm.

    Takes float32 (batch, samples) at ``sample_rate`` Hz and returns float32 (batch, frames, bands); `of_clips` takes
    clips of different lengths. A waveform that is too short to be reflected is zero-padded to one window first.

    Raises
    ------
    InputError
        If ``settings.n_fft`` is odd; torchaudio's filters would be misplaced.
    """

    def __init__(self, settings: Mel, sample_rate: int) -> None:
        super().__init__()
        if settings.n_fft % 2:
            raise InputError(f"events.mel.n_fft: {settings.n_fft} is odd; take an even number of samples")
        self.n_fft = settings.n_fft
        self.hop = settings.hop
        with warnings.catch_warnings():
            # A band that is narrower than the distance of two frequencies stays empty, in librosa too.
            warnings.filterwarnings("ignore", "At least one mel filterbank has all zero values", UserWarning)
            self.transform = MelSpectrogram(
                sample_rate,
                n_fft=settings.n_fft,
                hop_length=settings.hop,
                f_min=settings.low,
                f_max=settings.high,
                n_mels=settings.bands,
                power=2.0,
                center=False,
                norm="slaney",
                mel_scale="slaney",
            )

    def frames(self, samples: int) -> int:
        """Return the number of frames of a waveform of so many samples."""
        return 1 + self._filled(samples) // self.hop

    def forward(self, waveform: Tensor) -> Tensor:
        """Return mel power (batch, frames, bands) of waveforms (batch, samples)."""
        return torch.stack(self.of_clips(list(waveform)))

    def of_clips(self, waveforms: Sequence[Tensor]) -> list[Tensor]:
        """Return the mel power (frames, bands) of each of several waveforms (samples,) of any lengths.

        Each clip is padded by itself, and all are laid end to end and cut into frames together; frames that would
        hear two clips are left out. Nothing is padded to the longest clip, and memory is that of a block of frames
        above input and output, however long the clips are.
        """
        padded = [self._padded(waveform) for waveform in waveforms]
        power = torch.cat(list(self._blocks(torch.cat(padded))))
        starts = [0]
        for clip in padded:
            starts.append(starts[-1] + len(clip) // self.hop)
        return [
            power[start : start + self.frames(len(waveform))]
            for start, waveform in zip(starts, waveforms, strict=False)
        ]

    def _blocks(self, waveform: Tensor) -> Iterator[Tensor]:
        """Yield the mel power (at most `_BLOCK` frames, bands) of a long waveform, without padding."""
        frames, block = 1 + (len(waveform) - self.n_fft) // self.hop, _BLOCK[waveform.device.type]
        for first in range(0, frames, block):
            last = min(first + block, frames) - 1
            yield self.transform(waveform[first * self.hop : last * self.hop + self.n_fft]).T

    def _padded(self, waveform: Tensor) -> Tensor:
        """Reflect half a window on both sides, and fill up to a whole number of hops."""
        missing = self._filled(len(waveform)) - len(waveform)
        half = self.n_fft // 2
        centred = F.pad(F.pad(waveform, (0, missing))[None], (half, half), mode="reflect")[0]
        return F.pad(centred, (0, -len(centred) % self.hop))

    def _filled(self, samples: int) -> int:
        # A reflection of half a window takes more than half a window of samples.
        return samples if samples > self.n_fft // 2 else self.n_fft
