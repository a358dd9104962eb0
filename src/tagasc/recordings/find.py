"""The audio files of a plain folder, ``scene/location/file``, and what else is in it."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tagasc.audio.suffixes import is_audio
from tagasc.runtime.errors import InputError, likewise, raise_error, shorten
from tagasc.runtime.lists import check_spelling
from tagasc.runtime.paths import folder_problem

EXPECTED = "expected FOLDER/scene/location/file, for example park/oslo-3/morning.wav and tram/oslo-17/ride.wav"
"""End of the messages about a folder that has another layout."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True)
class AudioFile:
    """One audio file of the folder.

    Parameters
    ----------
    path
        The file.
    scene, location
        What the names of its folders say, without double spaces. A file directly in a scene folder is a location.
    inner
        Its path below the location.
    """

    path: Path
    scene: str
    location: str
    inner: Path


@dataclass
class Found:
    """What is in the folder.

    Parameters
    ----------
    files
        The audio files, sorted by path.
    loose
        Those that stand in no location folder.
    hidden
        Number of files and folders whose name starts with a dot.
    others
        Number of files that are not audio, by suffix.
    empty
        Scene folders without audio.
    """

    files: list[AudioFile] = field(default_factory=list)
    loose: list[AudioFile] = field(default_factory=list)
    hidden: int = 0
    others: Counter[str] = field(default_factory=Counter)
    empty: list[str] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """Yield lines about files in no location folder, and about everything that is left out.

        >>> list(Found(hidden=1, others=Counter({".txt": 2}), empty=["docs"]).lines())
        ['Left out: 2 files that are not audio (2 .txt), 1 hidden file or folder, no audio in the folder docs']
        """
        if self.loose:
            count, scenes = len(self.loose), len({file.scene for file in self.loose})
            yield (
                f"{count} file{'s' * (count > 1)} of {scenes} scene{'s' * (scenes > 1)} stand{'s' * (count == 1)} in "
                f"no location folder: each counts as a location of its own. If some come from one place, put them into "
                f"a folder."
            )
        parts = []
        if total := self.others.total():
            kinds = ", ".join(f"{number} {suffix}" for suffix, number in self.others.most_common(5))
            more = ", …" * (len(self.others) > 5)
            parts.append(
                f"{total} file{'s' * (total > 1)} that {'are' if total > 1 else 'is'} not audio ({kinds}{more})"
            )
        if self.hidden:
            parts.append(f"{self.hidden} hidden " + ("files or folders" if self.hidden > 1 else "file or folder"))
        if self.empty:
            parts.append(f"no audio in the folder{'s' * (len(self.empty) > 1)} {', '.join(self.empty)}")
        if parts:
            yield f"Left out: {', '.join(parts)}"


def find_files(folder: Path) -> Found:
    """Return the audio files of a folder with the layout ``scene/location/file``, without opening them.

    Deeper folders belong to their location. Links to folders are followed.

    Raises
    ------
    InputError
        If the folder is missing, empty or has another layout, if it has fewer than two scenes, if a name holds a tab, a
        line break or bytes that are not UTF-8, or if two names differ only in spelling.
    """
    if problem := folder_problem(folder):
        raise InputError(f"{folder}: {problem}; {EXPECTED}")
    found = Found()
    direct = []
    for place in _visible(folder, found):
        if place.is_dir():
            _add_scene(place, found)
        elif is_audio(place):
            direct.append(place)
        else:
            found.others[place.suffix or "without suffix"] += 1
    if direct:
        others = likewise(len(direct) - 1, "file")
        raise InputError(f"{direct[0]}: stands in no scene folder; move it into one: {EXPECTED}{others}")
    if not found.files:
        left_out = "; ".join(found.lines()) or "it is empty"
        raise InputError(f"{folder}: holds no audio files ({left_out}); {EXPECTED}")
    scenes = sorted({file.scene for file in found.files})
    if len(scenes) == 1:
        raise InputError(f"{folder}: holds one scene only, '{scenes[0]}', so there is nothing to classify; {EXPECTED}")
    _name_loose(found)
    check_spelling(folder, "scene", scenes, raise_error)
    check_spelling(folder, "location", sorted({file.location for file in found.files}), raise_error)
    return found


def _add_scene(scene: Path, found: Found) -> None:
    """Add the files of a scene folder."""
    before = len(found.files)
    for place in _visible(scene, found):
        for path in _walk(place, found, (scene.parent.resolve(), scene.resolve())):
            if not is_audio(path):
                found.others[path.suffix or "without suffix"] += 1
                continue
            _check_name(scene.parent, path)
            loose = path == place
            inner = Path(path.name) if loose else path.relative_to(place)
            file = AudioFile(path, _plain(scene.name), _plain(path.stem if loose else place.name), inner)
            found.files.append(file)
            if loose:
                found.loose.append(file)
    if len(found.files) == before:
        found.empty.append(shorten(scene.name))


def _name_loose(found: Found) -> None:
    """Name a location after its scene, too, if it is a file whose stem is a location of another scene.

    Recorders number files, so that 001.wav of two scenes is hardly one place.
    """
    scenes: dict[str, set[str]] = {}
    for file in found.files:
        scenes.setdefault(file.location, set()).add(file.scene)
    renamed = {
        file.path: AudioFile(file.path, file.scene, f"{file.scene}_{file.location}", file.inner)
        for file in found.loose
        if len(scenes[file.location]) > 1
    }
    for files in (found.files, found.loose):
        files[:] = [renamed.get(file.path, file) for file in files]


def _walk(place: Path, found: Found, parents: tuple[Path, ...]) -> Iterator[Path]:
    """Yield a file, or the files below a folder; a link to one of its own parents is not followed."""
    if not place.is_dir():
        yield place
        return
    real = place.resolve()
    if real in parents:
        return
    for inner in _visible(place, found):
        yield from _walk(inner, found, (*parents, real))


def _visible(folder: Path, found: Found) -> list[Path]:
    """Return what is in a folder, sorted by name; hidden files and folders are only counted."""
    if problem := folder_problem(folder):
        raise InputError(f"{folder}: {problem}; make it readable, or move it away")
    places = sorted(folder.iterdir())
    shown = [place for place in places if not place.name.startswith(".")]
    found.hidden += len(places) - len(shown)
    return shown


def _check_name(folder: Path, path: Path) -> None:
    """Check that a list can hold the name of a file."""
    name = str(path.relative_to(folder))
    if _CONTROL.search(name):
        raise InputError(
            f"{folder}: the name {shorten(name)} holds a tab, a line break, another control character or bytes that "
            f"are not UTF-8; rename the file or its folder"
        )


def _plain(name: str) -> str:
    r"""Return a name without spaces at its ends and without repeated ones.

    >>> _plain("new  york ")
    'new york'
    """
    return " ".join(name.split())
