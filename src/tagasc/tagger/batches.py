"""The batches of an epoch."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from tagasc.tagger.augmentation import Augmentation
from tagasc.tagger.draws import AugmentedPool, Draws


class Step(NamedTuple):
    """The clips of one training step: curated, noisy and, in stage 2, soft-labelled.

    Parameters
    ----------
    spectrograms
        (clips, 1, band, frame).
    targets
        (clips, classes).
    sizes
        Number of clips of each kind.
    """

    spectrograms: Tensor
    targets: Tensor
    sizes: list[int]


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

    def draw(self, number: int) -> Draws[NDArray[Any]]:
        """Draw a batch, counted from 0 at the start of the training."""
        passes, place = divmod(number, len(self))
        return self.augmented.draw(self._order(passes)[self.bounds[place] : self.bounds[place + 1]])

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
    pools
        The curated and the noisy pool and, in stage 2, the soft-labelled one.
    augmentation
        What makes spectrograms of the drawn clips.
    batch_size
        Clips of each pool in a step.
    seed
        Seed of the order of the clips.
    """

    def __init__(
        self, pools: Sequence[AugmentedPool], augmentation: Augmentation, batch_size: int, seed: Sequence[int]
    ) -> None:
        self.passes = [Passes(pool, batch_size, seed, number) for number, pool in enumerate(pools)]
        self.augmentation = augmentation

    def __len__(self) -> int:
        """Return the number of steps in an epoch."""
        return len(self.passes[0])

    def epoch(self, number: int) -> Iterator[Step]:
        """Yield the steps of an epoch, counted from 1.

        All numbers go to the device at once: with one copy per step, a GPU would wait for the host.
        """
        steps = range((number - 1) * len(self), number * len(self))
        drawn = [[each.draw(step) for each in self.passes] for step in steps]
        sizes = [[len(draws.targets) for draws in step] for step in drawn]
        for draws, size in zip(self.augmentation.load([join(step) for step in drawn]), sizes, strict=True):
            yield Step(self.augmentation.spectrograms(draws), draws.targets, size)


def join(parts: Sequence[Draws[NDArray[Any]]]) -> Draws[NDArray[Any]]:
    """Return the draws of several batches as those of one batch."""
    counts = [len(part.targets) for part in parts]
    starts = np.cumsum([0, *counts[:-1]])
    *of_slices, mixed, centre, half_width, targets = zip(*parts, strict=True)
    slices = [_clips_first(arrays, counts) for arrays in of_slices]
    mixed = [each + start for each, start in zip(mixed, starts, strict=True)]
    return Draws(*slices, *map(np.concatenate, (mixed, centre, half_width, targets)))


def _clips_first(arrays: Sequence[NDArray[Any]], counts: Sequence[int]) -> NDArray[Any]:
    """Return the values of the clips of all batches, and then those of their partners.

    Parameters
    ----------
    arrays
        One per batch: the values of its clips, then those of its partners.
    counts
        Number of clips of each batch.
    """
    clips = [array[:count] for array, count in zip(arrays, counts, strict=True)]
    partners = [array[count:] for array, count in zip(arrays, counts, strict=True)]
    return np.concatenate([*clips, *partners])
