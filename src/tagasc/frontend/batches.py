"""The training clips in batches: a permutation an epoch, random crops and the partners of mix-up."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from tagasc.config import Training
from tagasc.frontend.corpus import Corpus


@dataclass(frozen=True)
class Batch:
    """A batch before mix-up: its clips, their partners and the share of each clip in the mixture."""

    rows: Tensor
    partners: Tensor
    share: float
    starts: Tensor | None


def draw_epoch(
    epoch: int, corpus: Corpus, training: Training, crop: int | None, random: np.random.Generator
) -> Iterator[Batch]:
    """Yield the batches of an epoch (counted from 1): the training clips permuted, without an incomplete batch."""
    order = random.permutation(np.arange(corpus.train.start, corpus.train.stop))
    latest = corpus.waveforms.shape[2] - (crop or 0)
    for first in range(0, len(order) - training.batch + 1, training.batch):
        rows = torch.from_numpy(order[first : first + training.batch])
        starts = None if crop is None else torch.from_numpy(random.integers(0, latest + 1, training.batch))
        share, partners = 1.0, torch.arange(training.batch)
        if epoch >= training.mix_up_from_epoch:
            share = random.beta(training.mix_up_alpha, training.mix_up_alpha)
            partners = torch.from_numpy(random.permutation(training.batch))
        yield Batch(rows, partners, share, starts)


def mix(values: Tensor, partners: Tensor, share: float) -> Tensor:
    """Return share · values + (1 - share) · their partners, along the first dimension."""
    return values if share == 1 else share * values + (1 - share) * values[partners]
