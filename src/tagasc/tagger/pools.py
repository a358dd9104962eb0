"""Pools of clips that training batches are drawn from."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from tagasc.artifacts.events import EventCorpus
from tagasc.config import Stage2


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
        Probability that a draw gives the clip, (clips,). None draws every clip once.
    partner_probabilities
        Probability that a clip is drawn as a partner for mix-up, (clips,). None draws all clips alike.
    """

    rows: NDArray[np.int64]
    targets: NDArray[np.float32]
    probabilities: NDArray[np.float64] | None = None
    partner_probabilities: NDArray[np.float64] | None = None

    @classmethod
    def with_own_labels(cls, events: EventCorpus, rows: NDArray[np.int64]) -> Self:
        """Return the pool of these rows, each clip with the labels of the data set."""
        return cls(rows, events.targets[rows])

    def draw_pass(self, random: np.random.Generator) -> NDArray[np.int64]:
        """Draw the positions of one pass, as many as there are clips: every clip once, or by the probabilities."""
        if self.probabilities is None:
            return random.permutation(len(self.rows))
        return random.choice(len(self.rows), len(self.rows), p=self.probabilities)

    def draw_partners(self, count: int, random: np.random.Generator) -> NDArray[np.int64]:
        """Draw positions of partners for mix-up, each independent of the others."""
        return random.choice(len(self.rows), count, p=self.partner_probabilities)


def soft_labelled_pool(curated: Pool, noisy: Pool, settings: Stage2) -> Pool:
    """Return the pool of soft-labelled clips of stage 2.

    Parameters
    ----------
    curated, noisy
        Curated clips with their own labels, and noisy clips with soft labels.
    settings
        Share of curated clips, and how partners for mix-up are drawn.
    """
    sizes = len(curated.rows), len(noisy.rows)
    shares = settings.curated_share, 1 - settings.curated_share
    balanced = np.concatenate([np.full(size, share / size) for size, share in zip(sizes, shares, strict=True)])
    return Pool(
        np.concatenate([curated.rows, noisy.rows]),
        np.concatenate([curated.targets, noisy.targets]),
        balanced,
        balanced if settings.mixup_partners == "balanced" else None,
    )
