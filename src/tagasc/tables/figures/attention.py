"""Figures attention and attention_tags: what the tags of a scene raise, and which of them do it."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from tagasc.artifacts.figure import label
from tagasc.artifacts.pictures import ATTENTION, ATTENTION_TAGS
from tagasc.tables.figures.attention_map import AttentionMap
from tagasc.tables.figures.drawing import WIDTH, draw_tiles, message, name_tiles

_NOTHING = "There is no attention to show, because no cell with heads that takes its own tags was trained."
_MOST_TAGS = 12
_MOST_WITH_NUMBERS = 12
"""Largest number of scenes with a number in each tile."""

Floats = NDArray[np.float64]


def attention_rows(cell: str, attention: AttentionMap, tags: Floats, scenes: "pd.Series[str]") -> pd.DataFrame:
    """Return the mean factor of each filter in the clips of each scene.

    Parameters
    ----------
    cell
        Name of the cell.
    attention
        Its attention.
    tags
        Tag vectors (clips, tags) of the test clips.
    scenes
        The scene of each of them.
    """
    factors = pd.DataFrame(attention.factors(tags)).groupby(scenes.to_numpy()).mean()
    n_filters = factors.shape[1]
    filters = np.arange(n_filters)
    rows = [
        pd.DataFrame(
            {
                "cell": cell,
                "scene": scene,
                "head": filters // (n_filters // attention.heads) + 1,
                "filter": filters + 1,
                "factor": values.to_numpy(),
            }
        )
        for scene, values in factors.iterrows()
    ]
    return pd.concat(rows)[ATTENTION.table.names]


def attention_tag_rows(
    cell: str, attention: AttentionMap, tags: Floats, labels: list[str], scenes: "pd.Series[str]"
) -> pd.DataFrame:
    """Return how much the mean tag value of each scene moves the attention, to first order.

    The logarithms of the factors are linearised at the mean tag vector of the test clips. A tag moves them by its
    derivative times the difference between the mean of the scene and the mean of all clips.
    """
    mean = tags.mean(axis=0)
    differences = pd.DataFrame(tags, columns=labels).groupby(scenes.to_numpy()).mean() - mean
    size = np.sqrt((attention.jacobian(mean) ** 2).mean(axis=0))  # root mean square over filters, per unit of a tag
    moved = (differences.abs() * size).rename_axis("scene").reset_index()
    rows = moved.melt("scene", var_name="tag", value_name="movement").assign(cell=cell)
    return rows.sort_values("scene", kind="stable")[ATTENTION_TAGS.table.names]


def draw_attention(table: pd.DataFrame) -> Figure:
    """Draw scenes in rows and filters in columns, on a logarithmic scale of colours around 1."""
    if table.empty:
        return message(_NOTHING)
    factors = table.pivot_table("factor", "scene", "filter", sort=False)
    octaves = np.log2(factors.to_numpy().clip(2.0**-8))
    limit = max(float(np.abs(octaves).max()), 0.25)
    heads = table.drop_duplicates("filter")["head"].to_numpy()
    starts = np.flatnonzero(np.diff(heads, prepend=0))
    middles = (starts + np.append(starts[1:], len(heads)) - 1) / 2

    height = 0.24 * max(len(factors), 6)
    figure = Figure(figsize=(WIDTH, 1.3 + height), layout="constrained")
    axes = figure.add_subplot()
    image = axes.imshow(octaves, cmap="RdBu_r", vmin=-limit, vmax=limit, aspect="auto", interpolation="none")
    for start in starts[1:]:
        axes.axvline(start - 0.5, color="#000000", linewidth=0.8)
    axes.set_yticks(range(len(factors)), [label(scene) for scene in factors.index])
    every = -(-len(starts) // 16)
    axes.set_xticks(middles[::every], [str(head) for head in heads[starts]][::every])
    axes.set_xlabel("filters, by head")
    axes.set_title(label(table["cell"].iloc[0], 60))
    axes.tick_params(length=0)
    bar = figure.colorbar(image, label="factor / mean of the head", shrink=0.9, aspect=height / 0.15)
    ticks = _ticks(limit)
    bar.set_ticks(ticks, labels=[_factor(tick) for tick in ticks])
    return figure


def _ticks(limit: float) -> list[float]:
    """Return at most nine octaves between minus and plus ``limit``: whole ones if there are any.

    >>> _ticks(0.25), _ticks(2.6)
    ([-0.25, 0.0, 0.25], [-2.0, -1.0, 0.0, 1.0, 2.0])
    """
    step = max(1, -(-int(limit) // 4)) if limit >= 1 else limit
    most = int(limit / step)
    return [float(step * number) for number in range(-most, most + 1)]


def _factor(octave: float) -> str:
    """Return a power of two as people write it.

    >>> _factor(-1.0), _factor(-3.0), _factor(2.0), _factor(0.25)
    ('1/2', '1/8', '4', '1.19')
    """
    if not octave.is_integer():
        return f"{2.0**octave:.2f}"
    return f"{2 ** int(octave)}" if octave >= 0 else f"1/{2 ** int(-octave)}"


def draw_attention_tags(table: pd.DataFrame) -> Figure:
    """Draw the tags that move the attention most, in rows, against the scenes."""
    if table.empty:
        return message(_NOTHING)
    moved = 100 * table.pivot_table("movement", "tag", "scene", sort=False)
    moved = moved.loc[moved.sum(axis=1).sort_values(ascending=False, kind="stable").index[:_MOST_TAGS]]
    values = moved.to_numpy()
    figure = Figure(figsize=(WIDTH, 1.4 + 0.26 * len(moved)), layout="constrained")
    axes = figure.add_subplot()
    numbered = values.shape[1] <= _MOST_WITH_NUMBERS
    texts = np.where(values < 9.95, np.char.mod("%.1f", values), np.char.mod("%.0f", values)) if numbered else None
    draw_tiles(axes, values, texts, colours="cividis", limits=(0, max(float(values.max()), 1e-9)))
    name_tiles(axes, list(moved.index), list(moved.columns))
    if not numbered:
        figure.colorbar(axes.collections[0], label="movement in %", aspect=30)
        for name in axes.get_xticklabels():
            name.set(rotation=90, va="center", fontsize="x-small")
    axes.set_title(f"{label(table['cell'].iloc[0], 60)}: movement in %")
    return figure
