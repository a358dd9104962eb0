"""Figure differences: cells and controls against the baseline, with intervals."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from tagasc.artifacts.figure import INK, MUTED, label
from tagasc.artifacts.pictures import DIFFERENCES
from tagasc.tables.figures.drawing import MARK, WIDTH, message
from tagasc.tables.figures.families import CONTROL, by_family, family, headline, look, short_name

_ROW = 0.155
"""Height of a row in inches."""


def difference_rows(comparisons: pd.DataFrame) -> pd.DataFrame:
    """Return one row per cell or control that has a difference from the baseline, family by family."""
    shown = headline(comparisons)
    shown = shown[shown["difference"].notna()]
    return by_family(shown.assign(family=shown["cell"].map(family).astype(str)))[DIFFERENCES.table.names]


def draw_differences(table: pd.DataFrame, reference: str = "the baseline") -> Figure:
    """Draw one line per cell or control, grouped by family; ``reference`` is what they differ from."""
    if table.empty:
        return message("There is no difference to show, because the baseline or all other cells are missing.")
    families = list(dict.fromkeys(table["family"]))
    figure = Figure(figsize=(WIDTH, 0.8 + _ROW * (len(table) + 2 * len(families))), layout="constrained")
    axes = figure.add_subplot()
    axes.grid(axis="x", linewidth=0.6)
    axes.axvline(0, color=INK, linewidth=0.8)
    places: list[float] = []
    names: list[str] = []
    titles: list[int] = []
    top = 0.0
    for name in families:
        rows, drawn = table[table["family"] == name], look(name)
        here = top + 1 + np.arange(len(rows))
        ends = 100 * rows[["difference_low", "difference_high"]].to_numpy()
        axes.hlines(here, *ends.T, color=drawn.colour, linewidth=1.6)
        points = 100 * rows["difference"]
        axes.plot(points, here, drawn.marker, color=drawn.colour, **MARK)
        places += [top, *here]
        names += ["controls" if name == CONTROL else name, *(label(short_name(cell), 34) for cell in rows["cell"])]
        titles.append(len(names) - len(rows) - 1)
        top += len(rows) + 1.6
    axes.set_yticks(places, names, fontsize="small", ha="left")
    longest = max(len(name) for place, name in enumerate(names) if place not in titles)
    axes.tick_params(axis="y", length=0, pad=5 + 4.6 * longest)  # in points: names start at the left
    for place in titles:
        axes.get_yticklabels()[place].set_fontweight("bold")
    axes.set(ylim=(top - 0.6, -0.8), xlabel=f"difference from {reference} in points")
    if (table["seeds"] == 1).any():
        axes.set_title("With one seed, intervals cover the choice of locations alone.", color=MUTED, fontsize="small")
    return figure
