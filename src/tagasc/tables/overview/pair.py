"""Two experiments on the same test clips, and how much their cells and controls differ."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tagasc.artifacts.controls import CONTROLS, PAIRED_CONTROLS
from tagasc.tables.crossed_effects import Estimate, Spread, Term, estimate
from tagasc.tables.estimates import BASELINE
from tagasc.tables.evaluation import Evaluation
from tagasc.tables.locations import Locations


class Pair:
    """Two experiments on the same test clips.

    Trainings of two experiments are independent, even with the same seed. There are two exceptions. Two ways of scoring
    one experiment share all trainings. And if the baselines of two experiments have the same predictions, they are the
    same trainings, which the controls on their codes share. These are compared training by training.

    Parameters
    ----------
    first, other
        The runs of both.
    same_trainings
        Whether both score the trainings of one experiment.
    """

    def __init__(self, first: Evaluation, other: Evaluation, *, same_trainings: bool) -> None:
        self._first, self._other = _Runs(first), _Runs(other)
        self._same_trainings = same_trainings
        table = self._first.table
        self.locations = Locations(
            table["scene"].to_numpy(str), table["location"].to_numpy(str), table["clips"].to_numpy()
        )
        self._systems = [system for system in other.cells if system in first.cells]

    def difference(self, system: str) -> Estimate:
        """Estimate how much more accurate a system is in the other experiment than in the first."""
        if self.is_paired(system):
            return estimate(self.locations, Term(self._paired(system), self._paired_spread))
        spread = self._spread if _is_trained(system) else None
        ours, theirs = self._other.correct(system), self._first.correct(system)
        return estimate(self.locations, Term(ours, spread), Term(theirs, spread, -1))

    def is_same(self, system: str) -> bool:
        """Whether a system has the same predictions in all seeds that both experiments have."""
        seeds = self._seeds(system)
        return bool(seeds) and np.array_equal(self._first.labels(system, seeds), self._other.labels(system, seeds))

    def _seeds(self, system: str) -> list[int]:
        """Return the seeds of a system that both experiments have."""
        return [seed for seed in self._other.seeds(system) if seed in self._first.seeds(system)]

    def is_paired(self, system: str) -> bool:
        """Whether both have the same trainings of a system, in the seeds that both have."""
        same_codes = system in PAIRED_CONTROLS and BASELINE in self._systems and self.is_same(BASELINE)
        return _is_trained(system) and bool(self._seeds(system)) and (self._same_trainings or same_codes)

    def _paired(self, system: str) -> NDArray[np.int64]:
        """Return the differences in correct clips, training by training (trainings, groups)."""
        seeds = self._seeds(system)
        return self._other.correct(system, seeds) - self._first.correct(system, seeds)

    @cached_property
    def _paired_spread(self) -> Spread:
        """The spread between trainings of paired differences, over all systems that are compared so."""
        systems = [system for system in self._systems if self.is_paired(system) and not self.is_same(system)]
        return Spread.pooled(self.locations, [self._paired(system) for system in systems])

    @cached_property
    def _spread(self) -> Spread:
        """The spread between trainings of the accuracy, over the cells of both; the same trainings count once."""
        runs = [self._first.correct(cell) for cell in self._first.cells]
        shared = [cell for cell in self._systems if self.is_paired(cell) or self.is_same(cell)]
        runs += [self._other.correct(cell) for cell in self._other.cells if cell not in shared]
        return Spread.pooled(self.locations, runs)


def _is_trained(system: str) -> bool:
    """Whether chance between trainings is in the accuracy of a system."""
    return system not in CONTROLS or system in PAIRED_CONTROLS


class _Runs:
    """Correct clips and predictions of an experiment, by system and seed, with groups and clips in a fixed order."""

    def __init__(self, evaluation: Evaluation) -> None:
        self._evaluation = evaluation
        groups = evaluation.groups(np.ones(len(evaluation.clips), dtype=bool))
        self.table, self._correct = groups.table, groups.correct
        self._order = np.argsort(evaluation.clips["filename"].to_numpy(str))
        self.cells = [system for system in evaluation.cells if system not in CONTROLS]

    def seeds(self, system: str) -> list[int]:
        """Return the seeds of a system."""
        return list(self._evaluation.runs_of(system))

    def correct(self, system: str, seeds: Sequence[int] | None = None) -> NDArray[np.int64]:
        """Return the correct clips of a system in some or all seeds (seeds, groups)."""
        return self._correct[self._rows(system, seeds)]

    def labels(self, system: str, seeds: Sequence[int]) -> NDArray[np.str_]:
        """Return the scenes that a system predicts (seeds, clips)."""
        predicted = self._evaluation.predicted[self._rows(system, seeds)][:, self._order]
        return np.array(self._evaluation.scenes, dtype=str)[predicted]

    def _rows(self, system: str, seeds: Sequence[int] | None) -> list[int]:
        rows = self._evaluation.runs_of(system)
        return [rows[seed] for seed in (rows if seeds is None else seeds)]
