"""Description of what was found, and of the split, in lines of text."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from tagasc.recordings.headers import ClipFormat
from tagasc.recordings.layout import PlannedRecording

_Row = Callable[[str, Sequence[PlannedRecording]], list[object]]

_SHOWN = 4  # values of a property in one line


def describe_recordings(planned: Sequence[PlannedRecording], wanted: ClipFormat) -> Iterator[str]:
    """Yield a table of the recordings by scene, and lines on their formats and on the clips."""
    yield from _table(["scene", "locations", "files", "minutes"], _by_scene(planned, _row))
    headers = [each.header for each in planned]
    lengths = sorted(header.frames / header.sample_rate for header in headers)
    yield f"length: {lengths[0]:.4g} to {lengths[-1]:.4g} s, half of them {lengths[len(lengths) // 2]:.4g} s or longer"
    rates = {header.sample_rate for header in headers}
    why = "; clips get the lowest, because a network could tell recorders apart by it" if len(rates) > 1 else ""
    if min(rates) != wanted.sample_rate:
        why = f"; clips get the bundle's {wanted.sample_rate} Hz"
    yield f"sample rate: {_frequencies(f'{header.sample_rate} Hz' for header in headers)}{why}"
    yield f"channels: {_frequencies(str(header.channels) for header in headers)}; clips get {wanted.channels}"
    yield f"format: {_frequencies(header.format for header in headers)}"
    yield f"clips: {sum(len(each.clips) for each in planned)} of {wanted.seconds:g} s at {wanted.sample_rate} Hz"
    yield from _cuts(planned, wanted)


def describe_split(planned: Sequence[PlannedRecording], evaluation: Collection[str]) -> Iterator[str]:
    """Yield a table of both sides of the split, by scene."""

    def row(scene: str, own: Sequence[PlannedRecording]) -> list[object]:
        cells: list[object] = [scene]
        for wanted in (False, True):
            side = [each for each in own if (each.file.location in evaluation) == wanted]
            cells += [len({each.file.location for each in side}), sum(len(each.clips) for each in side)]
        return cells

    titles = ["scene", "training locations", "clips", "evaluation locations", "clips"]
    yield from _table(titles, _by_scene(planned, row))
    names = sorted(evaluation)
    more = f" and {len(names) - 10} others" if len(names) > 10 else ""
    yield f"for evaluation: {', '.join(names[:10])}{more}"


def _cuts(planned: Sequence[PlannedRecording], wanted: ClipFormat) -> Iterator[str]:
    """Yield lines about recordings that are cut, padded or left as they are."""
    cut = [each for each in planned if each.cuts.is_cut]
    rests = [each.cuts.left_out / each.header.sample_rate for each in cut if each.cuts.left_out]
    padded = [
        length
        for each in planned
        for length in each.cuts.lengths
        if length * wanted.sample_rate < (wanted.samples - 2) * each.header.sample_rate
    ]
    yield f"recordings cut into clips: {len(cut)}; linked as they are: {len(planned) - len(cut)}"
    if rests:
        yield f"rests shorter than half a clip, left out: {len(rests)}, {sum(rests):.4g} s in all"
    if padded:
        yield f"clips that are shorter and padded with silence by a run: {len(padded)}"


def _by_scene(planned: Sequence[PlannedRecording], row: _Row) -> list[list[object]]:
    """Return a row for each scene, and one for all."""
    scenes = sorted({each.file.scene for each in planned})
    rows = [row(scene, [each for each in planned if each.file.scene == scene]) for scene in scenes]
    return [*rows, row("all", planned)]


def _row(scene: str, own: Sequence[PlannedRecording]) -> list[object]:
    seconds = sum(each.header.frames / each.header.sample_rate for each in own)
    return [scene, len({each.file.location for each in own}), len(own), f"{seconds / 60:.1f}"]


def _table(titles: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield the lines of a table; the first column is aligned on the left."""
    cells = [list(titles), *([str(value) for value in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for first, *others in cells:
        right = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        yield "  ".join([first.ljust(widths[0]), *right])


def _frequencies(values: Iterable[str]) -> str:
    """Return the most frequent values with the number of their files.

    >>> _frequencies(["8000 Hz", "16000 Hz", "8000 Hz"])
    '8000 Hz (2), 16000 Hz (1)'
    """
    counts = Counter(values)
    shown = [value if len(counts) == 1 else f"{value} ({number})" for value, number in counts.most_common(_SHOWN)]
    return ", ".join(shown) + (f" and {len(counts) - _SHOWN} others" if len(counts) > _SHOWN else "")
