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
    """A batch before mix-up.

    Attributes
    ----------
    rows, starts : (batch,), its clips, and where their crops begin (None for whole clips), where the waveforms are
    partners : (batch,), with which of the batch each clip is mixed, on the device
    share : (), of each clip in its mixture, on the device; None without mix-up
    """

    rows: Tensor
    starts: Tensor | None
    partners: Tensor
    share: Tensor | None


def draw_epoch(
    epoch: int, corpus: Corpus, training: Training, crop: int | None, random: np.random.Generator
) -> Iterator[Batch]:
    """Yield the batches of an epoch (counted from 1): the training clips permuted, without an incomplete batch.

    All are drawn first, and go to the device at once: a copy for each step would make the device wait for the host.
    """
    batch, latest = training.batch, corpus.waveforms.shape[2] - (crop or 0)
    mixed = epoch >= training.mix_up_from_epoch
    order = random.permutation(np.arange(corpus.train.start, corpus.train.stop))
    steps = len(order) // batch
    starts, shares, partners = [], [], []
    for _ in range(steps):
        starts.append(random.integers(0, latest + 1, batch) if crop is not None else [0])
        shares.append(random.beta(training.mix_up_alpha, training.mix_up_alpha) if mixed else 1.0)
        partners.append(random.permutation(batch) if mixed else np.arange(batch))
    at_waveforms, device = corpus.waveforms.device, corpus.scale.device
    rows = torch.from_numpy(order[: steps * batch].reshape(steps, batch)).to(at_waveforms)
    all_starts = torch.tensor(np.array(starts), device=at_waveforms)
    all_partners = torch.tensor(np.array(partners), device=device)
    all_shares = torch.tensor(shares, dtype=corpus.scale.dtype, device=device)
    for step in range(steps):
        yield Batch(
            rows[step],
            all_starts[step] if crop is not None else None,
            all_partners[step],
            all_shares[step] if mixed else None,
        )


def mix(values: Tensor, batch: Batch) -> Tensor:
    """Return share · values + (1 - share) · their partners, along the first dimension."""
    return values if batch.share is None else torch.lerp(values[batch.partners], values, batch.share)
