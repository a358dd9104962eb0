"""Augmentation of training clips in mel power: slices, crops, mix-up within a pool, and frequency masks.

It follows section 4.2 of the paper and Akiyama and Sato (2019) [14].
"""

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tagasc.artifacts.events import EventCorpus
from tagasc.config import Stage2, TaggerTraining
from tagasc.tagger.log_mel import LogMel
from tagasc.tagger.pools import Pool


class Batch(NamedTuple):
    """Spectrograms (batch, 1, band, frame) and their targets (batch, classes)."""

    spectrograms: Tensor
    targets: Tensor


class AugmentedPool:
    """A pool that returns augmented batches.

    Parameters
    ----------
    events
        The packed events.
    pool
        The clips to draw from.
    training
        Length of a slice; probabilities and sizes of mix-up and masks.
    log_mel
        What turns mel power into spectrograms.
    random
        Generator of all draws.
    device
        Where spectrograms are computed.
    stage2
        If given, slices are cropped in time. The released code of [14] crops along the frequency axis if the clip is
        longer than a slice. This is taken for a mistake and not repeated.
    """

    def __init__(
        self,
        events: EventCorpus,
        pool: Pool,
        training: TaggerTraining,
        log_mel: LogMel,
        random: np.random.Generator,
        device: torch.device,
        stage2: Stage2 | None = None,
    ) -> None:
        self.events, self.pool, self.training, self.log_mel = events, pool, training, log_mel
        self.random, self.device, self.stage2 = random, device, stage2

    def batch(self, positions: NDArray[np.int64]) -> Batch:
        """Return the augmented clips at these positions of the pool.

        With the configured probabilities, each clip is mixed with another clip of the pool, and a band of its
        frequencies is masked. Both clips of a mixture are sliced and cropped independently.
        """
        count = len(positions)
        partners = self.pool.draw_partners(count, self.random)
        shares = self._mixup_shares(count)
        power = np.stack([self._slice(position) for position in positions])
        for clip in np.flatnonzero(shares < 1):
            power[clip] = shares[clip] * power[clip] + (1 - shares[clip]) * self._slice(partners[clip])
        share = shares[:, None]
        targets = share * self.pool.targets[positions] + (1 - share) * self.pool.targets[partners]
        masked = self._mask(torch.from_numpy(power).to(self.device))
        return Batch(self.log_mel(masked), torch.tensor(targets, device=self.device))

    def _mixup_shares(self, count: int) -> NDArray[np.float32]:
        """Draw each clip's share of its mixture, (count,); 1 where it is not mixed."""
        alpha = self.training.mixup_alpha
        shares = self.random.beta(alpha, alpha, count).astype(np.float32)
        shares[self.random.random(count) >= self.training.mixup_probability] = 1.0
        return shares

    def _slice(self, position: int) -> NDArray[np.float32]:
        """Return a random slice of a clip, placed in ``slice_frames`` frames of silence."""
        part = 1.0
        if self.stage2 is not None and self.random.random() < self.stage2.crop_probability:
            part = self.random.uniform(self.stage2.min_crop, 1.0)
        power = self.events.power(int(self.pool.rows[position]))
        return random_slice(power, part, self.training.slice_frames, self.random)

    def _mask(self, power: Tensor) -> Tensor:
        """Mask a band of frequencies of some clips of mel power (batch, frame, band)."""
        count, _, bands = power.shape
        centre = self.random.uniform(0, bands, count)
        narrowest, widest = self.training.mask_half_width
        half_width = self.random.uniform(narrowest, widest, count)
        half_width[self.random.random(count) >= self.training.mask_probability] = 0.0
        return mask_bands(
            power,
            torch.tensor(centre, dtype=torch.float32, device=self.device),
            torch.tensor(half_width, dtype=torch.float32, device=self.device),
        )


def random_slice(
    power: NDArray[np.float32], part: float, slice_frames: int, random: np.random.Generator
) -> NDArray[np.float32]:
    """Return a random slice of mel power, cropped and filled up with silence.

    Parameters
    ----------
    power
        Mel power of a clip, (frames, bands). If it is longer than the slice, the crop stays at its place in the slice.
        Otherwise, the crop is placed at a random offset in silence.
    part
        Share of what the slice shows of the clip that a crop keeps. 1 keeps everything.
    slice_frames
        Number of frames to return.
    random
        Generator of the draws.
    """
    if longer := len(power) > slice_frames:
        start = int(random.integers(len(power) - slice_frames + 1))
        power = power[start : start + slice_frames]
    kept = max(1, int(part * len(power)))
    first = int(random.integers(len(power) - kept + 1))
    offset = first if longer else int(random.integers(slice_frames - kept + 1))
    placed = np.zeros((slice_frames, power.shape[1]), np.float32)
    placed[offset : offset + kept] = power[first : first + kept]
    return placed


def mask_bands(power: Tensor, centre: Tensor, half_width: Tensor) -> Tensor:
    """Silence the bands of (batch, frame, band) that are nearer than ``half_width`` (batch,) to ``centre`` (batch,)."""
    bands = torch.arange(power.shape[2], device=power.device)
    masked = (bands - centre[:, None]).abs() < half_width[:, None]
    return power.masked_fill(masked[:, None], 0.0)
