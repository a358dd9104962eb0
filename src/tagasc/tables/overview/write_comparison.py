"""The page of `tagasc compare`: several experiments side by side."""

import re
from collections.abc import Hashable, Mapping, Sequence
from math import isnan
from pathlib import Path
from typing import Any

import pandas as pd

from tagasc.artifacts.controls import CONTROLS
from tagasc.runtime.errors import InputError
from tagasc.runtime.files import atomic_write
from tagasc.tables.overview.compare_experiments import SAME, compare_experiments
from tagasc.tables.overview.comparison_sentences import findings, systems, trust
from tagasc.tables.overview.configuration_differences import configuration_differences
from tagasc.tables.overview.draw_experiments import experiment_svg
from tagasc.tables.overview.experiments import FinishedExperiment, read_experiments
from tagasc.tables.overview.page import render
from tagasc.tables.overview.wording import listed, p_value, points

GENERATOR = "tagasc compare"
_READING = (
    "Each line is the 95 % interval of a difference. On the right of zero, {} is more accurate. If a line crosses "
    "zero, the runs cannot tell."
)
_CAPTION = (
    "Small numbers are 95 % intervals. Bold differences have an adjusted p-value below 0.05. A dash: the experiment "
    "lacks the cell or control, or there is no such number."
)
_ABOUT_SAME = " “Same predictions” holds for all seeds that both experiments have."
_EMPTY: dict[str, Any] = {"text": "", "sort": "", "detail": "", "bold": False}
_HEAD = 4096
"""Bytes at the beginning of a page that hold the name of its generator."""


def write_comparison(names: Sequence[str], *, results: Path, output: Path) -> list[str]:
    """Compare experiments, write the page, and return what was found, as lines.

    Parameters
    ----------
    names
        Names of two or more experiments, each ``<name>`` or ``<name>/<backend.name>``.
    results
        The folder ``results``.
    output
        The page. If it exists, it must be such a page.

    Raises
    ------
    InputError
        As `read_experiments` and `compare_experiments`, and if ``output`` is something else.
    """
    check_output(output)
    experiments = read_experiments(names, results)
    table = compare_experiments(experiments)
    keys = configuration_differences([experiment.configuration for experiment in experiments])
    found = findings(experiments, table)
    page = render(
        "comparison.html.jinja",
        generator=GENERATOR,
        title=listed(names),
        findings=found,
        trust=trust(experiments, table, len(keys)),
        facts=[_facts(experiment) for experiment in experiments],
        figures=_figures(names, table),
        **_systems_table(names, table),
        keys=keys,
        key_headings=[(name, False) for name in names],
    )
    with atomic_write(output) as partial:
        partial.write_text(page, encoding="utf-8")
    return [f"{output}: {systems(table['system'].nunique())} of {len(names)} experiments", *found]


def check_output(path: Path) -> None:
    """Check that a page can be written without replacing a file of the user.

    Raises
    ------
    InputError
        If there is a folder, or a file that is not a page of `tagasc compare`.
    """
    if path.is_dir():
        raise InputError(f"{path}: is a folder; name a file, such as {path / 'comparison.html'}")
    if not path.exists():
        return
    head = ""
    if path.is_file():
        with path.open("rb") as file:
            head = file.read(_HEAD).decode(errors="replace")
    if not re.search(rf'<meta name="generator" content="{GENERATOR} ', head):
        raise InputError(f"{path}: is no page of {GENERATOR}, so it is not replaced; name another file, or remove it")


def _facts(experiment: FinishedExperiment) -> dict[str, Any]:
    """Return the name of an experiment and its numbers of cells, controls, seeds, clips, locations and scenes."""
    evaluation = experiment.evaluation
    controls = sum(system in CONTROLS for system in evaluation.cells)
    seeds = max(len(evaluation.runs_of(system)) for system in evaluation.cells)
    numbers = [len(evaluation.cells) - controls, controls, seeds, len(evaluation.clips)]
    return {
        "name": experiment.name,
        "numbers": [*numbers, *(evaluation.clips[column].nunique() for column in ("location", "scene"))],
    }


def _figures(names: Sequence[str], table: pd.DataFrame) -> list[dict[str, str]]:
    """Return what the page shows of each further experiment that has differences."""
    first, *others = names
    figures = []
    for number, other in enumerate(others, start=1):
        name = f"differences{number}"
        if (svg := experiment_svg(table, first, other, name)) is not None:
            question = f"Where does {other} differ from {first}?"
            figures.append({"name": name, "question": question, "svg": svg, "reading": _READING.format(other)})
    return figures


def _systems_table(names: Sequence[str], table: pd.DataFrame) -> dict[str, Any]:
    """Return caption, headings and rows of the table: of each system, its accuracies and its differences."""
    first, *others = names
    rows = []
    for system, of_system in table.groupby("system", sort=False):
        found = {row["experiment"]: row for row in of_system.to_dict("records")}
        entries = [_accuracy(found[name]) if name in found else _EMPTY for name in names]
        for name in others:
            entries += _difference(found[name]) if name in found else [_EMPTY, _EMPTY]
        rows.append({"system": system, "entries": entries})
    headings = [("Cell or control", False), *((name, True) for name in names)]
    headings += [("points", True), ("adjusted p", True)] * len(others)
    groups = [("", 1), ("Accuracy in %", len(names)), *((f"{name} minus {first}", 2) for name in others)]
    caption = _CAPTION + _ABOUT_SAME * bool((table["comparison"] == SAME).any())
    return {"caption": caption, "headings": headings, "groups": groups, "rows": rows}


def _accuracy(row: Mapping[Hashable, Any]) -> dict[str, Any]:
    detail = "" if isnan(row["low"]) else f"{100 * row['low']:.1f} to {100 * row['high']:.1f}"
    return {"text": f"{100 * row['accuracy']:.2f}", "sort": row["accuracy"], "detail": detail, "bold": False}


def _difference(row: Mapping[Hashable, Any]) -> list[dict[str, Any]]:
    """Return the entries for a difference and its adjusted p-value."""
    if not row["comparison"]:
        return [_EMPTY, _EMPTY]
    if row["comparison"] == SAME:
        return [_EMPTY | {"text": SAME, "sort": 0.0}, _EMPTY]
    detail = ""
    if not isnan(row["difference_low"]):
        detail = f"{points(row['difference_low'])} to {points(row['difference_high'])}"
    p, text = row["p_holm"], points(row["difference"])
    return [
        {"text": text, "sort": row["difference"], "detail": detail, "bold": p < 0.05},
        _EMPTY if isnan(p) else _EMPTY | {"text": p_value(p), "sort": p},
    ]
