"""The recordings that a user names: files, and all audio files of folders."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tagasc.audio.suffixes import is_audio
from tagasc.runtime.errors import InputError
from tagasc.runtime.paths import folder_problem


class Found(NamedTuple):
    """What was found in the places that a user has named.

    Parameters
    ----------
    files
        Audio files: those that were named, and those in folders, in alphabetical order.
    others
        Number of other files in the folders.
    """

    files: list[Path]
    others: int


def find_recordings(places: Sequence[Path]) -> Found:
    """Return the audio files that a user names; a file that is named twice is returned once.

    Folders are searched with all folders in them, except hidden ones. A file in a folder counts as audio by its suffix.
    A file that is named by itself is taken whatever its name is.

    Raises
    ------
    InputError
        If a folder cannot be read, or if there is no audio file in it.
    """
    files: dict[Path, None] = {}
    others = 0
    for place in places:
        if not place.is_dir():
            files[place] = None
            continue
        found, rest = _search(place)
        if not found:
            other = "its only file has another suffix" if rest == 1 else f"its {rest} files have other suffixes"
            problem = f"holds no audio files; {other}" if rest else "holds no audio files, it is empty"
            raise InputError(f"{place}: {problem}; name a folder with recordings, or single files")
        files |= dict.fromkeys(found)
        others += rest
    return Found(list(files), others)


def _search(folder: Path) -> tuple[list[Path], int]:
    """Return the audio files of a folder, sorted, and the number of other files."""
    if problem := folder_problem(folder):
        raise InputError(f"{folder}: {problem}; name another folder")
    found, others = [], 0

    def refuse(error: OSError) -> None:
        raise InputError(f"{error.filename}: {folder_problem(Path(error.filename))}; name the other folders instead")

    for place, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if name.startswith("."):
                continue
            if is_audio(Path(name)):
                found.append(Path(place, name))
            else:
                others += 1
    return sorted(found), others
