"""The batches of an epoch."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tagasc.tagger.augmentation import AugmentedPool, Batch


class Step(NamedTuple):
    """The batches of one training step; stage 1 has no soft-labelled clips."""

    curated: Batch
    noisy: Batch
    soft: Batch | None


class Passes:
    """Batches of one pool, pass after pass, in the order of PyTorch's data loaders.

    The order of a pass follows from the seed and the number of the pass, so that a training that is resumed needs no
    state. A last batch of one clip joins the batch before, because it has no batch statistics of its own.

    Parameters
    ----------
    augmented
        The pool.
    batch_size
        Clips of a batch. The last batch of a pass may be smaller.
    seed
        Seed of the order.
    pool_number
        Number that tells the pools of a training apart.
    """

    def __init__(self, augmented: AugmentedPool, batch_size: int, seed: Sequence[int], pool_number: int) -> None:
        clips = len(augmented.pool.rows)
        self.augmented, self.seed, self.pool_number = augmented, seed, pool_number
        self.bounds = [*range(0, max(1, clips - 1), batch_size), clips]
        self._drawn: tuple[int, NDArray[np.int64]] | None = None

    def __len__(self) -> int:
        """Return the number of batches in a pass."""
        return len(self.bounds) - 1

    def batch(self, number: int) -> Batch:
        """Return a batch, counted from 0 at the start of the training."""
        passes, place = divmod(number, len(self))
        return self.augmented.batch(self._order(passes)[self.bounds[place] : self.bounds[place + 1]])

    def _order(self, number: int) -> NDArray[np.int64]:
        """Return the positions of a pass, counted from 0."""
        if self._drawn is None or self._drawn[0] != number:
            sequence = np.random.SeedSequence(self.seed, spawn_key=(self.pool_number, number))
            self._drawn = number, self.augmented.pool.draw_pass(np.random.default_rng(sequence))
        return self._drawn[1]


class Batches:
    """Training steps: an epoch is one pass over the curated clips. Passes over other clips go on across epochs.

    Parameters
    ----------
    curated, noisy
        The pools of both stages.
    soft
        The soft-labelled pool of stage 2.
    batch_size
        Clips of each pool in a step.
    seed
        Seed of the order of the clips.
    """

    def __init__(
        self,
        curated: AugmentedPool,
        noisy: AugmentedPool,
        soft: AugmentedPool | None,
        batch_size: int,
        seed: Sequence[int],
    ) -> None:
        self.curated, self.noisy = Passes(curated, batch_size, seed, 0), Passes(noisy, batch_size, seed, 1)
        self.soft = None if soft is None else Passes(soft, batch_size, seed, 2)

    def __len__(self) -> int:
        """Return the number of steps in an epoch."""
        return len(self.curated)

    def epoch(self, number: int) -> Iterator[Step]:
        """Yield the steps of an epoch, counted from 1."""
        for step in range((number - 1) * len(self), number * len(self)):
            soft = None if self.soft is None else self.soft.batch(step)
            yield Step(self.curated.batch(step), self.noisy.batch(step), soft)
