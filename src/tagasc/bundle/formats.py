"""How predictions are printed: as csv, JSON lines, an aligned table, or label tracks for Audacity."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tagasc.bundle.prediction import Prediction, top_tags

_COLUMNS = ("file", "start", "end", "scene", "margin", "tags")
"""start and end are in s; margin is that of the scene; the most probable tags are joined by semicolons."""


def rows(path: Path, prediction: Prediction, *, windows: bool, count: int) -> Iterator[dict[str, Any]]:
    """Yield one row per recording, or one per window, with the columns of csv and table.

    Parameters
    ----------
    path, prediction
        The recording.
    windows
        Whether each window has a row.
    count
        Number of tags to show.
    """
    whole = [(0.0, prediction.duration, prediction.scene, prediction.margins, prediction.tags)]
    for start, end, scene, margins, tags in prediction.windows if windows else whole:
        top = "; ".join(f"{label} {value:.2f}" for label, value in top_tags(tags, count))
        values = (str(path), f"{start:.3f}", f"{end:.3f}", scene, f"{margins[scene]:.4f}", top)
        yield dict(zip(_COLUMNS, values, strict=True)) | {
            f"margin {scene}": f"{value:.4f}" for scene, value in margins.items()
        }


def as_csv(found: Iterable[dict[str, Any]]) -> Iterator[str]:
    r"""Yield the lines of a csv file with a header.

    >>> list(as_csv([{"file": "a, b.wav", "scene": "bus"}]))
    ['file,scene\n', '"a, b.wav",bus\n']
    """
    for number, row in enumerate(found):
        line = io.StringIO()
        writer = csv.DictWriter(line, list(row), lineterminator="\n")
        if not number:
            writer.writeheader()
            yield line.getvalue()
            line.seek(0)
            line.truncate()
        writer.writerow(row)
        yield line.getvalue()


def as_table(found: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    r"""Yield the lines of an aligned table, once all rows are known; it leaves out the margins of the other scenes.

    >>> row = dict.fromkeys(_COLUMNS, "x") | {"file": "a.wav", "margin bus": "1"}
    >>> list(as_table([row]))[1]
    'a.wav  x      x    x      x       x\n'
    """
    rows_found = [[str(row[name]) for name in _COLUMNS] for row in found]
    if not rows_found:
        return
    lines = [list(_COLUMNS), *rows_found]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        yield "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip() + "\n"


def as_json_line(path: Path, prediction: Prediction, *, windows: bool) -> str:
    """Return a line of JSON with everything about a recording; ``windows`` adds its windows."""
    content: dict[str, Any] = {
        "file": str(path),
        "duration": prediction.duration,
        "scene": prediction.scene,
        "margins": prediction.margins,
        "tags": prediction.tags,
    }
    if windows:
        content["windows"] = [window._asdict() for window in prediction.windows]
    return json.dumps(content, ensure_ascii=False) + "\n"


def as_label_track(prediction: Prediction) -> str:
    r"""Return a label track for Audacity: start and end in s, and the scene, separated by tabs.

    Windows of one scene that follow each other are one label. Where windows overlap, a label ends where the next one
    begins.
    """
    windows = prediction.windows
    labels: list[list[Any]] = []
    for number, window in enumerate(windows):
        last = number + 1 == len(windows)
        end = window.end if last else min(window.end, windows[number + 1].start)
        if labels and labels[-1][2] == window.scene and labels[-1][1] >= window.start:
            labels[-1][1] = end
        else:
            labels.append([window.start, end, window.scene])
    return "".join(f"{start:.6f}\t{end:.6f}\t{scene}\n" for start, end, scene in labels)
