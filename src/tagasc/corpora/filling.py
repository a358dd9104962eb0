"""Large arrays that are written clip by clip: what a job that was killed has left, a later one takes up."""

import hashlib
import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import DTypeLike

from tagasc.corpora.disk import disk_errors, require_space
from tagasc.writing import partial_path, written_whole

SAVE_EVERY = 30.0
"""Seconds of work that a killed job loses at most."""
_ROOM = "link results/corpora to a larger disk"


@dataclass
class Filling:
    """An npy file that clips are written into, one after the other.

    It stands beside its later place under a temporary name, with a second file that says which clips are in it. That
    one is written after the data have reached the disk, so it never says too much, not even after a power failure.
    """

    path: Path
    """The file under its temporary name."""
    offset: int
    """Position in bytes of its first value."""
    sources: Sequence[str]
    """What the values come from: a text for each clip, which changes when they would."""
    scales: list[float]
    """A figure for each of the clips that are in it so far."""
    saved: float = field(default_factory=time.monotonic)

    def add(self, scales: list[float]) -> None:
        """Note that further clips are in it, in the order of ``sources``."""
        self.scales += scales
        if time.monotonic() - self.saved >= SAVE_EVERY:
            self.save()

    def save(self) -> None:
        """Make sure that a later job finds the clips that are in it."""
        self.flush()
        state = {"digest": _digest(self.sources, len(self.scales)), "scales": self.scales}
        with written_whole(_state(self.path)) as file:
            file.write_text(json.dumps(state))
        self.saved = time.monotonic()

    def flush(self) -> None:
        """Wait until the data are on the disk."""
        with self.path.open("rb+") as file:
            os.fsync(file.fileno())


@contextmanager
def filled(path: Path, dtype: DTypeLike, shape: tuple[int, ...], made: str, files: Sequence[Path]) -> Iterator[Filling]:
    """Yield an npy file to write into, renamed to ``path`` when the block ends without an exception.

    If it does not, what has been written stays for the next call, provided that its clips, and how they are made, are
    the same.

    Parameters
    ----------
    made
        How the values are made: another text, and they are made anew.
    files
        The clips' files; one with another size or time of modification is read anew, with those that follow it.

    Raises
    ------
    InputError
        If the disk has no room.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = partial_path(path)
    how = json.dumps([made, np.dtype(dtype).str, shape])
    sources = [how, *(f"{file} {(facts := file.stat()).st_size} {facts.st_mtime_ns}" for file in files)]
    with disk_errors(path.parent, _ROOM):
        filling = _taken_up(partial, sources) or _begun(partial, sources, dtype, shape)
        try:
            yield filling
            filling.flush()
        except BaseException:
            with suppress(OSError):  # the first error is the one to tell
                filling.save()
            raise
        partial.replace(path)
        _state(partial).unlink(missing_ok=True)


def _begun(partial: Path, sources: Sequence[str], dtype: DTypeLike, shape: tuple[int, ...]) -> Filling:
    """Create a file of zeros that takes no space yet."""
    for old in (_state(partial), partial):
        old.unlink(missing_ok=True)
    require_space(partial.parent, int(np.prod(shape)) * np.dtype(dtype).itemsize, "for the packed corpus", _ROOM)
    array = np.lib.format.open_memmap(partial, mode="w+", dtype=dtype, shape=shape)
    return Filling(partial, int(array.offset), sources, [])


def _taken_up(partial: Path, sources: Sequence[str]) -> Filling | None:
    """Return what an earlier job has left, if it is part of what is wanted."""
    try:
        state = json.loads(_state(partial).read_text())
        array = np.load(partial, mmap_mode="r", allow_pickle=False)
    except (FileNotFoundError, ValueError):  # none, or cut short by a power failure
        return None
    scales = state["scales"]
    if not scales or state["digest"] != _digest(sources, len(scales)):
        return None
    left = array.nbytes - 512 * partial.stat().st_blocks
    require_space(partial.parent, left, "for the rest of the packed corpus", _ROOM)
    print(f"{len(scales)} of {len(sources) - 1} clips are packed already")
    return Filling(partial, int(array.offset), sources, scales)


def _digest(sources: Sequence[str], clips: int) -> str:
    """Return a digest of how values are made, and of the first so many clips."""
    return hashlib.sha256("\n".join(sources[: 1 + clips]).encode()).hexdigest()


def _state(partial: Path) -> Path:
    return partial.with_name(f"{partial.name}.json")
