"""Log-mel spectrogram: what the tagger's network sees."""

import torch.nn.functional as F
from torch import Tensor, nn
from torchaudio.functional import amplitude_to_DB

from tagasc.config import Features


class LogMel(nn.Module):
    """Log-mel spectrogram of mel power, padded, and standardised clip by clip.

    Parameters
    ----------
    features
        Lowest power and dynamic range.
    padding
        Frames of zero power that are added on both sides.

    Examples
    --------
    >>> import torch
    >>> LogMel(Features(), padding=8)(torch.rand(2, 100, 128)).shape
    torch.Size([2, 1, 128, 116])
    """

    def __init__(self, features: Features, padding: int = 0) -> None:
        super().__init__()
        self.amin, self.top_db, self.padding = features.amin, features.top_db, padding

    def forward(self, power: Tensor) -> Tensor:
        """Map mel power (batch, frame, band) to spectrograms (batch, 1, band, frame)."""
        level = self.decibels(F.pad(power, (0, 0, self.padding, self.padding)))
        return standardise(level).transpose(1, 2)[:, None]

    def decibels(self, power: Tensor) -> Tensor:
        """Return mel power (batch, frame, band) in dB re 1, at most ``top_db`` below the maximum of each clip."""
        # Four dimensions, because amplitude_to_DB would take the maximum of the whole batch in three.
        decibels = amplitude_to_DB(
            power[:, None], multiplier=10.0, amin=self.amin, db_multiplier=0.0, top_db=self.top_db
        )
        return decibels[:, 0]


def standardise(level: Tensor) -> Tensor:
    """Return levels (batch, frame, band) shifted and scaled so that each clip has mean 0 and standard deviation 1."""
    mean = level.mean(dim=(1, 2), keepdim=True)
    deviation = level.std(dim=(1, 2), keepdim=True, correction=0)
    return (level - mean) / (deviation + 1e-7)
