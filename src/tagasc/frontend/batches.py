"""Training clips in batches: a permutation per epoch, random crops and mix-up."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from torch import Tensor

from tagasc.config import Training
from tagasc.frontend.dataset import SceneDataset


@dataclass(frozen=True)
class Batch:
    """A batch after mix-up: each clip is mixed with a partner from the same batch.

    Parameters
    ----------
    waveform
        (batch, channel, time), mixed waveforms.
    tags
        (batch, tags), tag vectors, mixed as well if the training says so.
    labels, partner_labels
        (batch,), labels of the clips and of their partners.
    share
        (), share of each clip in its mixture; None without mix-up.
    """

    waveform: Tensor
    tags: Tensor
    labels: Tensor
    partner_labels: Tensor
    share: Tensor | None


class Batches:
    """The training clips of a dataset in batches.

    Parameters
    ----------
    dataset
        Clips to draw from.
    training
        Batch size and mix-up.
    crop
        Length of the random crops in pre-emphasised samples; None for whole clips.
    random
        Generator of permutations, crops and mix-up.

    Raises
    ------
    InputError
        If the training clips do not fill a batch.
    """

    def __init__(self, dataset: SceneDataset, training: Training, crop: int | None, random: Generator) -> None:
        self.dataset, self.crop, self.random = dataset, crop, random
        self.batch_size, self.alpha = training.batch_size, training.mixup_alpha
        self.mixup_from_epoch, self.mixup_tags = training.mixup_from_epoch, training.mixup_tags
        self.clips = np.arange(dataset.train.start, dataset.train.stop)
        training.require_clips(len(self.clips))

    def epoch(self, number: int) -> Iterator[Batch]:
        """Yield the batches of an epoch, counted from 1. An incomplete last batch is dropped."""
        rows = self._draw_rows()
        steps = len(rows)
        mixed = number >= self.mixup_from_epoch
        starts, partners = np.zeros(rows.shape, np.int64), np.zeros(rows.shape, np.int64)
        shares = np.ones(steps)
        for step in range(steps):
            if self.crop is not None:
                latest = self.dataset.waveforms.shape[2] - 1 - self.crop
                starts[step] = self.random.integers(0, latest + 1, self.batch_size)
            if mixed:
                shares[step] = self.random.beta(self.alpha, self.alpha)
                partners[step] = self.random.permutation(self.batch_size)

        # All numbers go to the device at once: with one copy per step, the device would wait for the host.
        device = self.dataset.device
        all_partners = torch.from_numpy(partners).to(device)
        all_shares = torch.from_numpy(shares).to(device, self.dataset.scale.dtype)
        for step, batch in enumerate(self._unmixed(rows, None if self.crop is None else starts)):
            yield self._mix(batch, all_partners[step], all_shares[step]) if mixed else batch

    def _draw_rows(self) -> NDArray[np.int64]:
        """Draw the clips of an epoch: rows of the dataset (steps, batch). An incomplete last batch is dropped."""
        steps = len(self.clips) // self.batch_size
        return self.random.permutation(self.clips)[: steps * self.batch_size].reshape(steps, self.batch_size)

    def _unmixed(self, rows: NDArray[np.int64], starts: NDArray[np.int64] | None) -> Iterator[Batch]:
        """Yield the batches of these rows (steps, batch), whose crops begin at ``starts`` (steps, batch)."""
        for waveform, tags, labels in self.dataset.training_batches(rows, starts, self.crop):
            yield Batch(waveform, tags, labels, labels, None)

    def _mix(self, batch: Batch, partners: Tensor, share: Tensor) -> Batch:
        """Return share · clip + (1 - share) · partner."""
        mixed, tags, labels = torch.lerp(batch.waveform[partners], batch.waveform, share), batch.tags, batch.labels
        if self.mixup_tags:
            tags = torch.lerp(tags[partners], tags, share)
        return Batch(mixed, tags, labels, labels[partners], share)
