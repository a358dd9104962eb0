"""Figure paper: the paper's accuracies against ours."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tagasc.artifacts.figure import GRID, INK, MUTED
from tagasc.artifacts.pictures import PAPER
from tagasc.paper.grid import HEADLINE
from tagasc.paper.numbers import ACCURACY
from tagasc.tables.figures.drawing import WIDTH, message
from tagasc.tables.figures.families import family, look


def paper_rows(comparisons: pd.DataFrame, *, with_paper: bool) -> pd.DataFrame:
    """Return one row per protocol and cell of the paper, on the official test list; none if its numbers are hidden."""
    shown = comparisons[(comparisons["test_list"] == HEADLINE[1]) & comparisons["cell"].isin(list(ACCURACY))]
    if not with_paper:
        shown = shown.iloc[:0]
    columns = {"family": shown["cell"].map(family), "paper": shown["cell"].map(ACCURACY).astype(float) / 100}
    return shown.assign(**columns)[PAPER.table.names]


def draw_paper(table: pd.DataFrame) -> Figure:
    """Draw one part per protocol: ours against the paper's, with intervals, the diagonal and its band."""
    if table.empty:
        return message(
            "The paper's numbers are not shown, because these are not its clips (key compare_with_paper), or because "
            "no cell of the paper was scored."
        )
    protocols = list(dict.fromkeys(table["protocol"]))
    figure = Figure(figsize=(WIDTH, 4.9), layout="constrained")
    every_part = figure.subplots(1, len(protocols), sharex=True, sharey=True, squeeze=False)[0]
    ends = table[["paper", "accuracy", "low", "high"]].to_numpy() * 100
    limits = float(np.nanmin(ends)) - 0.5, float(np.nanmax(ends)) + 0.5
    for axes, protocol in zip(every_part, protocols, strict=True):
        _draw_part(axes, table[table["protocol"] == protocol], limits)
        axes.set(title=f"protocol {protocol}", xlabel="paper's accuracy in %", xlim=limits, ylim=limits)
        axes.set_box_aspect(1)
    every_part[0].set_ylabel("our accuracy in %")
    figure.legend(*every_part[0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return figure


def _draw_part(axes: Axes, rows: pd.DataFrame, limits: tuple[float, float]) -> None:
    """Draw the points of one protocol."""
    band = 2 * 100 * float(rows["location_error"].mean())
    ends = np.array(limits)
    if np.isfinite(band):
        axes.fill_between(
            ends, ends - band, ends + band, color=GRID, alpha=0.6, linewidth=0, label="± 2 standard errors"
        )
    axes.plot(ends, ends, color=MUTED, linewidth=0.8, label="same as the paper")
    for name, group in rows.groupby("family", sort=False):
        drawn = look(str(name))
        x, y = 100 * group["paper"], 100 * group["accuracy"]
        errors = 100 * np.abs(group[["low", "high"]].to_numpy().T - group["accuracy"].to_numpy())
        axes.errorbar(x, y, np.nan_to_num(errors), fmt="none", ecolor=drawn.colour, elinewidth=0.6, alpha=0.45)
        axes.plot(
            x, y, drawn.marker, color=drawn.colour, markersize=5, label=name, markeredgecolor=INK, markeredgewidth=0.3
        )
