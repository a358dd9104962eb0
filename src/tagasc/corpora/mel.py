"""Mel power spectrograms."""

import warnings

import torch
from torch import Tensor
from torchaudio.transforms import MelSpectrogram

from tagasc.config import Mel
from tagasc.errors import InputError


class MelPower(torch.nn.Module):
    """Mel power spectrogram in librosa's conventions: centred frames, reflect padding, Slaney's scale and norm.

    Takes float32 (batch, samples) at ``sample_rate`` Hz and returns float32 (batch, frames, bands). A waveform that is
    too short to be reflected is zero-padded to one window first.

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
                norm="slaney",
                mel_scale="slaney",
            )

    def frames(self, samples: int) -> int:
        """Return the number of frames of a waveform of so many samples."""
        return 1 + self._padded(samples) // self.hop

    def forward(self, waveform: Tensor) -> Tensor:
        """Return mel power (batch, frames, bands) of waveforms (batch, samples)."""
        missing = self._padded(waveform.shape[1]) - waveform.shape[1]
        power: Tensor = self.transform(torch.nn.functional.pad(waveform, (0, missing)) if missing else waveform)
        return power.transpose(1, 2)

    def _padded(self, samples: int) -> int:
        # A reflection of half a window takes more than half a window of samples.
        return samples if samples > self.n_fft // 2 else self.n_fft
