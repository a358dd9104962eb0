"""The plan of a run as text: one line per rule, with the number of its jobs and their reasons."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Cause:
    """One cause of a job.

    Parameters
    ----------
    text
        What has happened. Jobs of a rule with the same texts share one reason.
    file
        The file that it happened to, which may differ between these jobs, or an empty string.
    """

    text: str
    file: str = ""


@dataclass(frozen=True)
class PlannedJob:
    """A job of the graph.

    Parameters
    ----------
    rule
        Name of its rule.
    causes
        Why the run will repeat it; empty if it is up to date.
    wildcards
        Values of the rule's wildcards.
    waits_for
        Places, in the list of all jobs, of the jobs that run before it.
    minutes
        Minutes that it requests from a cluster, if they are known before it starts.
    """

    rule: str
    causes: tuple[Cause, ...]
    wildcards: Mapping[str, str] = field(default_factory=dict)
    waits_for: tuple[int, ...] = ()
    minutes: int | None = None


def format_plan(jobs: Iterable[PlannedJob]) -> str:
    """Return the plan: one line per rule that runs, in the order of the jobs, and one line on all others.

    Of more than two reasons within a rule, the two most frequent are named; of more than five causes, the first four.

    >>> print(format_plan([PlannedJob("pack", (Cause("output missing", "clips.csv"),)), PlannedJob("train_cell", ())]))
    pack  1 job  output missing (clips.csv)
    Nothing else is repeated: 1 training is up to date.
    """
    running: dict[str, list[tuple[Cause, ...]]] = {}
    idle: list[str] = []
    for job in jobs:
        if job.causes:
            running.setdefault(job.rule, []).append(job.causes)
        else:
            idle.append(job.rule)
    counts = {rule: _count(len(causes), "job") for rule, causes in running.items()}
    name, count = (max(map(len, texts), default=0) for texts in (counts, counts.values()))
    if any(len(causes) > 1 for causes in running.values()):  # room for the "s" of "jobs" in all lines
        counts = {rule: text if text.endswith("s") else f"{text} " for rule, text in counts.items()}
    lines = [f"{rule:{name}}  {counts[rule]:>{count}}  {_reasons(causes)}" for rule, causes in running.items()]
    return "\n".join([*lines, *_remainder(idle, bool(lines))])


def _reasons(jobs: Sequence[tuple[Cause, ...]]) -> str:
    """Return the reasons of a rule's jobs, with the number of jobs if they differ."""
    texts = [tuple(dict.fromkeys(cause.text for cause in causes)) for causes in jobs]
    groups = Counter(texts).most_common(2)
    reasons = []
    for group, _ in groups:
        causes = [cause for texts_, causes in zip(texts, jobs, strict=True) if texts_ == group for cause in causes]
        parts = [_with_files(text, [cause.file for cause in causes if cause.text == text]) for text in group]
        reasons.append(", ".join(parts if len(parts) <= 5 else [*parts[:4], f"{len(parts) - 4} more changes"]))
    if len(groups) == 1:
        return reasons[0]
    counted = [f"{_count(number, 'job')}: {reason}" for (_, number), reason in zip(groups, reasons, strict=True)]
    if left := len(jobs) - sum(number for _, number in groups):
        counted.append(f"{_count(left, 'job')}: other reasons")
    return "; ".join(counted)


def _with_files(text: str, files: Sequence[str]) -> str:
    """Return a cause with the first of its files and the number of the others."""
    names = list(dict.fromkeys(filter(None, files)))
    if not names:
        return text
    return f"{text} ({names[0]} and {len(names) - 1} more)" if len(names) > 1 else f"{text} ({names[0]})"


def _remainder(rules: Sequence[str], others_run: bool) -> list[str]:
    """Return one line on the jobs that are up to date, if there are any, and how many of them are trainings."""
    if not others_run:
        return [f"Nothing to do: {_count(len(rules), 'job')} {_are(len(rules))} up to date."]
    trainings = sum("train_" in rule for rule in rules)
    others = len(rules) - trainings
    kept = [_count(trainings, "training")] if trainings else []
    kept += [_count(others, "other job" if trainings else "job")] if others else []
    return [f"Nothing else is repeated: {' and '.join(kept)} {_are(len(rules))} up to date."] if rules else []


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _are(number: int) -> str:
    return "is" if number == 1 else "are"
