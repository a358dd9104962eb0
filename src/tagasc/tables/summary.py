"""Accuracies over seeds, and the sentences that say how they were obtained."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from statistics import mean, stdev

import pandas as pd
from scipy.special import stdtrit

from tagasc.config import CompareWithPaper
from tagasc.corpora.tau2019 import is_published
from tagasc.paper.numbers import ACCURACY

CONCLUSION = "conclusion.md compares the best cell with the best control."
"""The sentence below each table that leads on."""


@dataclass(frozen=True)
class Accuracy:
    """A cell's accuracy in per cent: the mean over ``n`` seeds, and their sample standard deviation if n > 1."""

    mean: float
    sd: float | None
    n: int


def shows_paper(setting: CompareWithPaper, clips: pd.DataFrame) -> bool:
    """Decide whether the paper's numbers are shown: the key ``compare_with_paper``, whose ``auto`` the clips resolve.

    >>> clips = pd.DataFrame({"scene": ["bus", "tram"], "split": ["train", "evaluate"]})
    >>> shows_paper("auto", clips), shows_paper(True, clips)
    (False, True)
    """
    return is_published(clips) if setting == "auto" else setting


def select_scores(scores: pd.DataFrame, protocol: str, test_list: str) -> pd.DataFrame:
    """Return the scores of one protocol on one test list."""
    return scores[(scores["protocol"] == protocol) & (scores["test_list"] == test_list)]


def summarise(scores: pd.DataFrame, column: str = "accuracy") -> dict[str, Accuracy]:
    """Return each cell's ``accuracy`` or ``macro_accuracy`` over its seeds, in the order of the scores."""
    accuracies = {}
    for cell, values in scores.groupby("cell", sort=False)[column]:
        per_cent = [100 * float(value) for value in values]
        accuracies[str(cell)] = Accuracy(mean(per_cent), stdev(per_cent) if len(per_cent) > 1 else None, len(per_cent))
    return accuracies


def provenance(scores: pd.DataFrame, *, with_paper: bool) -> str:
    """Return the sentences that name the clips, the protocol and the kernels of the scores.

    ``with_paper`` adds what the paper says about its protocol.
    """
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
            "that are best on these same clips, as in the released code of Jung et al. (2019) [22]"
        )
    paper = " The paper does not say which protocol it used." if with_paper else ""
    return (
        f"Accuracy on the {int(first['clips']):,} clips of the test list {first['test_list']}; protocol {how}.{paper}"
    )


def prediction_interval(mean: float, sd: float | None, n: int) -> tuple[float, float] | None:
    """Return the 95 % prediction interval of one further run, given n runs; None for fewer than three runs.

    It is mean ± t · sd · √(1 + 1/n), with Student's t of n - 1 degrees of freedom. Runs are assumed to be normal.
    """
    if sd is None or n < 3:
        return None
    half_width = float(stdtrit(n - 1, 0.975)) * sd * sqrt(1 + 1 / n)
    return mean - half_width, mean + half_width


def agreement_with_paper(accuracies: Mapping[str, Accuracy]) -> str:
    """Return the sentence that counts the paper's numbers within our prediction intervals.

    Cells with fewer than three runs do not count; if there are no others, the sentence is empty.
    """
    inside = []
    for name, accuracy in accuracies.items():
        interval = prediction_interval(accuracy.mean, accuracy.sd, accuracy.n)
        if interval is not None and name in ACCURACY:
            inside.append(interval[0] <= ACCURACY[name] <= interval[1])
    if not inside:
        return ""
    return (
        f"Of {len(inside)} cells, {sum(inside)} have the paper's number within the 95 % prediction interval of one "
        "further run."
    )
