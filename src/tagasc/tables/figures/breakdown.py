"""Figures scenes and cities: where the baseline and the best cell are accurate."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from tagasc.artifacts.figure import MUTED, label
from tagasc.artifacts.pictures import CITIES, SCENES
from tagasc.tables.figures.drawing import MARK, WIDTH, message
from tagasc.tables.figures.families import family, headline, look


def scene_rows(breakdown: pd.DataFrame, systems: list[str]) -> pd.DataFrame:
    """Return one row per system and scene."""
    return _rows(breakdown, systems, "scene").rename(columns={"value": "scene"})[SCENES.table.names]


def city_rows(breakdown: pd.DataFrame, systems: list[str], clips: pd.DataFrame) -> pd.DataFrame:
    """Return one row per system and city, seen ones first; none if all clips come from one city."""
    seen = set(clips.loc[clips["split"] == "train", "city"])
    rows = _rows(breakdown, systems, "city").rename(columns={"value": "city"})
    rows = rows.assign(seen=np.where(rows["city"].isin(seen), "yes", "no"))
    return rows.sort_values("seen", ascending=False, kind="stable")[CITIES.table.names]


def _rows(breakdown: pd.DataFrame, systems: list[str], by: str) -> pd.DataFrame:
    shown = headline(breakdown)
    return shown[(shown["by"] == by) & shown["cell"].isin(systems)]


def draw_scenes(table: pd.DataFrame) -> Figure:
    """Draw the accuracy of each system in each scene."""
    if table.empty:
        return message("There are no accuracies by scene to show, because neither the baseline nor a cell was scored.")
    return _draw(table, "scene", [])


def draw_cities(table: pd.DataFrame) -> Figure:
    """Draw the accuracy of each system in each city; those without training clips stand below a line."""
    if table.empty:
        return message("There are no accuracies by city to show, because all test clips come from one city.")
    unseen = list(dict.fromkeys(table.loc[table["seen"] == "no", "city"]))
    return _draw(table, "city", unseen)


def _draw(table: pd.DataFrame, by: str, below: list[str]) -> Figure:
    """Draw one row per value of the column ``by``, with one point and interval per system."""
    values = list(dict.fromkeys(table[by]))
    systems = list(dict.fromkeys(table["cell"]))
    figure = Figure(figsize=(WIDTH, 1.1 + 0.27 * len(values)), layout="constrained")
    axes = figure.add_subplot()
    axes.grid(axis="x", linewidth=0.6)
    clips = table.drop_duplicates(by).set_index(by)["clips"]
    for number, system in enumerate(systems):
        rows = table[table["cell"] == system].set_index(by).reindex(values)
        drawn = look(family(system))
        places = np.arange(len(values)) + 0.3 * (number - (len(systems) - 1) / 2)
        axes.hlines(places, *(100 * rows[["low", "high"]].to_numpy().T), color=drawn.colour, linewidth=1.6)
        axes.plot(100 * rows["accuracy"], places, drawn.marker, color=drawn.colour, label=system, **MARK)
    names = [f"{label(value)} ({clips[value]:,} clip{'s' if clips[value] > 1 else ''})" for value in values]
    axes.set_yticks(range(len(values)), names)
    axes.tick_params(axis="y", length=0)
    axes.set(ylim=(len(values) - 0.4, -0.6), xlabel="accuracy in %")
    if below:
        line = len(values) - len(below) - 0.5
        axes.axhline(line, color=MUTED, linewidth=0.8, linestyle=":")
        side = axes.get_yaxis_transform()
        axes.text(
            0.995,
            line + 0.06,
            "without training clips",
            transform=side,
            ha="right",
            va="top",
            color=MUTED,
            size="small",
        )
    figure.legend(loc="outside upper center", ncols=2)
    return figure
