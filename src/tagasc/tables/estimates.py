"""Accuracies of cells and controls, and differences between them, with what is known about chance."""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tagasc.artifacts.controls import CONTROLS, PAIRED_CONTROLS
from tagasc.tables.crossed_effects import Estimate, Spread, Term, estimate
from tagasc.tables.evaluation import Evaluation
from tagasc.tables.locations import Locations

BASELINE = "baseline"
SHARED_TRAININGS = (BASELINE, *PAIRED_CONTROLS)
"""Systems with the same trainings: these controls classify the codes of the baseline's run with the same seed."""


class Estimates:
    """Accuracies and differences of the cells and controls of an evaluation.

    Chance between trainings is pooled over all cells. Controls without any training have none.

    Parameters
    ----------
    evaluation
        The runs.
    clips
        The clips that count (clips of the test list,); None for all of them.
    macro
        Whether accuracies are means over scenes, and not over clips.

    Attributes
    ----------
    locations : Locations
        The locations of these clips.
    n_clips : int
        Number of these clips.
    """

    def __init__(self, evaluation: Evaluation, clips: NDArray[np.bool_] | None = None, *, macro: bool = False) -> None:
        self._evaluation = evaluation
        groups = evaluation.groups(np.ones(len(evaluation.clips), dtype=bool) if clips is None else clips)
        self._correct, table = groups.correct, groups.table
        self.n_clips = int(table["clips"].sum())
        self.locations = Locations(
            table["scene"].to_numpy(str), table["location"].to_numpy(str), table["clips"].to_numpy(), macro=macro
        )
        trained = [cell for cell in evaluation.cells if cell not in CONTROLS]
        self._spread = Spread.pooled(self.locations, [self._runs(cell) for cell in trained])

    def accuracy(self, cell: str) -> Estimate:
        """Estimate the accuracy of a cell or control, averaged over its runs."""
        return estimate(self.locations, self._term(cell))

    def location_error(self, cell: str) -> float:
        """Return the standard error of a cell's or control's accuracy over the choice of locations alone."""
        return float(np.sqrt(self.locations.variance(self._runs(cell).mean(axis=0))))

    def difference(self, cell: str, other: str) -> Estimate:
        """Estimate how much more accurate a cell or control is than another one.

        Systems that share trainings are compared run by run, over the seeds that both have. All others are independent.
        """
        if cell in SHARED_TRAININGS and other in SHARED_TRAININGS:
            return estimate(self.locations, Term(self._paired(cell, other), self._paired_spread))
        return estimate(self.locations, self._term(cell), self._term(other, -1))

    def _term(self, cell: str, sign: int = 1) -> Term:
        has_training = cell not in CONTROLS or cell in PAIRED_CONTROLS
        return Term(self._runs(cell), self._spread if has_training else None, sign)

    def _runs(self, cell: str) -> NDArray[np.int64]:
        return self._correct[list(self._evaluation.runs_of(cell).values())]

    def _paired(self, cell: str, other: str) -> NDArray[np.int64]:
        """Return the differences in correct clips of two systems that share trainings (trainings, groups)."""
        ours, theirs = self._evaluation.runs_of(cell), self._evaluation.runs_of(other)
        seeds = [seed for seed in ours if seed in theirs]
        return self._correct[[ours[seed] for seed in seeds]] - self._correct[[theirs[seed] for seed in seeds]]

    @cached_property
    def _paired_spread(self) -> Spread:
        """The spread between trainings of the differences between these controls and the baseline."""
        controls = [cell for cell in self._evaluation.cells if cell in PAIRED_CONTROLS]
        return Spread.pooled(self.locations, [self._paired(control, BASELINE) for control in controls])
