"""The command `tagasc predict`: the scenes of anybody's recordings."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Literal, TextIO

from tagasc.artifacts.tags import Tags
from tagasc.audio.windows import Window
from tagasc.bundle.formats import as_csv, as_json_line, as_label_track, as_table, rows
from tagasc.bundle.prediction import Prediction
from tagasc.bundle.recordings import Recordings, on_recordings
from tagasc.bundle.system import System
from tagasc.runtime.errors import InputError
from tagasc.runtime.files import atomic_write
from tagasc.runtime.new_folder import check_new, new_folder
from tagasc.tagger.import_tags import read_tag_file

Style = Literal["table", "csv", "jsonl", "audacity"]


def predict(
    system: System,
    recordings: Recordings,
    style: Style,
    output: Path | None,
    *,
    windows: bool = False,
    count: int = 3,
    tags: Tags | None = None,
) -> None:
    """Write predictions as text, one recording after the other.

    Parameters
    ----------
    system, recordings
        What is applied to what.
    style
        How to write them. Label tracks for Audacity are one file per recording.
    output
        File to write, or folder for label tracks; None is standard output.
    windows
        Whether each window is written, too.
    count
        Number of tags to show in table and csv.
    tags
        Tag vectors of the usable recordings, from elsewhere.

    Raises
    ------
    InputError
        If ``output`` exists.
    """
    vectors = {} if tags is None else dict(zip(recordings.usable, tags.vectors, strict=True))

    def apply(path: Path, windows_of_path: Iterator[Window]) -> Prediction:
        return system.predict_windows(windows_of_path, vectors.get(path))

    found = on_recordings(recordings, apply)
    if style == "audacity" and (output is not None or len(recordings.usable) > 1):
        if output is None:
            raise InputError(
                "--format audacity: several recordings need a folder for their label tracks; name it with -o"
            )
        _write_tracks(found, output)
        return
    with _opened(output) as file:
        for text in _texts(found, style, windows=windows, count=count):
            file.write(text)
            file.flush()


def _texts(found: Iterator[tuple[Path, Prediction]], style: Style, *, windows: bool, count: int) -> Iterator[str]:
    """Return the text of all predictions, in parts."""
    if style == "jsonl":
        return (as_json_line(path, prediction, windows=windows) for path, prediction in found)
    if style == "audacity":
        return (as_label_track(prediction) for _, prediction in found)
    every = chain.from_iterable(rows(path, prediction, windows=windows, count=count) for path, prediction in found)
    return (as_csv if style == "csv" else as_table)(every)


def _write_tracks(found: Iterator[tuple[Path, Prediction]], folder: Path) -> None:
    """Write one label track per recording, with its name and the suffix txt."""
    with new_folder(folder) as partial:
        for path, prediction in found:
            track = partial / f"{path.name}.txt"
            number = 2
            while track.exists():  # of another folder
                track, number = partial / f"{path.name}-{number}.txt", number + 1
            track.write_text(as_label_track(prediction), encoding="utf-8")


@contextmanager
def _opened(output: Path | None) -> Iterator[TextIO]:
    """Yield standard output, or a new file."""
    if output is None:
        yield sys.stdout
        return
    check_new(output)
    if output.is_dir():
        raise InputError(f"{output}: is a folder; name a file")
    with atomic_write(output) as partial, partial.open("w", encoding="utf-8") as file:
        yield file


def given_tags(path: Path, system: System, recordings: Recordings) -> Tags:
    """Return the tag vectors of the usable recordings in a file; its column filename has the paths as they are given.

    Raises
    ------
    InputError
        If the file cannot be read, has other tags than the system, or has no vector for a recording.
    """
    tags = read_tag_file(path)
    if tags.labels != system.manifest.tags:
        raise InputError(
            f"{path}: has the tags {', '.join(tags.labels[:3])} …, expected those of the training in their order: "
            f"{', '.join(system.manifest.tags[:3])} … ({len(system.manifest.tags)} tags)"
        )
    names = set(tags.filenames)
    for recording in recordings.usable:
        if str(recording) not in names:
            raise InputError(f"{path}: has no row for {recording}; its column filename needs the path as it is given")
    return tags.select(path, [str(recording) for recording in recordings.usable])
