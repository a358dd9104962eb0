"""Whether the recordings of a corpus are still those that it was packed from: by content, not by place or time."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import pandas as pd

from tagasc.artifacts.digest import short_digest
from tagasc.artifacts.sources import LISTS, SOURCES
from tagasc.config import Events
from tagasc.corpora.fsdkaggle2019 import event_paths, list_events
from tagasc.corpora.tau2019 import list_scenes, scene_paths

_THREADS = 16  # asking for size and time of a file means waiting, above all on a shared file system

FileStats = Mapping[str, tuple[int, int]]
"""Size in bytes and time of modification in ns of each recording, by its name relative to the data set's folder."""


@dataclass(frozen=True)
class Recordings:
    """The recordings that the lists of a data set name.

    Parameters
    ----------
    paths
        The file of each recording, by its name relative to the data set's folder.
    lists
        Digest of what the lists say.
    """

    paths: Mapping[str, Path]
    lists: str

    @classmethod
    def of(cls, folder: Path, clips: pd.DataFrame, paths: Sequence[Path]) -> Self:
        """Return the recordings of a table of clips, and the digest of that table."""
        names = [path.relative_to(folder).as_posix() for path in paths]
        return cls(dict(zip(names, paths, strict=True)), short_digest(clips.to_csv(index=False).encode()))

    def stats(self) -> FileStats:
        """Return sizes and times; those of a missing file are 0."""
        with ThreadPoolExecutor(_THREADS) as threads:
            return dict(zip(self.paths, threads.map(_size_and_time, self.paths.values()), strict=True))


def scene_recordings(folder: Path) -> Recordings:
    """Return the recordings of a folder of scenes.

    Raises
    ------
    InputError
        As `list_scenes`.
    """
    clips = list_scenes(folder)
    return Recordings.of(folder, clips, scene_paths(folder, clips))


def event_recordings(events: Events, folder: Path) -> Recordings:
    """Return the recordings of a folder of events, without those that are dropped.

    Raises
    ------
    InputError
        As `list_events`.
    """
    clips = list_events(folder, events.drop)
    return Recordings.of(folder, clips, event_paths(folder, clips))


def write_sources(path: Path, recordings: Recordings, stats: FileStats, digests: Sequence[str], revision: int) -> None:
    """Write what a corpus was packed from.

    Parameters
    ----------
    path
        File to write: `SOURCES`.
    recordings
        The recordings.
    stats
        Their sizes and times before packing.
    digests
        Digest of each recording.
    revision
        The number of this content.
    """
    rows = [(LISTS, 0, 0, recordings.lists)]
    rows += [(name, *stats[name], digest) for name, digest in zip(recordings.paths, digests, strict=True)]
    table = pd.DataFrame(rows, columns=["filename", "bytes", "modified", "digest"])
    SOURCES.write(path, table.assign(revision=revision))


@dataclass(frozen=True)
class Revision:
    """The number of the recordings' present content, and what has changed since the corpus was packed.

    Parameters
    ----------
    number
        Rule parameter of the packing.
    changed
        Names of recordings that are new, have another content, or are no longer listed.
    lists
        Whether the lists say something else.
    """

    number: int
    changed: Sequence[str] = field(default_factory=list)
    lists: bool = False


def compare_sources(path: Path, recordings: Recordings, digest: Callable[[Sequence[Path]], Sequence[str]]) -> Revision:
    """Compare recordings with what a corpus was packed from, and return the number of their content.

    A recording with the recorded size and time is taken for unchanged. The others are compared by their digests. Where
    only times differ, the present ones are recorded, so that the next comparison is quick.

    Parameters
    ----------
    path
        The file `SOURCES`. If it does not exist, the number is 1.
    recordings
        The recordings as they are now.
    digest
        Returns the digests of some files, or raises an error if the data set cannot be packed. It is only called if
        something differs.
    """
    if not path.exists():
        return Revision(1)
    table, stats = SOURCES.read(path), recordings.stats()
    number, lists, then = _recorded(path, table)
    gone = [name for name in then if name not in stats]
    touched = [name for name, found in stats.items() if found != then.get(name)]
    if not (gone or touched or lists != recordings.lists):
        return Revision(number)
    recorded = dict(zip(table["filename"], table["digest"], strict=True))
    digests = dict(zip(touched, digest([recordings.paths[name] for name in touched]), strict=True))
    changed = [name for name in touched if digests[name] != recorded.get(name)]
    if same := set(touched) - set(changed):
        times = [stats[name] if name in same else (*row,) for name, *row in _rows(table)]
        table[["bytes", "modified"]] = times
        SOURCES.write(path, table)
    if not (gone or changed or lists != recordings.lists):
        return Revision(number)
    return Revision(number + 1, [*changed, *gone], lists != recordings.lists)


def _recorded(path: Path, table: pd.DataFrame) -> tuple[int, str, FileStats]:
    """Return the recorded number, the digest of the lists, and sizes and times of the recordings."""
    lists = table["filename"] == LISTS
    if lists.sum() != 1:
        raise SOURCES.error(path, f"has not one row '{LISTS}'")
    stats = {name: (size, time) for name, size, time in _rows(table[~lists])}
    return int(table["revision"].iloc[0]), str(table.loc[lists, "digest"].iloc[0]), stats


def _rows(table: pd.DataFrame) -> Iterator[tuple[str, int, int]]:
    return zip(table["filename"], table["bytes"].tolist(), table["modified"].tolist(), strict=True)


def _size_and_time(path: Path) -> tuple[int, int]:
    try:
        stats = path.stat()
    except OSError:
        return 0, 0
    return stats.st_size, stats.st_mtime_ns
