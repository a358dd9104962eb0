"""Rows of comparisons.csv: accuracies with intervals, and comparisons with the baseline."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tagasc.artifacts.comparisons import COMPARISONS
from tagasc.paper.grid import tables_of_cell
from tagasc.paper.numbers import ACCURACY
from tagasc.tables.estimates import BASELINE, Estimates
from tagasc.tables.evaluation import Evaluation
from tagasc.tables.summary import prediction_interval


def comparison_rows(evaluation: Evaluation, *, with_paper: bool) -> pd.DataFrame:
    """Return one row per cell or control of an evaluation; ``with_paper`` adds the paper's numbers."""
    overall, macro = Estimates(evaluation), Estimates(evaluation, macro=True)
    accuracies = evaluation.correct.mean(axis=1)
    rows: list[dict[str, Any]] = []
    for cell in evaluation.cells:
        runs = list(evaluation.runs_of(cell).values())
        accuracy, macro_accuracy = overall.accuracy(cell), macro.accuracy(cell)
        row = {
            "cell": cell,
            "tables": " ".join(map(str, tables_of_cell(cell))),
            "protocol": evaluation.protocol,
            "test_list": evaluation.test_list,
            "seeds": len(runs),
            "clips": overall.n_clips,
            "locations": overall.locations.n_locations,
            "accuracy": accuracy.value,
            **_ends("", accuracy.share_interval),
            "location_error": overall.location_error(cell),
            "macro_accuracy": macro_accuracy.value,
            **_ends("macro_", macro_accuracy.share_interval),
            **_accuracies_by_city(evaluation, runs),
        }
        if cell != BASELINE and BASELINE in evaluation.cells:
            difference = overall.difference(cell, BASELINE)
            row |= {"difference": difference.value, **_ends("difference_", difference.interval), "p": difference.p}
        if evaluation.protocol == "best_on_test":  # presumably the paper's protocol
            row |= _further_run(accuracies[runs])
            if with_paper and cell in ACCURACY:
                row["paper"] = ACCURACY[cell] / 100
        rows.append(row)
    table = pd.DataFrame(rows, columns=COMPARISONS.names)
    _adjust(table)
    return table


def _ends(prefix: str, interval: tuple[float, float]) -> dict[str, float]:
    """Return the columns of an interval."""
    return dict(zip((f"{prefix}low", f"{prefix}high"), interval, strict=True))


def _accuracies_by_city(evaluation: Evaluation, runs: list[int]) -> dict[str, float]:
    """Return the accuracy in cities with and without training clips; NaN where there are no clips."""
    correct, seen = evaluation.correct[runs], evaluation.seen
    return {
        "accuracy_seen": correct[:, seen].mean() if seen.any() else np.nan,
        "accuracy_unseen": correct[:, ~seen].mean() if not seen.all() else np.nan,
    }


def _further_run(accuracies: NDArray[np.float64]) -> dict[str, float]:
    """Return the columns of the prediction interval of one further run; none for fewer than three runs."""
    sd = float(accuracies.std(ddof=1)) if len(accuracies) > 1 else None
    interval = prediction_interval(float(accuracies.mean()), sd, len(accuracies))
    return {} if interval is None else _ends("further_", interval)


def _adjust(table: pd.DataFrame) -> None:
    """Fill column p_holm. A family of tests is the cells of one table.

    Table 6 shows cells of Table 5, so a cell belongs to its first table. Cells of no table are a family, too.
    """
    tested = table[table["p"].notna()]
    for _, p in tested["p"].astype(float).groupby(tested["tables"].map(lambda tables: tables.partition(" ")[0])):
        table.loc[p.index, "p_holm"] = holm(p.to_numpy())


def holm(p: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return p-values (tests,) adjusted for their number by Holm's step-down procedure.

    >>> holm(np.array([0.03, 0.01, 0.5, 0.02])).round(2).tolist()
    [0.06, 0.04, 0.5, 0.06]
    """
    order = np.argsort(p, kind="stable")
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)), 1)
    return adjusted
