"""Figure confusion: confusion matrices of the baseline and of the best cell, and their difference."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from tagasc.artifacts.pictures import CONFUSION
from tagasc.tables.figures.drawing import WIDTH, draw_tiles, message, name_tiles
from tagasc.tables.figures.families import headline

_MOST_WITH_NUMBERS = 12
"""Largest number of scenes with a number in each tile."""


def confusion_rows(classwise: pd.DataFrame, systems: list[str]) -> pd.DataFrame:
    """Return the confusion matrices of these systems, with the share of each scene's clips."""
    shown = headline(classwise)
    found = pd.concat([shown[shown["cell"] == system] for system in systems]) if systems else shown.iloc[:0]
    total = found.groupby(["cell", "scene"], sort=False)["clips"].transform("sum")
    share = (found["clips"] / total.where(total > 0)).fillna(0.0)  # a scene may have no test clip
    return found.assign(share=share)[CONFUSION.table.names]


def draw_confusion(table: pd.DataFrame) -> Figure:
    """Draw the matrix of each system and, if there are two, the second minus the first."""
    if table.empty:
        return message("There is no confusion matrix to show, because neither the baseline nor a cell was scored.")
    scenes = list(dict.fromkeys(table["scene"]))
    matrices = {str(cell): _matrix(rows, scenes) for cell, rows in table.groupby("cell", sort=False)}
    n_parts = 1 if len(matrices) == 1 else 3
    size = WIDTH / n_parts
    figure = Figure(figsize=(WIDTH, min(size, 4.2) + 1.2), layout="compressed")
    parts = figure.subplots(1, n_parts, squeeze=False)[0]
    for axes, (cell, shares) in zip(parts, matrices.items(), strict=False):
        draw_tiles(axes, shares, _texts(shares, "%.0f"), colours="cividis", limits=(0, 100))
        axes.set_title(f"{cell}, %", fontsize="small")
    if n_parts == 3:
        baseline, best = matrices.values()
        change = best - baseline
        most = max(float(np.abs(change).max()), 1.0)
        draw_tiles(parts[2], change, _texts(change, "%+.0f"), colours="RdBu", limits=(-most, most))
        parts[2].set_title("difference, points", fontsize="small")
    for axes in parts:
        name_tiles(axes, scenes if axes is parts[0] else [""] * len(scenes), scenes)
        axes.tick_params(labelsize="small" if len(scenes) <= 2 * _MOST_WITH_NUMBERS else "xx-small")
        axes.set_aspect("equal")
    parts[0].set_ylabel("scene of the clips")
    figure.supxlabel("predicted scene", fontsize="medium")
    return figure


def _matrix(rows: pd.DataFrame, scenes: list[str]) -> NDArray[np.float64]:
    """Return the shares in per cent (scenes, predicted scenes)."""
    shares = rows.pivot_table("share", "scene", "predicted", sort=False).reindex(index=scenes, columns=scenes)
    return 100 * shares.to_numpy(float)


def _texts(values: NDArray[np.float64], style: str) -> NDArray[np.str_] | None:
    """Return the numbers of the tiles; those that round to 0 stay empty, and all of them if there are many scenes."""
    if len(values) > _MOST_WITH_NUMBERS:
        return None
    return np.where(np.abs(values) < 0.5, "", np.char.mod(style, values))
