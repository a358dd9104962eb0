"""What several figures draw in the same way."""

from collections.abc import Sequence
from itertools import count
from textwrap import fill
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Annotation, Text
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from tagasc.artifacts.figure import INK, MUTED, NEARLY_WHITE, label

MARK: dict[str, Any] = {"markersize": 5, "markeredgecolor": INK, "markeredgewidth": 0.3}
"""How all markers are drawn."""
WIDTH = 7.3
"""Width of figures in inches: 700 px on a screen."""


def message(text: str) -> Figure:
    """Return a figure that says in a sentence why there is nothing to draw."""
    figure = Figure(figsize=(WIDTH, 0.9), layout="constrained")
    figure.text(0.5, 0.5, fill(text, 95), ha="center", va="center", color=MUTED)
    return figure


def separate(figure: Figure, texts: Sequence[Annotation]) -> None:
    """Move texts up or down until none covers another; the first ones have the first choice of places.

    Parameters
    ----------
    figure
        The figure, which is otherwise complete.
    texts
        Annotations whose offset is in points.
    """
    figure.draw_without_rendering()  # axes and texts have their places only after that
    figure.set_layout_engine("none")  # axes stay there, whatever moves
    taken: list[Bbox] = []
    for text in texts:
        box = Text.get_window_extent(text).padded(4)  # without the line to the point
        shifts = (sign * step * box.height / 4 for step in count() for sign in (1, -1))
        shift = next(shift for shift in shifts if not any(box.translated(0, shift).overlaps(other) for other in taken))
        taken.append(box.translated(0, shift))
        x, y = text.xyann
        text.xyann = (x, y + shift * 72 / figure.dpi)


def draw_tiles(
    axes: Axes,
    values: NDArray[np.float64],
    texts: NDArray[np.str_] | None,
    *,
    colours: str,
    limits: tuple[float, float],
) -> None:
    """Draw a heat map of values (rows, columns), first row on top, with a text in each tile; NaN stays empty.

    Texts are black or white, whichever has the higher contrast to the tile.
    """
    mesh = axes.pcolormesh(np.ma.masked_invalid(values), cmap=colours, vmin=limits[0], vmax=limits[1])
    axes.set(xlim=(0, values.shape[1]), ylim=(values.shape[0], 0))
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    if texts is None:
        return
    colours_of_tiles = mesh.to_rgba(values)
    for (row, column), value in np.ndenumerate(values):
        if np.isfinite(value):
            red, green, blue, _ = colours_of_tiles[row, column]
            dark = 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2 < 0.18
            colour = NEARLY_WHITE if dark else "#000000"
            axes.text(
                column + 0.5, row + 0.5, str(texts[row, column]), ha="center", va="center", size="small", color=colour
            )


def name_tiles(axes: Axes, rows: Sequence[str], columns: Sequence[str], *, slanted: bool = True) -> None:
    """Write the names of rows and columns of a heat map at the middle of its tiles."""
    axes.set_yticks(np.arange(len(rows)) + 0.5, [label(name) for name in rows])
    if slanted:
        names = [label(name) for name in columns]
        axes.set_xticks(np.arange(len(columns)) + 0.5, names, rotation=45, ha="right", rotation_mode="anchor")
    else:
        axes.set_xticks(np.arange(len(columns)) + 0.5, list(columns))
