"""Rule write_overview: everything about an experiment on one page."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from tagasc.artifacts.comparisons import COMPARISONS
from tagasc.artifacts.conclusion import CONCLUSION
from tagasc.artifacts.controls import CONTROLS
from tagasc.artifacts.overview import OVERVIEW
from tagasc.artifacts.pictures import GAINED_CLIPS, PICTURES
from tagasc.artifacts.scenes import read_clips
from tagasc.artifacts.telling_tags import FIGURE
from tagasc.paper.grid import HEADLINE, TEST_LISTS, test_lists
from tagasc.tables.figures.families import headline
from tagasc.tables.overview.gained_table import gained_table
from tagasc.tables.overview.page import render
from tagasc.tables.overview.provenance import commit, count_devices, versions
from tagasc.tables.overview.read_text import read_text
from tagasc.tables.overview.result_tables import TITLES, read_result_tables
from tagasc.tables.overview.system_table import system_table
from tagasc.tables.overview.trust import trust
from tagasc.tables.summary import shows_paper


def write_overview(
    configuration: Mapping[str, Any],
    repository: Path,
    *,
    folder: Path,
    telling_tags_path: Path,
    clips_path: Path,
    history_paths: Sequence[Path],
    output_path: Path,
) -> None:
    """Write the overview page of an experiment.

    Parameters
    ----------
    configuration
        All keys, nested.
    repository
        The folder of the workflow, whose commit is named.
    folder
        The folder of the experiment, or of one of its named ways of scoring: comparisons.csv, conclusion.md, tables and
        figures are there.
    telling_tags_path
        The figure of the most telling tags.
    clips_path
        The table of clips.
    history_paths
        The histories of all cells and seeds.
    output_path
        Where to write the page.

    Raises
    ------
    InputError
        If a file is missing, damaged or foreign.
    """
    clips, comparisons = read_clips(clips_path), COMPARISONS.read(folder / "comparisons.csv")
    with_paper = shows_paper(configuration["compare_with_paper"], clips)
    protocols, lists = configuration["backend"]["protocols"], test_lists(clips["split"])
    lead, paragraphs = _conclusion(folder / "conclusion.md")
    page = render(
        "overview.html.jinja",
        name=_name(configuration),
        lead=lead,
        paragraphs=paragraphs,
        facts=_facts(headline(comparisons), clips),
        trust=trust(comparisons, clips, with_paper=with_paper),
        titles=TITLES,
        tables={number: read_result_tables(number, protocols, lists, folder / "tables") for number in TITLES},
        systems=system_table(comparisons, with_paper=with_paper),
        pictures=[
            (picture, read_text(picture.image, folder / f"figures/{name}.svg")) for name, picture in PICTURES.items()
        ],
        gained=gained_table(GAINED_CLIPS.table.read(folder / f"figures/{GAINED_CLIPS.name}.csv")),
        gained_clips=GAINED_CLIPS.name,
        telling_tags=read_text(FIGURE, telling_tags_path),
        telling_tags_table="/".join(telling_tags_path.with_suffix(".csv").parts[-3:]),
        configuration=yaml.safe_dump(dict(configuration), sort_keys=False, allow_unicode=True),
        seeds=configuration["seeds"],
        devices=count_devices(history_paths),
        versions=versions(),
        commit=commit(repository),
    )
    OVERVIEW.write_text(output_path, page)


def _name(configuration: Mapping[str, Any]) -> str:
    """Return the name of the experiment, with that of its way of scoring if there is one."""
    return " / ".join(filter(None, [configuration["name"], configuration["backend"]["name"]]))


def _conclusion(path: Path) -> tuple[str, list[str]]:
    """Return the first sentence of the conclusion, and the paragraphs that follow it."""
    first, *others = read_text(CONCLUSION, path).strip().split("\n\n")
    lead, *rest = re.split(r"(?<=[.?!])\s+(?=[A-Z])", first, maxsplit=1)
    return lead, [*rest, *others]


def _facts(rows: pd.DataFrame, clips: pd.DataFrame) -> dict[str, str]:
    """Return the size of the experiment, as names and values."""
    is_control = rows["cell"].isin(list(CONTROLS))
    tested = clips[clips["split"].isin(TEST_LISTS[HEADLINE[1]])]
    fewest, most = int(rows["seeds"].min()), int(rows["seeds"].max())
    return {
        "cells": str(int((~is_control).sum())),
        "controls": str(int(is_control.sum())),
        "seeds": str(most) if fewest == most else f"{fewest} to {most}",
        "test clips": f"{len(tested):,}",
        "locations": f"{int(rows['locations'].iloc[0]):,}",
        "scenes": str(tested["scene"].nunique()),
        "protocol": str(rows["protocol"].iloc[0]),
    }
