"""Figure parameters: accuracy against the size of the network."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from tagasc.artifacts.figure import INK, MUTED, label
from tagasc.artifacts.pictures import PARAMETERS
from tagasc.paper.numbers import TABLE6_CITED, TABLE6_OURS
from tagasc.tables.figures.drawing import MARK, WIDTH, message, separate
from tagasc.tables.figures.families import best_cell, family, in_order, look

_PAPER = "paper"
_WIDE = 5
"""Ratio of sizes from which the axis is logarithmic."""


def parameter_rows(counts: Mapping[str, int], comparisons: pd.DataFrame, *, with_paper: bool) -> pd.DataFrame:
    """Return one row per cell, and per system of Table 6 whose size the paper prints.

    Parameters
    ----------
    counts
        Trainable parameters of each cell.
    comparisons
        Rows with cell, accuracy, low and high.
    with_paper
        Whether to show the paper's system and those that it cites.
    """
    shown = comparisons[comparisons["cell"].isin(list(counts))]
    rows = shown.assign(
        system=shown["cell"], family=shown["cell"].map(family), parameters=shown["cell"].map(dict(counts))
    )[PARAMETERS.table.names]
    cited = [
        (system.name, _PAPER, 1000 * int(system.parameters.removesuffix("k")), system.accuracy / 100, np.nan, np.nan)
        for system in (*TABLE6_CITED, TABLE6_OURS)
        if with_paper and system.parameters is not None
    ]
    return pd.concat([rows, pd.DataFrame(cited, columns=PARAMETERS.table.names)]) if cited else rows


def draw_parameters(table: pd.DataFrame) -> Figure:
    """Draw accuracy against parameters; systems of the paper are hollow."""
    if table.empty:
        return message("There are no networks to show.")
    figure = Figure(figsize=(WIDTH, 4.4), layout="constrained")
    axes = figure.add_subplot()
    axes.grid(linewidth=0.5)
    own = table[table["family"] != _PAPER].rename(columns={"system": "cell"})
    for name in in_order(own["family"]):
        rows, drawn = table[table["family"] == name], look(name)
        ends = 100 * rows[["low", "high"]].to_numpy()
        axes.vlines(rows["parameters"], *ends.T, color=drawn.colour, linewidth=0.8, alpha=0.45)
        axes.plot(rows["parameters"], 100 * rows["accuracy"], drawn.marker, color=drawn.colour, label=name, **MARK)
    named = table[(table["family"] == _PAPER) | (table["system"] == best_cell(own))]
    names = []
    for system, kind, parameters, accuracy in named[["system", "family", "parameters", "accuracy"]].to_numpy():
        text = label(f"the paper: {system}" if kind == _PAPER else f"best: {system}", 44)
        if kind == _PAPER:
            axes.plot(parameters, 100 * accuracy, "o", fillstyle="none", color=INK, markersize=6)
        right = np.log(parameters) > np.log(table["parameters"]).agg(["min", "max"]).mean()
        offset, side = ((-7, 4), "right") if right else ((7, 4), "left")
        line = {"arrowstyle": "-", "color": MUTED, "linewidth": 0.6, "shrinkB": 4}
        point = (parameters, 100 * accuracy)
        names.append(
            axes.annotate(text, point, offset, textcoords="offset points", ha=side, size="small", arrowprops=line)
        )
    if table["parameters"].max() > _WIDE * table["parameters"].min():
        axes.set_xscale("log")
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.margins(x=0.1)
    axes.set(xlabel="trainable parameters of the scene network", ylabel="accuracy in %")
    figure.legend(loc="outside upper center", ncols=5)
    separate(figure, names)
    return figure
