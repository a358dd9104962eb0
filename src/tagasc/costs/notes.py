"""Sentences on memory, downloads, disk space and jobs without a GPU."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from tagasc.config import Experiment
from tagasc.costs.counts import Corpora
from tagasc.costs.sizes import cell_memory, disk_bytes, downloaded_bytes, tagger_memory
from tagasc.costs.work import GPU_RULES
from tagasc.paper.grid import parse
from tagasc.runtime.files import format_size
from tagasc.runtime.plan import PlannedJob

_LINE_MBIT = 100
"""Speed of the line in Mbit/s for which the time of downloads is printed."""
_GIB = 1 << 30


def notes_on(jobs: Sequence[PlannedJob], experiment: Experiment, corpora: Corpora) -> Iterator[str]:
    """Yield what jobs need except time on GPUs, in sentences.

    Raises
    ------
    InputError
        If the sizes of the corpora cannot be read.
    """
    yield from _memory(jobs, experiment, corpora)
    yield from _disk(jobs, experiment, corpora)
    yield from _others(jobs)


def format_duration(seconds: float) -> str:
    """Return a duration in the unit that suits it.

    >>> [format_duration(seconds) for seconds in (42, 720, 12_345, 167_000)]
    ['42 s', '12 min', '3.4 h', '46 h']
    """
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.{1 if seconds < 36_000 else 0}f} h"


def _memory(jobs: Iterable[PlannedJob], experiment: Experiment, corpora: Corpora) -> list[str]:
    """Return one sentence on the memory of trainings."""
    rules = {job.rule for job in jobs}
    parts = []
    for stage in (1, 2):
        if f"train_stage{stage}" in rules:
            host, on_gpu = tagger_memory(stage, experiment, corpora)
            parts.append(f"train_stage{stage} {_format_memory(host)}, and about {_format_memory(on_gpu)} on the GPU")
    cells = {job.wildcards["cell"] for job in jobs if job.rule == "train_cell"}
    if cells:
        needed = [cell_memory(parse(cell), experiment, corpora) for cell in cells]
        host, on_gpu = (max(values) for values in zip(*needed, strict=True))
        clips = _format_memory(corpora.scenes.packed_bytes)
        parts.append(
            f"train_cell {_format_memory(host)}, and about {_format_memory(on_gpu)} on the GPU; clips take up to "
            f"{clips} more there, where they fit"
        )
    return [f"Memory per job: {'; '.join(parts)}."] if parts else []


def _format_memory(count: float) -> str:
    """Return a number of bytes in GiB or MiB.

    >>> _format_memory(27_648_000_000), _format_memory(5_700_000_000), _format_memory(20_000_000)
    ('26 GiB', '5.3 GiB', '19 MiB')
    """
    if count < _GIB / 10:
        return f"{count / (1 << 20):.0f} MiB"
    return f"{count / _GIB:.{0 if count >= 10 * _GIB else 1}f} GiB"


def _disk(jobs: Sequence[PlannedJob], experiment: Experiment, corpora: Corpora) -> list[str]:
    """Return sentences on downloads and on disk space."""
    sentences = []
    if downloads := downloaded_bytes(jobs):
        duration = format_duration(8 * downloads / (1e6 * _LINE_MBIT))
        sentences.append(f"Download: {format_size(downloads)}, which take {duration} at {_LINE_MBIT} Mbit/s.")
    parts = [f"{format_size(size)} of {what}" for what, size in disk_bytes(jobs, experiment, corpora).items() if size]
    return [*sentences, *([f"Disk: {', '.join(parts)}."] if parts else [])]


def _others(jobs: Iterable[PlannedJob]) -> list[str]:
    """Return one sentence on jobs without a GPU that are granted more than ten minutes."""
    counts = Counter(
        (job.rule, job.minutes)
        for job in jobs
        if job.rule not in (*GPU_RULES, "download_archive") and job.minutes is not None and job.minutes > 10
    )
    parts = [f"{rule} {minutes} min{f' each ({n} jobs)' if n > 1 else ''}" for (rule, minutes), n in counts.items()]
    return [f"Not in these times, and granted at most: {', '.join(parts)}."] if parts else []
