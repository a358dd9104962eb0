"""The batches of an epoch."""

import math
from collections.abc import Iterator
from typing import NamedTuple

from tagasc.tagger.augmentation import AugmentedPool, Batch


class Step(NamedTuple):
    """The batches of one training step; stage 1 has no soft-labelled clips."""

    curated: Batch
    noisy: Batch
    soft: Batch | None


class Batches:
    """Training steps: an epoch is one pass over the curated clips.

    Parameters
    ----------
    curated, noisy
        The pools of both stages.
    soft
        The soft-labelled pool of stage 2.
    batch_size
        Clips of each pool in a step. The last step of an epoch may have fewer curated clips.
    """

    def __init__(
        self, curated: AugmentedPool, noisy: AugmentedPool, soft: AugmentedPool | None, batch_size: int
    ) -> None:
        self.curated, self.noisy, self.soft, self.batch_size = curated, noisy, soft, batch_size

    def __len__(self) -> int:
        """Return the number of steps in an epoch."""
        return math.ceil(len(self.curated.pool.rows) / self.batch_size)

    def epoch(self) -> Iterator[Step]:
        """Yield the steps of the next epoch."""
        curated = self.curated.draw(len(self.curated.pool.rows))
        noisy = self.noisy.draw(len(self) * self.batch_size).reshape(len(self), -1)
        for step, first in enumerate(range(0, len(curated), self.batch_size)):
            yield Step(
                self.curated.batch(curated[first : first + self.batch_size]),
                self.noisy.batch(noisy[step]),
                None if self.soft is None else self.soft.batch(self.soft.draw(self.batch_size)),
            )
