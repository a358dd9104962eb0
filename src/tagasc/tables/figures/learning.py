"""Figure learning: losses and accuracies of all trainings, epoch by epoch."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from tagasc.artifacts.figure import label
from tagasc.artifacts.pictures import LEARNING
from tagasc.paper.grid import HEADLINE, table_order
from tagasc.tables.figures.drawing import WIDTH
from tagasc.tables.figures.families import family, in_order, look, short_name

_LINES = {"best": "-", "median": "--", "worst": ":"}
_PER_ROW = 4
"""Most families side by side."""


def learning_rows(histories: pd.DataFrame, scores: pd.DataFrame) -> pd.DataFrame:
    """Return one row per training and epoch, in the order of the tables.

    Parameters
    ----------
    histories
        The rows of all histories.
    scores
        All scores. Protocol last has the SVM's accuracy after the last epoch, best_on_test after its best one.
    """
    official = scores[scores["test_list"] == HEADLINE[1]]
    svm = official.drop_duplicates(["cell", "seed", "epoch"])[["cell", "seed", "epoch", "accuracy"]]
    rows = histories.merge(svm.rename(columns={"accuracy": "svm_accuracy"}), "left", ["cell", "seed", "epoch"])
    rows = rows.assign(family=rows["cell"].map(family)).reindex(columns=LEARNING.table.names)
    return rows.sort_values("cell", key=lambda cells: cells.map(table_order), kind="stable")


def draw_learning(table: pd.DataFrame) -> Figure:
    """Draw loss and accuracy of each family: the best, the median and the worst cell, and the area of all."""
    shown = in_order(table["family"])
    n_bands, n_columns = -(-len(shown) // _PER_ROW), min(len(shown), _PER_ROW)
    figure = Figure(figsize=(WIDTH, 3.9 * n_bands), layout="constrained")
    bands = figure.subfigures(n_bands, 1, squeeze=False)[:, 0]
    upper: list[Axes] = []
    lower: list[Axes] = []
    for number, band in enumerate(bands):
        names = shown[number * _PER_ROW : (number + 1) * _PER_ROW]
        parts = band.subplots(2, n_columns, squeeze=False, sharex=True, sharey="row")
        for (above, below), name in zip(parts.T, names, strict=False):
            _draw_family(above, below, table[table["family"] == name], name)
        for part in parts[:, len(names) :].flat:
            part.set_axis_off()
        parts[0, 0].set_ylabel("training loss")
        parts[1, 0].set_ylabel("test accuracy in %")
        upper.append(parts[0, 0])
        lower.append(parts[1, 0])
    for axes in (upper, lower):  # one scale for all
        limits = np.array([each.get_ylim() for each in axes])
        for each in axes:
            each.set_ylim(limits[:, 0].min(), limits[:, 1].max())
    return figure


def _plain(value: float, place: float) -> str:  # noqa: ARG001 - matplotlib gives the number of the tick
    """Return a number on a logarithmic axis; most ticks between powers of ten have none."""
    leading = f"{value:.0e}"[0]
    return f"{value:g}" if leading in "125" else ""


def _draw_family(above: Axes, below: Axes, rows: pd.DataFrame, name: str) -> None:
    """Draw the loss of a family above, and its accuracies below."""
    colour = look(name).colour
    losses = rows.pivot_table("loss", "epoch", "cell", sort=False)
    order = losses.ffill().iloc[-1].sort_values(kind="stable").index
    chosen = {"best": order[0], "median": order[(len(order) - 1) // 2], "worst": order[-1]}
    shown = ("best", "worst", "median")[: len(order)]  # of one or two cells, there is no median
    marked: dict[str, Any] = {"marker": "o", "markersize": 3} if len(losses) == 1 else {}
    above.fill_between(losses.index, losses.min(axis=1), losses.max(axis=1), color=colour, alpha=0.15, linewidth=0)
    for key, cell in ((key, chosen[key]) for key in shown):
        text = label(short_name(cell), 22) if len(order) == 1 else f"{key}: {label(short_name(cell), 20)}"
        above.plot(losses.index, losses[cell], _LINES[key], color=colour, linewidth=1.2, label=text, **marked)
        own = rows[rows["cell"] == cell].groupby("epoch")[["evaluate_accuracy", "svm_accuracy"]].mean() * 100
        output = own["evaluate_accuracy"].dropna()
        below.plot(output.index, output, _LINES[key], color=colour, linewidth=1.2, marker=".", markersize=3)
        svm = own["svm_accuracy"].dropna()
        below.plot(svm.index, svm, look(name).marker, color=colour, markersize=5, fillstyle="none")
    above.set_yscale("log")
    for axis_formatter in (above.yaxis.set_major_formatter, above.yaxis.set_minor_formatter):
        axis_formatter(_plain)
    above.set_title(name)
    above.legend(fontsize="x-small", loc="upper right", framealpha=0.8, edgecolor="none", handlelength=1.6)
    below.set_xlabel("epoch")
    below.xaxis.set_major_locator(MaxNLocator(4, integer=True))
