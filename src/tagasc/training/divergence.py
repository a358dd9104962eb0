"""Losses that are not numbers, and their likely cause."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tagasc.runtime.errors import InputError


@dataclass(frozen=True)
class LossCheck:
    """Check that the losses of a training are finite.

    Parameters
    ----------
    subject
        What is trained, for messages.
    learning_rate
        The key of the learning rate.
    weight
        The key that scales the loss of the first step; None if there is none.
    find_data_problem
        Returns what is wrong with the data, where, and what to do; None if they are finite. It is only called if a loss
        is not a number.

    Examples
    --------
    >>> check = LossCheck("codecat", "frontend.training.learning_rate", None, lambda: None)
    >>> check(np.array([0.7, 0.6]), epoch=1, learning_rate=1e-4)
    """

    subject: str
    learning_rate: str
    weight: str | None
    find_data_problem: Callable[[], str | None]

    def __call__(self, losses: NDArray[np.floating], epoch: int, learning_rate: float) -> None:
        """Check the losses (batches,) of an epoch, counted from 1.

        Raises
        ------
        InputError
            If one is not finite. It names the first cause that applies: the data; ``weight``, if no step was made
            before; the learning rate.
        """
        broken = np.flatnonzero(~np.isfinite(losses))
        if not len(broken):
            return
        where = f"epoch {epoch}, batch {broken[0] + 1} of {len(losses)}"
        if problem := self.find_data_problem():
            raise InputError(f"{problem} (the loss of {self.subject} is not a number in {where})")
        if self.weight and epoch == 1 and broken[0] == 0:
            raise InputError(
                f"{self.weight}: the loss of {self.subject} is not a number in {where}, before the first "
                f"step, and the data are finite; choose a smaller value"
            )
        raise InputError(
            f"{self.learning_rate}: with {learning_rate:g}, the loss of {self.subject} is not a number in "
            f"{where}, and the data are finite; choose a lower one"
        )
