"""Scores of many cells, read into one tidy table."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from statistics import mean, stdev

import pandas as pd
from scipy.special import stdtrit

from tagasc.backend.scoring import SCORE_COLUMNS
from tagasc.cells import place_in_tables
from tagasc.errors import InputError
from tagasc.paper import ACCURACY
from tagasc.writing import written_whole


@dataclass(frozen=True)
class Accuracy:
    """A cell's accuracy in per cent: the mean over ``n`` seeds, and their sample standard deviation if n > 1."""

    mean: float
    sd: float | None
    n: int


def training_of(path: str | Path) -> tuple[str, int]:
    """Return cell and seed of a file that a training or its scoring left; its folders say them.

    Raises
    ------
    InputError
        If they do not.
    """
    path = Path(path)
    match = re.fullmatch(r"seed(\d+)", path.parent.name)
    if match is None or not path.parents[1].name:
        raise InputError(f"{path}: the path does not name cell and seed; expected <cell>/seed<k>/{path.name}")
    return path.parents[1].name, int(match[1])


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


def scores_under(scores: pd.DataFrame, protocol: str, test_list: str) -> pd.DataFrame:
    """Return the scores of one protocol on one test list."""
    return scores[(scores["protocol"] == protocol) & (scores["test_list"] == test_list)]


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
    first = scores.iloc[0]
    kernels = ", ".join(f"{kernel} {count}×" for kernel, count in scores["kernel"].value_counts().items())
    if first["protocol"] == "last":
        epochs = ", ".join(str(epoch) for epoch in sorted(scores["epoch"].unique()))
        how = (
            f"last: codes of the last epoch ({epochs}), SVM kernel chosen by cross-validation on the training clips, "
            f"grouped by location ({kernels})"
        )
    else:
        how = (
            f"best_on_test: the epoch ({scores['epoch'].min()} to {scores['epoch'].max()}) and SVM kernel ({kernels}) "
            "that are best on these same clips, as in the released code of reference [22]"
        )
    return (
        f"Accuracy on the {int(first['clips']):,} clips of the test list {first['test_list']}; protocol {how}. "
        "The paper does not say by which protocol it scored."
    )


def prediction_interval(mean: float, sd: float | None, n: int) -> tuple[float, float] | None:
    """Return where one further run would fall with a chance of 95 %, by the n runs so far; None for fewer than three.

    mean ± t · sd · √(1 + 1/n), with Student's t of n - 1 degrees of freedom; runs are taken to be normal.
    """
    if sd is None or n < 3:
        return None
    reach = float(stdtrit(n - 1, 0.975)) * sd * sqrt(1 + 1 / n)
    return mean - reach, mean + reach


def against_the_paper(accuracies: dict[str, Accuracy]) -> str:
    """Say how many of the paper's figures one further run could have been; nothing for fewer than three runs."""
    inside = []
    for name, accuracy in accuracies.items():
        interval = prediction_interval(accuracy.mean, accuracy.sd, accuracy.n)
        if interval is not None and name in ACCURACY:
            inside.append(interval[0] <= ACCURACY[name] <= interval[1])
    if not inside:
        return ""
    return (
        f"Of {len(inside)} cells, {sum(inside)} have the paper's figure within the 95 % prediction interval of one "
        "further run."
    )
