"""The estimate of a planned run: time on GPUs, memory and disk space."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from tagasc.artifacts.markdown import markdown_table
from tagasc.config import Experiment
from tagasc.costs.counts import Corpora
from tagasc.costs.notes import format_duration, notes_on
from tagasc.costs.schedule import finish_time
from tagasc.costs.speeds import Speed, job_seconds
from tagasc.costs.work import GPU_RULES, Work, job_work
from tagasc.runtime.plan import PlannedJob


@dataclass(frozen=True)
class Estimate:
    """A table, and sentences about what it does not show."""

    titles: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str]

    def text(self) -> str:
        """Return the table with aligned columns, and the sentences below it."""
        lines = [self.titles, *self.rows] if self.rows else []
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        table = [
            "  ".join(
                cell.rjust(width) if column else cell.ljust(width)
                for column, (cell, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in lines
        ]
        return "\n".join([*table, *(_wrap(note) for note in self.notes)])

    def markdown(self) -> str:
        """Return the table in Markdown, and the sentences as a list."""
        table = markdown_table(self.titles, self.rows, "l" + "r" * (len(self.titles) - 1))
        return "\n".join([table, "", *(_wrap(f"* {note}") for note in self.notes)])


def _wrap(text: str) -> str:
    return textwrap.fill(text, 120, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def estimate(
    jobs: Sequence[PlannedJob],
    experiment: Experiment,
    corpora: Corpora,
    speeds: Sequence[Speed],
    gpus: Sequence[int],
) -> Estimate | None:
    """Return the estimate of a run, or None if no job is left that keeps a GPU busy, packs or downloads.

    Parameters
    ----------
    jobs
        All jobs of the graph, among them those that are up to date.
    experiment, corpora
        The experiment, and the sizes of its corpora.
    speeds
        The cards to compare.
    gpus
        For how many GPUs to print the wall time.

    Raises
    ------
    InputError
        If the sizes of the corpora cannot be read.
    """
    running = [job for job in jobs if job.causes]
    work = {
        place: job_work(job.rule, job.wildcards.get("cell", ""), experiment, corpora)
        for place, job in enumerate(jobs)
        if job.causes and job.rule in GPU_RULES
    }
    notes = list(notes_on(running, experiment, corpora))
    if not work and not notes:
        return None
    if not work:
        return Estimate([], [], notes)
    unit, factor = _unit(sum(one.operations for one in work.values()))
    titles = ["GPU time", "jobs", unit, *(speed.title for speed in speeds)]
    return Estimate(
        titles, _rows(jobs, work, speeds, gpus, factor), [*_sources(speeds), *_waiting(jobs, work, speeds), *notes]
    )


def _rows(
    jobs: Sequence[PlannedJob], work: dict[int, Work], speeds: Sequence[Speed], gpus: Sequence[int], factor: float
) -> list[list[str]]:
    """Return one row per rule, the sum of all, and the wall time with each number of GPUs."""
    seconds = [{place: job_seconds(speed, one) for place, one in work.items()} for speed in speeds]
    rows = []
    for rule in dict.fromkeys(jobs[place].rule for place in work):
        places = [place for place in work if jobs[place].rule == rule]
        rows.append(_row(rule, places, work, seconds, factor))
    if len(rows) > 1:
        rows.append(_row("together", list(work), work, seconds, factor))
    waits_for = [job.waits_for for job in jobs]
    for number in gpus:
        times = [
            finish_time([each.get(place, 0.0) for place in range(len(jobs))], waits_for, number) for each in seconds
        ]
        rows.append([f"wall time, {number} GPU{'s' * (number > 1)}", "", "", *map(format_duration, times)])
    return rows


def _row(
    name: str, places: Sequence[int], work: dict[int, Work], seconds: Sequence[dict[int, float]], factor: float
) -> list[str]:
    operations = sum(work[place].operations for place in places) / factor
    times = (format_duration(sum(each[place] for place in places)) for each in seconds)
    return [name, str(len(places)), f"{operations:,.{0 if operations >= 10 else 1}f}", *times]


def _unit(operations: float) -> tuple[str, float]:
    """Return the unit in which to print up to so much, and its size.

    >>> _unit(3e18), _unit(2e13)
    (('PFLOP', 1000000000000000.0), ('TFLOP', 1000000000000.0))
    """
    return ("PFLOP", 1e15) if operations >= 1e16 else ("TFLOP", 1e12)


def _sources(speeds: Sequence[Speed]) -> list[str]:
    """Return one sentence per source of speeds, with the cards that it holds for."""
    by_source = groupby(sorted(speeds, key=lambda speed: speed.source), key=lambda speed: speed.source)
    return [f"{', '.join(speed.title for speed in group)}: {source}." for source, group in by_source]


def _waiting(jobs: Sequence[PlannedJob], work: dict[int, Work], speeds: Sequence[Speed]) -> list[str]:
    """Return one sentence on the jobs that take as long as the host needs for their batches."""
    rules: dict[str, list[str]] = {}
    for place, one in work.items():
        waiting = [speed.title for speed in speeds if one.host_seconds and one.host_seconds == speed.seconds(one)]
        if waiting:
            rules[jobs[place].rule] = waiting
    by_cards = groupby(sorted(rules, key=rules.__getitem__), key=rules.__getitem__)
    return [
        f"{', '.join(names)}: limited by the host, which draws the batches, on {', '.join(on)}."
        for on, names in by_cards
    ]
