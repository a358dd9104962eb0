"""From mel power to what the tagger sees: decibels, padding and standardisation."""

import torch
import torch.nn.functional as F
from torch import Tensor
from torchaudio.functional import amplitude_to_DB

from tagasc.config import Tagger


def decibel(power: Tensor, settings: Tagger) -> Tensor:
    """Return mel power (batch, frame, band) in dB re 1, at most ``settings.top_db`` below each clip's maximum."""
    levels = {"multiplier": 10.0, "db_multiplier": 0.0, "amin": settings.lowest_power, "top_db": settings.top_db}
    return amplitude_to_DB(power[:, None], **levels)[:, 0]


def standardise(level: Tensor) -> Tensor:
    """Return (batch, frame, band) with mean 0 and standard deviation 1 a clip, as images (batch, 1, band, frame)."""
    mean = level.mean(dim=(1, 2), keepdim=True)
    deviation = level.std(dim=(1, 2), keepdim=True, correction=0)
    return ((level - mean) / (deviation + 1e-7)).transpose(1, 2)[:, None]


def log_mel(power: Tensor, settings: Tagger, padding: int = 0) -> Tensor:
    """Return the standardised log-mel spectrogram (batch, 1, band, frame) of mel power (batch, frame, band).

    ``padding`` frames at the clip's minimum level are added on both sides.
    """
    level = decibel(power, settings)
    if padding:
        lowest = level.amin(dim=(1, 2), keepdim=True)
        # F.pad takes one value for a whole batch, and each clip has a minimum of its own.
        level = F.pad(level - lowest, (0, 0, padding, padding)) + lowest
    return standardise(level)


def mask_bands(power: Tensor, centre: Tensor, half_width: Tensor) -> Tensor:
    """Silence the bands of (batch, frame, band) that are nearer than ``half_width`` (batch,) to ``centre`` (batch,)."""
    bands = torch.arange(power.shape[2], device=power.device)
    masked = (bands - centre[:, None]).abs() < half_width[:, None]
    return power.masked_fill(masked[:, None], 0.0)
