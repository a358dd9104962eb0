"""Augmented training batches in mel power: slices, mix-up within a subset, frequency masks (section 4.2, and [14])."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tagasc.config import Tagger
from tagasc.corpora.packed import PackedEvents
from tagasc.tagger.log_mel import log_mel, mask_bands


@dataclass(frozen=True)
class Pool:
    """Clips to draw from: rows of the packed events, their targets (rows, classes), and the probability of each row."""

    rows: NDArray[np.int64]
    targets: NDArray[np.float32]
    probability: NDArray[np.float64] | None = None

    def draw(self, count: int, random: np.random.Generator) -> NDArray[np.int64]:
        """Draw positions of the pool; without repetition as far as it reaches, unless rows have probabilities."""
        if self.probability is not None:
            return random.choice(len(self.rows), count, p=self.probability)
        passes = -(-count // len(self.rows))
        return np.concatenate([random.permutation(len(self.rows)) for _ in range(passes)])[:count]


def slice_of(
    events: PackedEvents, row: int, length: int, shown: int, random: np.random.Generator
) -> NDArray[np.float32]:
    """Return ``length`` frames of mel power (length, band): a random slice of at most ``shown`` frames of a clip.

    What is shorter than ``length`` is placed at a random offset in silence.
    """
    power = events.power(row)
    if len(power) > shown:
        first = int(random.integers(len(power) - shown + 1))
        power = power[first : first + shown]
    placed = np.zeros((length, power.shape[1]), "float32")
    offset = int(random.integers(length - len(power) + 1))
    placed[offset : offset + len(power)] = power
    return placed


def augmented_batch(
    events: PackedEvents,
    pool: Pool,
    positions: NDArray[np.int64],
    settings: Tagger,
    random: np.random.Generator,
    device: torch.device,
    *,
    crop: bool = False,
) -> tuple[Tensor, Tensor]:
    """Return log-mel spectrograms (batch, 1, band, frame) and targets (batch, classes) of positions of a pool.

    Each clip is mixed, with a probability, with another one of the pool, and then loses a band of frequencies, with a
    probability. ``crop`` cuts the slices to a random part of their length, with a probability (stage 2's soft labels;
    the released code cuts along the wrong axis, this is along time).
    """
    count, length = len(positions), settings.slice_frames
    partners = pool.draw(count, random)
    share = random.beta(settings.mix_up_alpha, settings.mix_up_alpha, count).astype("float32")
    share[random.random(count) >= settings.mix_up_probability] = 1.0

    shown = np.full(count, length)
    if crop:
        part = random.uniform(settings.crop_shortest, 1.0, count)
        part[random.random(count) >= settings.crop_probability] = 1.0
        shown = np.maximum(1, np.round(part * length)).astype(int)
    power = np.stack(
        [
            slice_of(events, int(row), length, int(frames), random)
            for row, frames in zip(pool.rows[positions], shown, strict=True)
        ]
    )
    for clip in np.flatnonzero(share < 1):
        partner = slice_of(events, int(pool.rows[partners[clip]]), length, int(shown[clip]), random)
        power[clip] = share[clip] * power[clip] + (1 - share[clip]) * partner
    targets = share[:, None] * pool.targets[positions] + (1 - share[:, None]) * pool.targets[partners]

    centre = random.uniform(0, power.shape[2], count)
    narrowest, widest = settings.mask_half_width
    half_width = random.uniform(narrowest, widest, count)
    half_width[random.random(count) >= settings.mask_probability] = 0.0
    masked = mask_bands(
        torch.from_numpy(power).to(device),
        torch.tensor(centre, dtype=torch.float32, device=device),
        torch.tensor(half_width, dtype=torch.float32, device=device),
    )
    return log_mel(masked, settings), torch.tensor(targets, device=device)
