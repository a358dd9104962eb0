"""The learning rate of the tagger."""

import math

from tagasc.config import TaggerTraining


class CosineRestarts:
    """Learning rate that falls along a cosine and restarts, as in the released code of Akiyama and Sato (2019) [14].

    The step at the end of the cosine, with the lowest learning rate, is part of a cycle. A cycle of n steps of descent
    has therefore n + 1 steps, and each restart is one step later in its epoch than the one before.

    Parameters
    ----------
    training
        Highest and lowest learning rate.
    steps_per_cycle
        Steps from the highest to the lowest learning rate.

    Examples
    --------
    >>> schedule = CosineRestarts(TaggerTraining(learning_rate=0.5, min_learning_rate=0), steps_per_cycle=2)
    >>> [schedule.at(step) for step in range(5)]
    [0.5, 0.25, 0.0, 0.5, 0.25]
    """

    def __init__(self, training: TaggerTraining, steps_per_cycle: int) -> None:
        self.low, self.high = training.min_learning_rate, training.learning_rate
        self.steps_per_cycle = steps_per_cycle

    def at(self, step: int) -> float:
        """Return the learning rate of a step, counted from 0."""
        phase = (step % (self.steps_per_cycle + 1)) / self.steps_per_cycle
        return self.low + (self.high - self.low) * (1 + math.cos(math.pi * phase)) / 2
