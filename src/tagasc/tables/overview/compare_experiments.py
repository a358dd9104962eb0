"""How much several experiments differ: accuracies of each, and differences from the first one."""

from collections.abc import Sequence
from math import isnan, nan
from typing import Any

import numpy as np
import pandas as pd

from tagasc.paper.grid import table_order
from tagasc.runtime.errors import InputError
from tagasc.tables.comparison import holm
from tagasc.tables.estimates import Estimates
from tagasc.tables.evaluation import Evaluation
from tagasc.tables.overview.experiments import FinishedExperiment
from tagasc.tables.overview.pair import Pair

INDEPENDENT, PAIRED, SAME = "independent", "paired", "same predictions"
"""How a system of two experiments is compared: as independent trainings, training by training, or not at all."""
_NUMBERS = ["accuracy", "low", "high", "difference", "difference_low", "difference_high", "p", "p_holm"]
COLUMNS = ["system", "experiment", "seeds", "comparison", *_NUMBERS]


def compare_experiments(experiments: Sequence[FinishedExperiment]) -> pd.DataFrame:
    """Return one row per system and experiment that has it, with the difference from the first experiment.

    Differences stay empty in rows of the first experiment, where it lacks the system, and if the clips of the two test
    lists are not the same. A family of tests is all systems of one further experiment.

    Parameters
    ----------
    experiments
        Two or more. Their protocol is the same.

    Returns
    -------
    DataFrame
        The columns `COLUMNS`. Column ``system`` has the name of a cell or control, ``comparison`` is empty or says how
        systems are compared. Accuracies and differences are fractions.

    Raises
    ------
    InputError
        If an experiment has no cell or control of the first one.
    """
    first, *others = experiments
    rows = _accuracies(first)
    for other in others:
        differences = _differences(first, other)
        rows += [row | differences.get(row["system"], {}) for row in _accuracies(other)]
    table = pd.DataFrame(rows, columns=COLUMNS).astype(dict.fromkeys(_NUMBERS, float))
    return table.sort_values("system", key=lambda systems: systems.map(table_order), kind="stable", ignore_index=True)


def has_same_clips(first: Evaluation, other: Evaluation) -> bool:
    """Whether two test lists have the same clips: the same names, scenes and locations."""
    return common_clips(first, other) == len(first.clips) == len(other.clips)


def common_clips(first: Evaluation, other: Evaluation) -> int:
    """Return the number of clips that are in both test lists with the same scene and location."""
    keys = ["filename", "scene", "location"]
    return len(first.clips[keys].merge(other.clips[keys]))


def _accuracies(experiment: FinishedExperiment) -> list[dict[str, Any]]:
    """Return the rows of an experiment; accuracies and intervals are those of its comparisons.csv."""
    estimates, rows = Estimates(experiment.evaluation), []
    for system in experiment.evaluation.cells:
        accuracy = estimates.accuracy(system)
        low, high = accuracy.share_interval
        seeds = len(experiment.evaluation.runs_of(system))
        row = {"system": system, "experiment": experiment.name, "seeds": seeds, "comparison": ""}
        rows.append(row | {"accuracy": accuracy.value, "low": low, "high": high})
    return rows


def _differences(first: FinishedExperiment, other: FinishedExperiment) -> dict[str, dict[str, Any]]:
    """Return the columns that compare an experiment with the first one, by system."""
    common = [system for system in other.evaluation.cells if system in first.evaluation.cells]
    if not common:
        raise InputError(f"{other.name}: has no cell or control of {first.name}, so there is nothing to compare")
    if not has_same_clips(first.evaluation, other.evaluation):
        return {}
    pair = Pair(first.evaluation, other.evaluation, same_trainings=first.trainings == other.trainings)
    differences = {system: _difference(pair, system) for system in common}
    tested = [row for row in differences.values() if not isnan(row["p"])]
    for row, p in zip(tested, holm(np.array([row["p"] for row in tested])), strict=True):
        row["p_holm"] = p
    return differences


def _difference(pair: Pair, system: str) -> dict[str, Any]:
    if pair.is_same(system):
        return {"comparison": SAME, "difference": 0.0, "p": nan}
    difference = pair.difference(system)
    low, high = difference.interval
    return {
        "comparison": PAIRED if pair.is_paired(system) else INDEPENDENT,
        "difference": difference.value,
        "difference_low": low,
        "difference_high": high,
        "p": difference.p,
    }
