"""What the tags say about the scenes: how much more of each tag there is in a scene than in the whole corpus."""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from tagasc.corpora.listing import read_list
from tagasc.figures import write_figure
from tagasc.tagger.cache import Tags, load_tags
from tagasc.writing import written_whole

_TOP = 4  # tags a scene in the figure: with ten scenes at most 40 rows, which fit a page; the table has all


def describe_tags(clips: Path, tags: Path, table: Path, figure: Path) -> None:
    """Write the table of `telling_tags` as csv, and its heat map as an image of the kind that the suffix names.

    All clips of the corpus's clips.csv count, evaluation too: this describes a corpus and a tagger, and nothing is
    trained or chosen by it.

    Raises
    ------
    InputError
        If ``tags`` is not a tag cache with a row for each clip.
    """
    corpus = read_list(clips, ",", ["filename", "scene"])
    telling = telling_tags(load_tags(tags, corpus["filename"].tolist()), corpus["scene"].tolist())
    with written_whole(table) as partial:
        telling.to_csv(partial, index=False, float_format="%.6g")
    write_figure(heat_map(telling), figure)


def telling_tags(tags: Tags, scenes: list[str]) -> pd.DataFrame:
    """Return a row for each scene and tag: scene, tag, mean, lift; by scene, the most telling tags first.

    Parameters
    ----------
    tags
        Tag vectors (clips, tags).
    scenes
        The scene of each clip.

    Returns
    -------
    pandas.DataFrame
        ``mean`` is the mean tag value over the scene's clips. ``lift`` is that mean over the mean of all clips: 1 for a
        tag that says nothing about the scene, and at most the number of scenes where all are equally frequent; NaN
        for a tag that is 0 in all clips.
    """
    vectors = pd.DataFrame(tags.vectors.astype(np.float64), columns=tags.labels)
    means = vectors.groupby(pd.Index(scenes, name="scene")).mean()
    table = means.melt(ignore_index=False, var_name="tag", value_name="mean").reset_index()
    table["lift"] = (means / vectors.mean().replace(0, np.nan)).melt()["value"]
    order = {"scene": True, "lift": False, "mean": False}
    return table.sort_values(list(order), ascending=list(order.values()), kind="stable", ignore_index=True)


def heat_map(telling: pd.DataFrame) -> Figure:
    """Draw the tags that are among the most telling of any scene, against all scenes.

    Colour is lift on a logarithmic scale, and the number in a cell the mean tag value in per cent, from 0.1 on.
    """
    chosen = telling.groupby("scene").head(_TOP)["tag"].drop_duplicates()
    lift, mean = (
        telling.pivot_table(name, "tag", "scene", dropna=False).reindex(chosen).to_numpy() for name in ("lift", "mean")
    )
    scenes = telling["scene"].unique().tolist()  # sorted, as the columns of a pivot table are
    octaves = np.log2(np.nan_to_num(lift, nan=1.0).clip(2**-8))
    limit = max(octaves.max(), 1.0)

    figure = Figure(figsize=(3.5 + 0.55 * len(scenes), 1.8 + 0.22 * len(chosen)), layout="constrained")
    axes = figure.add_subplot()
    image = axes.imshow(octaves, cmap="RdBu_r", vmin=-limit, vmax=limit, aspect="auto")
    # A name may hold a dollar sign, which would begin a formula.
    axes.set_xticks(range(len(scenes)), scenes, rotation=45, ha="right", rotation_mode="anchor", parse_math=False)
    axes.set_yticks(range(len(chosen)), list(chosen), parse_math=False)
    axes.tick_params(length=0)
    _write_means(axes, mean, np.abs(octaves) > 0.6 * limit)
    axes.set_title("Most telling tags of each scene: mean value in %", fontsize="medium")
    bar = figure.colorbar(image, label="mean in the scene / mean of all clips", shrink=0.8)
    ticks = range(-int(limit), int(limit) + 1)
    bar.set_ticks(list(ticks), labels=[f"{2.0**tick:g}" for tick in ticks])
    return figure


def _write_means(axes: Axes, mean: NDArray[np.float64], dark: NDArray[np.bool_]) -> None:
    """Write mean tag values (tags, scenes) into their cells, in white where the cell is dark."""
    for (row, column), value in np.ndenumerate(mean):
        if value >= 0.001:
            colour = "white" if dark[row, column] else "black"
            axes.text(column, row, f"{100 * value:.1f}", ha="center", va="center", fontsize="x-small", color=colour)
