"""Figure gained_clips: clips that the best cell gets right and the baseline wrong, and the reverse."""

from collections.abc import Sequence
from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from tagasc.artifacts.figure import INK, MUTED, label
from tagasc.artifacts.pictures import GAINED_CLIPS
from tagasc.artifacts.tags import Tags
from tagasc.tables.figures.drawing import WIDTH, message
from tagasc.tables.figures.families import look

_N_TAGS = 3
_LINE = 54
"""Largest number of signs in a line of tags: two long tags with their values fit, and two lines fit a row."""


def gained_rows(
    cell: str, runs: Sequence[pd.DataFrame], baseline_runs: Sequence[pd.DataFrame], tags: Tags
) -> pd.DataFrame:
    """Return one row per clip that one system gets right in most seeds and the other one wrong.

    Parameters
    ----------
    cell
        The cell that is compared with the baseline.
    runs, baseline_runs
        Predictions of each seed, with the columns filename, scene and predicted, and the same clips.
    tags
        Tag vectors of these clips.
    """
    clips = runs[0][["filename", "scene"]].reset_index(drop=True)
    right, predicted = _most(runs)
    baseline_right, baseline_predicted = _most(baseline_runs)
    table = clips.assign(cell=cell, baseline_predicted=baseline_predicted, predicted=predicted)
    table["change"] = np.select([right & ~baseline_right, ~right & baseline_right], ["gained", "lost"], "")
    strongest = np.argsort(-tags.vectors, axis=1, kind="stable")[:, :_N_TAGS]
    for place in range(strongest.shape[1]):
        column = strongest[:, place]
        table[f"tag{place + 1}"] = np.array(tags.labels, dtype=object)[column]
        table[f"value{place + 1}"] = np.take_along_axis(tags.vectors, column[:, None], axis=1)[:, 0].astype(float)
    return table[table["change"] != ""].reindex(columns=GAINED_CLIPS.table.names)


def _most(runs: Sequence[pd.DataFrame]) -> tuple[np.ndarray, np.ndarray]:
    """Return whether each clip is right in more than half of the seeds, and what is predicted in most of them."""
    right = np.mean([run["predicted"].to_numpy() == run["scene"].to_numpy() for run in runs], axis=0) > 0.5
    predicted = pd.DataFrame([run["predicted"].to_numpy() for run in runs])
    return right, predicted.mode().iloc[0].to_numpy()  # of equals the first in alphabetical order


def draw_gained_clips(table: pd.DataFrame) -> Figure:
    """Draw gained clips to the right and lost clips to the left, with the strongest tags of the gained ones."""
    if table.empty:
        return message("No clip is gained or lost: the baseline or a cell with tags is missing, or both are alike.")
    counts = pd.crosstab(table["scene"], table["change"]).reindex(columns=["gained", "lost"], fill_value=0)
    places = np.arange(len(counts))
    figure = Figure(figsize=(WIDTH, 1.1 + 0.3 * len(counts)), layout="constrained")
    axes, names_of_tags = figure.subplots(1, 2, width_ratios=[3, 4])
    axes.barh(places, counts["gained"], color=look("attention").colour, edgecolor=INK, linewidth=0.3)
    axes.barh(places, -counts["lost"], color=look("before_code").colour, edgecolor=INK, linewidth=0.3)
    for place, (gained, lost) in enumerate(counts.to_numpy()):
        axes.annotate(f"{gained}", (gained, place), (3, 0), textcoords="offset points", va="center", size="small")
        left = {"va": "center", "ha": "right", "size": "small"}
        axes.annotate(f"{lost}", (-lost, place), (-3, 0), textcoords="offset points", **left)
    most = max(int(counts.to_numpy().max()), 1)
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.set_yticks(places, [label(scene) for scene in counts.index])
    axes.set(xlim=(-1.3 * most, 1.3 * most), ylim=(len(counts) - 0.5, -0.5), xlabel="clips lost | clips gained")
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.xaxis.set_major_formatter(lambda value, _: f"{abs(value):g}")
    axes.tick_params(axis="y", length=0)
    names_of_tags.set(ylim=(len(counts) - 0.5, -0.5), xlim=(0, 1))
    names_of_tags.set_axis_off()
    names_of_tags.set_title("strongest tags of the gained clips, and their mean value", loc="left", fontsize="small")
    for place, scene in enumerate(counts.index):
        text = _strongest(table[(table["scene"] == scene) & (table["change"] == "gained")])
        names_of_tags.text(0, place, text or "–", va="center", size="small", color=INK if text else MUTED)
    figure.suptitle(f"{label(table['cell'].iloc[0], 60)} against the baseline", fontsize="medium")
    return figure


def _strongest(gained: pd.DataFrame) -> str:
    """Return the tags that are most often among the strongest of these clips, with their mean value there."""
    values = pd.concat(
        [gained[[f"tag{place}", f"value{place}"]].set_axis(["tag", "value"], axis=1) for place in range(1, _N_TAGS + 1)]
    )
    values = values[(values["tag"] != "") & values["value"].notna()]
    by_tag = values.groupby("tag")["value"].agg(["sum", "mean"]).sort_values("sum", ascending=False, kind="stable")
    texts = [f"{label(str(tag), 20)} {mean:.2f}" for tag, mean in by_tag["mean"].head(_N_TAGS).items()]
    # With no-break spaces, a tag and its value stay on one line.
    unbroken = ", ".join(text.replace(" ", "\N{NO-BREAK SPACE}") for text in texts)
    return fill(unbroken, _LINE, break_on_hyphens=False)
