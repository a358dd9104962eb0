"""Figures table3 to table5: cells by heads and layers, as the paper lays out its tables."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from tagasc.artifacts.pictures import TABLE3
from tagasc.paper.grid import TABLES, Layout
from tagasc.paper.numbers import ACCURACY
from tagasc.tables.figures.drawing import WIDTH, draw_tiles, message, name_tiles
from tagasc.tables.figures.families import headline

SIGNIFICANT = 0.05
"""Adjusted p-values below this have a star."""


def heat_map_rows(comparisons: pd.DataFrame, number: int, *, with_paper: bool) -> pd.DataFrame:
    """Return one row per cell of a table, whether it is scored or not, in the order of the table."""
    layout = TABLES[number]
    found = headline(comparisons).set_index("cell")[["accuracy", "difference", "p_holm"]]
    rows = [
        {"cell": cell.name, "row": headers[0], "column": column, "paper": ACCURACY[cell.name] / 100}
        for headers, cells in zip(layout.rows, layout.cells, strict=True)
        for column, cell in zip(layout.columns, cells, strict=True)
    ]
    table = pd.DataFrame(rows).join(found, on="cell")
    return (table if with_paper else table.assign(paper=np.nan))[TABLE3.table.names]


def draw_heat_map(table: pd.DataFrame, number: int) -> Figure:
    """Draw accuracies, the paper's accuracies if the table has them, and differences from the baseline."""
    layout = TABLES[number]
    accuracy, paper, difference, p = (
        _grid(table, column, layout) for column in ("accuracy", "paper", "difference", "p_holm")
    )
    if np.isnan(accuracy).all():
        return message(f"No cell of Table {number} was scored.")
    titles = {"accuracy in %": accuracy, "the paper's accuracy in %": paper}
    shown = {title: 100 * values for title, values in titles.items() if not np.isnan(values).all()}
    n_parts = len(shown) + 1
    figure = Figure(figsize=(WIDTH, 0.9 + 0.42 * len(layout.rows)), layout="constrained")
    parts = figure.subplots(1, n_parts, squeeze=False)[0]
    limits = _limits(np.concatenate(list(shown.values())))
    for axes, (title, values) in zip(parts, shown.items(), strict=False):
        texts = np.char.mod("%.1f", values)
        draw_tiles(axes, values, texts, colours="cividis", limits=limits)
        _name(axes, layout, title)
    points = 100 * difference
    most = max(float(np.nanmax(np.abs(points))), 0.1) if np.isfinite(points).any() else 1.0
    texts = np.char.add(np.char.mod("%+.1f", points), np.where(p < SIGNIFICANT, "*", ""))
    draw_tiles(parts[-1], points, texts, colours="RdBu", limits=(-most, most))
    known = np.isfinite(points).any()
    _name(parts[-1], layout, "difference in points" if known else "difference: no baseline")
    parts[0].set_ylabel("heads")
    return figure


def _grid(table: pd.DataFrame, column: str, layout: Layout) -> NDArray[np.float64]:
    """Return a column as the table lays it out (rows, columns)."""
    values: NDArray[np.float64] = table.set_index("cell")[column].reindex(layout.names).to_numpy(float)
    return values.reshape(len(layout.rows), len(layout.columns))


def _limits(values: NDArray[np.float64]) -> tuple[float, float]:
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    return (low, high) if high > low else (low - 1, high + 1)


def _name(axes: Axes, layout: Layout, title: str) -> None:
    name_tiles(axes, [row[0] for row in layout.rows], layout.columns, slanted=False)
    axes.set_title(title)
    axes.set_xlabel(layout.column_header.removeprefix("# ").replace("Transform layers", "transform layers"))
