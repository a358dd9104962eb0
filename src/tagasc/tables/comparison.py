"""Rows of comparisons.csv: accuracies with intervals, and paired comparisons with the baseline."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tagasc.artifacts.comparisons import COMPARISONS
from tagasc.config import Comparisons
from tagasc.paper.grid import tables_of_cell
from tagasc.paper.numbers import ACCURACY
from tagasc.tables.evaluation import Evaluation
from tagasc.tables.resampling import holm, percentile_interval, resampled_accuracies, resampled_means, sign_flip_test
from tagasc.tables.summary import prediction_interval

BASELINE = "baseline"


def comparison_rows(evaluation: Evaluation, comparisons: Comparisons) -> pd.DataFrame:
    """Return one row per cell of an evaluation.

    Intervals are bootstrap intervals over locations and, if there are several, over seeds. Differences are paired over
    the seeds that the cell shares with the baseline. p comes from a sign-flip test over locations: it is about these
    trainings, and chance between seeds is left to the interval.
    """
    n_resamples, seed = comparisons.n_resamples, comparisons.seed
    groups = evaluation.groups
    clips, scenes = groups["clips"].to_numpy(), groups["scene"].to_numpy(dtype=str)
    resampled = resampled_accuracies(evaluation.correct_by_group, clips, scenes, n_resamples, seed)
    accuracies = evaluation.correct.mean(axis=1)
    baseline = evaluation.runs_of(BASELINE)
    rows: list[dict[str, Any]] = []
    differences: dict[int, NDArray[np.int64]] = {}
    for cell in evaluation.cells:
        runs = evaluation.runs_of(cell)
        own = list(runs.values())
        low, high = percentile_interval(resampled_means(resampled[:, own], seed))
        row = {
            "cell": cell,
            "tables": " ".join(map(str, tables_of_cell(cell))),
            "protocol": evaluation.protocol,
            "test_list": evaluation.test_list,
            "seeds": len(runs),
            "clips": len(evaluation.clips),
            "accuracy": accuracies[own].mean(),
            "low": low,
            "high": high,
            **_accuracies_by_city(evaluation, own),
        }
        if evaluation.protocol == "best_on_test":  # presumably the paper's protocol
            row |= _paper(cell, accuracies[own])
        shared = [] if cell == BASELINE else [number for number in runs if number in baseline]
        if shared:
            ours, theirs = [runs[number] for number in shared], [baseline[number] for number in shared]
            low, high = percentile_interval(resampled_means(resampled[:, ours] - resampled[:, theirs], seed))
            row |= {
                "difference": (accuracies[ours] - accuracies[theirs]).mean(),
                "difference_low": low,
                "difference_high": high,
            }
            by_group = evaluation.correct_by_group
            differences[len(rows)] = (by_group[ours] - by_group[theirs]).sum(axis=0)
        rows.append(row)
    table = pd.DataFrame(rows, columns=COMPARISONS.names)
    if differences:
        # All scenes of a location change sign together.
        by_location = pd.DataFrame(np.stack(list(differences.values())).T).groupby(groups["location"]).sum()
        table.loc[list(differences), "p"] = sign_flip_test(by_location.to_numpy().T, n_resamples, seed)
        _adjust(table, list(differences))
    return table


def _accuracies_by_city(evaluation: Evaluation, runs: list[int]) -> dict[str, float]:
    """Return the accuracy in cities with and without training clips; NaN where there are no clips."""
    correct, seen = evaluation.correct[runs], evaluation.seen
    return {
        "accuracy_seen": correct[:, seen].mean() if seen.any() else np.nan,
        "accuracy_unseen": correct[:, ~seen].mean() if not seen.all() else np.nan,
    }


def _paper(cell: str, accuracies: NDArray[np.float64]) -> dict[str, float]:
    """Return the paper's number and the prediction interval of one further run, as fractions."""
    columns = {"paper": ACCURACY[cell] / 100} if cell in ACCURACY else {}
    sd = float(accuracies.std(ddof=1)) if len(accuracies) > 1 else None
    further = prediction_interval(float(accuracies.mean()), sd, len(accuracies))
    if further is not None:
        columns |= dict(zip(("further_low", "further_high"), further, strict=True))
    return columns


def _adjust(table: pd.DataFrame, rows: list[int]) -> None:
    """Fill column p_holm of these rows. A family of tests is the cells of one table.

    Table 6 shows cells of Table 5, so a cell belongs to its first table. Cells of no table are a family, too.
    """
    tests = table.loc[rows]
    for _, p in tests["p"].astype(float).groupby(tests["tables"].str.split().str[0].fillna("")):
        table.loc[p.index, "p_holm"] = holm(p.to_numpy())
