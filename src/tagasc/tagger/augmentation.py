"""Augmentation of training clips in mel power: slices, mix-up and frequency masks, for all clips of a step at once."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tagasc.tagger.clip_power import ClipPower
from tagasc.tagger.draws import Draws
from tagasc.tagger.log_mel import LogMel


class Augmentation:
    """Spectrograms of augmented clips.

    Parameters
    ----------
    power
        Mel power of the training clips.
    slice_frames
        Length of a slice.
    log_mel
        What turns mel power into spectrograms.
    """

    def __init__(self, power: ClipPower, slice_frames: int, log_mel: LogMel) -> None:
        self.power, self.slice_frames, self.log_mel = power, slice_frames, log_mel

    def load(self, batches: Sequence[Draws[NDArray[Any]]]) -> Iterator[Draws[Tensor]]:
        """Yield the draws of batches as tensors on the device; there is one copy for all batches."""
        columns = [
            torch.from_numpy(np.concatenate(arrays))
            # Rows are needed where the packed values are.
            .to(self.power.packed.device if name == "origin" else self.power.device)
            .split([len(array) for array in arrays])
            for name, arrays in zip(Draws._fields, zip(*batches, strict=True), strict=True)
        ]
        yield from map(Draws, *columns)

    def spectrograms(self, draws: Draws[Tensor]) -> Tensor:
        """Return the spectrograms (batch, 1, band, frame) of a batch.

        Powers are mixed, and then turned into spectrograms with masked bands.
        """
        frame = torch.arange(self.slice_frames, device=self.power.device) - draws.offset[:, None]
        factor = draws.factor[:, None] * ((frame >= 0) & (frame < draws.kept[:, None]))
        slices = self.power.slices(draws.origin, self.slice_frames).float().mul_(factor[:, :, None])
        power, partners = slices.split([len(draws.targets), len(draws.mixed)])
        power.index_add_(0, draws.mixed, partners)
        return self.log_mel(power, masked_bands(power.shape[2], draws.centre, draws.half_width))


def masked_bands(bands: int, centre: Tensor, half_width: Tensor) -> Tensor:
    """Return which bands are nearer than ``half_width`` (batch,) to ``centre`` (batch,), as bool (batch, bands)."""
    band = torch.arange(bands, device=centre.device)
    return (band - centre[:, None]).abs() < half_width[:, None]
