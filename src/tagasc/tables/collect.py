"""Scores of many cells, read into one tidy table."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, stdev

import pandas as pd

from tagasc.backend.scoring import SCORE_COLUMNS
from tagasc.cells import place_in_tables
from tagasc.errors import InputError
from tagasc.writing import written_whole


@dataclass(frozen=True)
class Accuracy:
    """A cell's accuracy in per cent: the mean over ``n`` seeds, and their sample standard deviation if n > 1."""

    mean: float
    sd: float | None
    n: int


_KEY = ["cell", "seed", "protocol", "test_list"]


def read_scores(paths: Sequence[str | Path]) -> pd.DataFrame:
    """Read score files; their rows come in the order of the tables' cells, then by seed. Other cells follow by name.

    Raises
    ------
    InputError
        If a file lacks a column, has a score that another file has too, or was scored on another number of clips.
    """
    scores = pd.DataFrame(columns=SCORE_COLUMNS)
    for path in paths:
        read = pd.read_csv(path)
        missing = [column for column in SCORE_COLUMNS if column not in read.columns]
        if missing:
            raise InputError(f"{path}: no column {', '.join(missing)}; delete it, and the cell is scored again")
        read = read[SCORE_COLUMNS]
        scores = pd.concat([scores, read], ignore_index=True) if len(scores) else read
        if scores.duplicated(_KEY).any():
            raise InputError(f"{path}: another file has the same cell, seed, protocol and test list; give each once")
        if len(scores[["test_list", "clips"]].drop_duplicates()) > scores["test_list"].nunique():
            raise InputError(
                f"{path}: not scored on as many clips as {paths[0]}; delete what belongs to another corpus"
            )
    return (
        scores.assign(place=scores["cell"].map(place_in_tables))
        .sort_values(["place", "seed"], kind="stable", ignore_index=True)
        .drop(columns="place")
    )


def collect_scores(paths: Sequence[str | Path], output: str | Path) -> None:
    """Write the scores of all cells and seeds as one csv file, in the order of the tables, then by seed.

    Raises
    ------
    InputError
        As `read_scores` does.
    """
    scores = read_scores(paths)
    with written_whole(output) as path:
        scores.to_csv(path, index=False)


def headline(scores: pd.DataFrame) -> pd.DataFrame:
    """Return the scores that the tables print: last epoch, kernel from cross-validation, official test list."""
    return scores[(scores["protocol"] == "last") & (scores["test_list"] == "official")]


def summary(scores: pd.DataFrame) -> dict[str, Accuracy]:
    """Return each cell's accuracy over its seeds, in the order of the scores."""
    accuracies = {}
    for cell, values in scores.groupby("cell", sort=False)["accuracy"]:
        per_cent = [100 * float(value) for value in values]
        accuracies[str(cell)] = Accuracy(mean(per_cent), stdev(per_cent) if len(per_cent) > 1 else None, len(per_cent))
    return accuracies


def provenance(scores: pd.DataFrame) -> str:
    """Return the sentence that says on which clips, by which protocol and with which kernels the scores came about."""
    if scores.empty:
        return "None of these cells has been scored."
    kernels = ", ".join(f"{kernel} {count}×" for kernel, count in scores["kernel"].value_counts().items())
    epochs = ", ".join(str(epoch) for epoch in sorted(scores["epoch"].unique()))
    return (
        f"Accuracy on the {int(scores['clips'].iloc[0]):,} clips of the official test list; protocol last: codes of "
        f"the last epoch ({epochs}), SVM kernel chosen by cross-validation on the training clips, grouped by location "
        f"({kernels})."
    )
