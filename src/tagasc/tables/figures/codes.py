"""Figure codes: the codes of a cell in two dimensions."""

from itertools import cycle
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray
from sklearn.decomposition import PCA

from tagasc.artifacts.figure import GRID, INK, PAPER, label
from tagasc.artifacts.pictures import CODES
from tagasc.tables.figures.drawing import WIDTH, message, separate

_MOST_POINTS = 1500
_MOST_CITIES = 14
"""Largest number of cities in the legend."""
COLOURS = (
    "#2f7fd1", "#d1660a", "#1a8f63", "#c2527f", "#8f5fd6", "#8a6d3b", "#7a7a7a", "#c23b3b", "#0f8b9a", "#6f8a1a",
)  # fmt: skip
"""Colours of scenes; each has a contrast of at least 3 to a light and to a dark background."""
_MANY_SCENES = 20
"""Number of scenes from which their names are short and small."""
_MARKERS = "os^Dv<>Pp*hX8d"


def code_rows(cell: str, codes: NDArray[np.floating], clips: pd.DataFrame) -> pd.DataFrame:
    """Return the first two principal components of the codes (clips, code) of these clips."""
    values = codes.astype(np.float64)
    components, shares = np.zeros((len(values), 2)), np.zeros(2)
    n_components = min(2, *values.shape)
    if np.ptp(values, axis=0).any():  # otherwise there is nothing to project
        pca = PCA(n_components, svd_solver="full")
        components[:, :n_components] = pca.fit_transform(values)
        shares[:n_components] = pca.explained_variance_ratio_
    rows = clips[["filename", "scene", "city"]].assign(cell=cell, first=components[:, 0], second=components[:, 1])
    return rows.assign(first_share=shares[0], second_share=shares[1])[CODES.table.names]


def draw_codes(table: pd.DataFrame) -> Figure:
    """Draw one point per test clip, or per k-th clip of each scene if there are many."""
    if table.empty:
        return message("There are no codes to show, because no cell that takes its own tags was trained.")
    every = -(-len(table) // _MOST_POINTS)
    shown = table[table.groupby("scene").cumcount() % every == 0]
    scenes, cities = (sorted(table[column].unique()) for column in ("scene", "city"))
    marker_of = dict(zip(cities, cycle(_MARKERS), strict=False))
    figure = Figure(figsize=(WIDTH, 5.4), layout="constrained")
    axes = figure.add_subplot()
    for scene, colour in zip(scenes, cycle(COLOURS), strict=False):
        for city, points in shown[shown["scene"] == scene].groupby("city"):
            marker = marker_of[str(city)]
            axes.plot(points["first"], points["second"], marker, color=colour, markersize=3.5, alpha=0.75, linewidth=0)
    box = {"facecolor": PAPER, "edgecolor": GRID, "boxstyle": "round,pad=0.2", "alpha": 0.85}
    longest, size = (24, "medium") if len(scenes) < _MANY_SCENES else (14, "xx-small")
    style: dict[str, Any] = {"ha": "center", "va": "center", "fontweight": "bold", "fontsize": size, "bbox": box}
    names = []
    for scene, colour in zip(scenes, cycle(COLOURS), strict=False):
        x, y = table.loc[table["scene"] == scene, ["first", "second"]].mean()
        style |= {"color": colour, "arrowprops": {"arrowstyle": "-", "color": colour}}
        names.append(axes.annotate(label(scene, longest), (x, y), (0, 0), textcoords="offset points", **style))
    first, second = 100 * table["first_share"].iloc[0], 100 * table["second_share"].iloc[0]
    axes.set_xlabel(f"first component ({first:.0f} % of the variance)")
    axes.set_ylabel(f"second component ({second:.0f} %)")
    which = "" if len(table) == 1 else "all " if every == 1 else f"every {_ordinal(every)} of "
    clips = f"{len(table):,} test clip{'s' if len(table) > 1 else ''}"
    axes.set_title(f"{label(table['cell'].iloc[0], 50)}: {which}{clips}")
    if 1 < len(cities) <= _MOST_CITIES:
        for city in cities:
            axes.plot([], [], marker_of[city], color=INK, markersize=4, label=label(city))
        figure.legend(loc="outside right upper", title="city")
    separate(figure, names)
    return figure


def _ordinal(number: int) -> str:
    """Return an ordinal number.

    >>> [_ordinal(number) for number in (2, 3, 4, 11, 21)]
    ['2nd', '3rd', '4th', '11th', '21st']
    """
    suffix = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"
