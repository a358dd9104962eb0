"""Description of the scenes by their tags: how reliably a tag tells a scene's clips from all others."""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from tagasc.artifacts.figure import label, write_figure
from tagasc.artifacts.scenes import read_clips
from tagasc.artifacts.tags import Tags, read_tags
from tagasc.artifacts.telling_tags import FIGURE, TELLING_TAGS

_MIN_ERROR = 1e-6  # standard error of a difference between tags that do not vary; tag values are at most 1
_TOP = 4  # tags per scene in the figure: ten scenes have at most 40 rows, which fit a page; the table has all tags


def describe_tags(clips: Path, tags: Path, table: Path, figure: Path) -> None:
    """Write the table of `telling_tags`, and its heat map as svg.

    All clips count, including those for evaluation: this describes a corpus and a tagger, and nothing is trained or
    chosen by it.

    Raises
    ------
    InputError
        If a file is missing or damaged, or has no tag vector for a clip.
    """
    corpus = read_clips(clips)
    telling = telling_tags(read_tags(tags, corpus["filename"].tolist()), corpus["scene"].tolist())
    TELLING_TAGS.write(table, telling)
    write_figure(FIGURE, figure, lambda: heat_map(telling))


def telling_tags(tags: Tags, scenes: list[str]) -> pd.DataFrame:
    """Return one row per scene and tag: scene, tag, t, mean, lift. Within a scene, the most telling tags come first.

    Parameters
    ----------
    tags
        Tag vectors (clips, tags).
    scenes
        The scene of each clip.

    Returns
    -------
    pandas.DataFrame
        ``t`` is Welch's t value of the tag in the clips of the scene against all other clips: their difference in
        means, divided by its standard error. A tag that is rare but high in one clip has a low t value. If the scene or
        the rest has a single clip, its variance is taken to be that of the other side. The standard error is at least
        1e-6, so that tags without any variance have a finite value, and 0 if there is no difference. With a single
        scene, t is 0. ``mean`` is the mean tag value over the clips of the scene. ``lift`` is that mean divided by the
        mean over all clips. It is 1 for a tag that says nothing about the scene, and NaN for a tag that is 0 in all
        clips.
    """
    vectors = pd.DataFrame(tags.vectors.astype(np.float64), columns=tags.labels)
    means = vectors.groupby(pd.Index(scenes, name="scene")).mean()
    table = means.melt(ignore_index=False, var_name="tag", value_name="mean").reset_index()
    table["lift"] = (means / vectors.mean().replace(0, np.nan)).melt()["value"]
    t_values = [_welch_t(vectors[(own := np.array(scenes) == scene)], vectors[~own]) for scene in means.index]
    table.insert(2, "t", np.array(t_values).T.ravel())
    order = {"scene": True, "t": False, "mean": False}
    return table.sort_values(list(order), ascending=list(order.values()), kind="stable", ignore_index=True)


def _welch_t(own: pd.DataFrame, others: pd.DataFrame) -> NDArray[np.float64]:
    """Return Welch's t value of each tag (tags,) between two groups of clips."""
    if others.empty:
        return np.zeros(own.shape[1])
    own_variance, other_variance = own.var(), others.var()  # NaN for a single clip
    variance = own_variance.fillna(other_variance) / len(own) + other_variance.fillna(own_variance) / len(others)
    error = np.maximum(np.sqrt(variance.fillna(0).to_numpy()), _MIN_ERROR)
    return (own.mean() - others.mean()).to_numpy() / error


def heat_map(telling: pd.DataFrame) -> Figure:
    """Draw the most telling tags of each scene, by t value, as rows, against all scenes, as columns.

    The colour is the lift on a logarithmic scale. The number in a cell is the mean tag value in per cent, if it is at
    least 0.1.
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
    # Outside of `write_figure`, a dollar sign in a name would start a formula.
    scene_names, tag_names = ([label(str(name)) for name in names] for names in (scenes, chosen))
    axes.set_xticks(range(len(scenes)), scene_names, rotation=45, ha="right", rotation_mode="anchor", parse_math=False)
    axes.set_yticks(range(len(chosen)), tag_names, parse_math=False)
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
