"""Pools of clips that training batches are drawn from."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from tagasc.artifacts.events import EventCorpus


@dataclass(frozen=True)
class Pool:
    """Clips that batches are drawn from.

    A clip's index into the pool is called its position; its index into the packed events is called its row.

    Parameters
    ----------
    rows
        Rows of the packed events, (clips,).
    targets
        Labels of the clips, (clips, classes).
    probabilities
        Probability that a draw gives the clip, (clips,). None draws without repetition.
    """

    rows: NDArray[np.int64]
    targets: NDArray[np.float32]
    probabilities: NDArray[np.float64] | None = None

    @classmethod
    def with_own_labels(cls, events: EventCorpus, rows: NDArray[np.int64]) -> Self:
        """Return the pool of these rows, each clip with the labels of the data set."""
        return cls(rows, events.targets[rows])

    def draw(self, count: int, random: np.random.Generator) -> NDArray[np.int64]:
        """Draw positions. Without probabilities, no clip is repeated before all clips have been drawn."""
        if self.probabilities is not None:
            return random.choice(len(self.rows), count, p=self.probabilities)
        passes = -(-count // len(self.rows))
        return np.concatenate([random.permutation(len(self.rows)) for _ in range(passes)])[:count]


def soft_labelled_pool(curated: Pool, noisy: Pool, soft_labels: NDArray[np.float32], curated_share: float) -> Pool:
    """Return the pool of stage 2: curated clips with their own labels, and noisy clips with soft labels.

    Parameters
    ----------
    curated, noisy
        The pools of stage 1.
    soft_labels
        Soft labels of the noisy clips, (clips, classes).
    curated_share
        Probability that a draw gives a curated clip.
    """
    sizes = len(curated.rows), len(noisy.rows)
    shares = curated_share, 1 - curated_share
    return Pool(
        np.concatenate([curated.rows, noisy.rows]),
        np.concatenate([curated.targets, soft_labels]),
        np.concatenate([np.full(size, share / size) for size, share in zip(sizes, shares, strict=True)]),
    )
