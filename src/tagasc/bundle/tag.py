"""The command `tagasc tag`: tag vectors of anybody's recordings, in the format that ``tagger.kind: file`` reads."""

import csv
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import numpy as np

from tagasc.artifacts.tags import Tags, write_npz
from tagasc.bundle.recordings import Recordings, on_recordings
from tagasc.bundle.system import System
from tagasc.runtime.errors import InputError
from tagasc.runtime.files import atomic_write
from tagasc.runtime.new_folder import check_new


def tag_recordings(system: System, recordings: Recordings, relative_to: Path | None = None) -> Iterator[Tags]:
    """Yield the tag vector of each usable recording: the mean over its windows.

    Parameters
    ----------
    system, recordings
        What is applied to what.
    relative_to
        Folder to which the filenames are relative; None keeps the paths as they are given.

    Raises
    ------
    InputError
        If the bundle has no tagger, or if a recording is not in that folder.
    """
    if system.tagger is None:
        raise InputError(
            f"{system.manifest.tagger_name}: is not in the bundle, because tag vectors were imported from a file; tag "
            f"with the program that has written it"
        )
    names = {path: _name(path, relative_to) for path in recordings.usable}
    for path, vectors in on_recordings(recordings, lambda _, windows: system.tag_windows(windows)):
        yield Tags(vectors.mean(axis=0, keepdims=True), system.manifest.tags, [names[path]])


def write_tag_file(system: System, recordings: Recordings, output: Path | None, relative_to: Path | None) -> None:
    """Write the tag vectors of all usable recordings.

    Parameters
    ----------
    system, recordings, relative_to
        See `tag_recordings`.
    output
        File to write, csv or npz; None prints csv.

    Raises
    ------
    InputError
        As `tag_recordings`. Also if ``output`` exists or has another suffix.
    """
    if output is not None:
        check_new(output)
        if output.suffix not in (".csv", ".npz"):
            raise InputError(f"{output}: is neither csv nor npz; give it one of these suffixes")
    found = tag_recordings(system, recordings, relative_to)
    if output is None:
        _write_csv(found, sys.stdout)
    elif output.suffix == ".csv":
        with atomic_write(output) as partial, partial.open("w", encoding="utf-8", newline="") as file:
            _write_csv(found, file)
    elif every := list(found):
        vectors = np.concatenate([tags.vectors for tags in every])
        names = [name for tags in every for name in tags.filenames]
        with atomic_write(output) as partial:
            write_npz(partial, Tags(vectors, every[0].labels, names))


def _write_csv(found: Iterator[Tags], file: TextIO) -> None:
    """Write tag vectors as csv: filename, then one column per tag. Values are read back exactly."""
    writer = csv.writer(file, lineterminator="\n")
    for number, tags in enumerate(found):
        if not number:
            writer.writerow(["filename", *tags.labels])
        writer.writerow([tags.filenames[0], *(str(value) for value in tags.vectors[0])])
        file.flush()


def _name(path: Path, relative_to: Path | None) -> str:
    if relative_to is None:
        return str(path)
    try:
        return path.resolve().relative_to(relative_to.resolve()).as_posix()
    except ValueError:
        raise InputError(
            f"{path}: is not in {relative_to}, to which filenames are relative; name a folder above it"
        ) from None
