"""Figure time: the running time of each rule, from the benchmark files of the jobs."""

import csv
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from tagasc.artifacts.figure import INK, label
from tagasc.artifacts.pictures import TIME
from tagasc.tables.figures.drawing import WIDTH, message

STAGE_COLOURS = {"corpora": "#8f5fd6", "tagger": "#d1660a", "tags": "#c2527f", "experiment": "#2f7fd1"}
"""Colours of the stages, in the order of the graph."""
_UNITS = {"h": 3600, "min": 60, "s": 1}


def time_rows(folders: Sequence[tuple[str, Path]]) -> pd.DataFrame:
    """Return one row per job that has left a benchmark file.

    Parameters
    ----------
    folders
        Pairs of a stage and one of its folders ``benchmarks``. A file ``<rule>.tsv`` or ``<rule>/<job>.tsv`` belongs to
        a rule with many jobs; in ``<rule>-<job>.tsv``, the job follows the rule as well.
    """
    rows = [row for stage, folder in folders for row in _read_folder(stage, folder)]
    return pd.DataFrame(rows, columns=TIME.table.names)


def _read_folder(stage: str, folder: Path) -> Iterator[dict[str, str | float | None]]:
    for path in sorted(folder.rglob("*.tsv")):
        name = path.relative_to(folder).with_suffix("").as_posix()
        rule, _, job = re.sub(r"^(\w+)[/-]", r"\1/", name).partition("/")
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t"):
                memory = row.get("max_rss", "")
                yield {
                    "stage": stage,
                    "rule": rule,
                    "job": job,
                    "seconds": float(row["s"]),
                    "peak_memory_mb": float(memory) if re.fullmatch(r"[\d.]+", memory) else None,
                }


def draw_time(table: pd.DataFrame) -> Figure:
    """Draw the total running time of each rule as a bar, longest first."""
    if table.empty:
        return message("No job has left a benchmark file.")
    rules = table.groupby(["stage", "rule"], sort=False)["seconds"].agg(["sum", "size"]).reset_index()
    rules = rules.sort_values("sum", ascending=False, kind="stable")
    longest = float(rules["sum"].max())
    unit, factor = next((unit, factor) for unit, factor in _UNITS.items() if longest >= 2 * factor or factor == 1)
    figure = Figure(figsize=(WIDTH, 1.0 + 0.22 * len(rules)), layout="constrained")
    axes = figure.add_subplot()
    places = range(len(rules))
    for stage, colour in STAGE_COLOURS.items():
        own = [place for place, name in zip(places, rules["stage"], strict=True) if name == stage]
        if own:
            axes.barh(own, rules["sum"].iloc[own] / factor, color=colour, edgecolor=INK, linewidth=0.3, label=stage)
    for place, (total, jobs) in enumerate(zip(rules["sum"], rules["size"], strict=True)):
        text = f"{_duration(total)}{f' in {jobs:,} jobs' if jobs > 1 else ''}"
        axes.annotate(text, (total / factor, place), (4, 0), textcoords="offset points", va="center", size="small")
    axes.set_yticks(places, [label(rule) for rule in rules["rule"]])
    axes.tick_params(axis="y", length=0)
    axes.set(xlabel=f"running time in {unit}", xlim=(0, 1.25 * longest / factor or 1), ylim=(len(rules) - 0.4, -0.6))
    axes.legend(loc="lower right")
    return figure


def _duration(seconds: float) -> str:
    """Return a duration as people read it.

    >>> _duration(7300), _duration(95), _duration(3.2)
    ('2.0 h', '1.6 min', '3.2 s')
    """
    unit, factor = next((unit, factor) for unit, factor in _UNITS.items() if seconds >= factor or factor == 1)
    return f"{seconds / factor:.1f} {unit}"
