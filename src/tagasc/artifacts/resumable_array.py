"""Large arrays that are written clip by clip and resumed after an interruption."""

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

from tagasc.runtime.files import atomic_write, disk_errors, partial_path, require_space

SAVE_EVERY = 30.0
"""Seconds of work that a killed job loses at most."""
_REMEDY = "link results/corpora to a larger disk"


@dataclass
class ResumableArray:
    """An npy file that is written one clip after the other.

    Until it is complete, it has a temporary name next to its final one. A second file, the state, says which clips it
    holds. The state is written after the data have reached the disk, so it never promises too much, not even after a
    power failure.

    Parameters
    ----------
    path
        The file under its temporary name.
    offset
        Position of the first value in the file, in bytes.
    sources
        What the values are made from: first the settings, then one text per clip. A text differs if its values would.
    scales, digests
        The scale of each clip that has been written, and a digest of its content.
    """

    path: Path
    offset: int
    sources: Sequence[str]
    scales: list[float] = field(default_factory=list)
    digests: list[str] = field(default_factory=list)
    saved: float = field(default_factory=time.monotonic)

    def add(self, clips: Sequence[tuple[float, str]]) -> None:
        """Record scale and digest of the next clips, which have been written."""
        self.scales += [scale for scale, _ in clips]
        self.digests += [digest for _, digest in clips]
        if time.monotonic() - self.saved >= SAVE_EVERY:
            self.save()

    def save(self) -> None:
        """Write data and state to the disk, so that a later job continues after the clips recorded so far."""
        self.flush()
        state = {
            "digest": _digest(self.sources, len(self.scales)),
            "scales": self.scales,
            "digests": self.digests,
        }
        with atomic_write(_state_path(self.path)) as partial:
            partial.write_text(json.dumps(state))
        self.saved = time.monotonic()

    def flush(self) -> None:
        """Wait until the data are on the disk."""
        with self.path.open("rb+") as file:
            os.fsync(file.fileno())


@contextmanager
def open_resumable(
    path: Path, dtype: DTypeLike, shape: tuple[int, ...], settings: str, files: Sequence[Path]
) -> Iterator[ResumableArray]:
    """Yield an npy file to write into, and rename it to ``path`` if the block ends without an exception.

    Otherwise the clips written so far stay, and the next call continues after them if nothing has changed.

    Parameters
    ----------
    path
        Final path of the array.
    dtype, shape
        Type and shape of the array.
    settings
        How values are made from files, as text. If it changes, the array is written from the beginning.
    files
        One file per clip. If the size or modification time of a clip that is written already has changed, the array is
        written from the beginning.

    Raises
    ------
    InputError
        If there is not enough disk space.

    Examples
    --------
    >>> (folder / "a.wav").touch()
    >>> with open_resumable(folder / "x.npy", np.int16, (1, 2), "settings", [folder / "a.wav"]) as array:
    ...     with array.path.open("r+b") as file:
    ...         _ = file.seek(array.offset) + file.write(np.array([[3, 4]], np.int16).tobytes())
    ...     array.add([(1.0, "digest")])
    >>> np.load(folder / "x.npy").tolist()
    [[3, 4]]
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = partial_path(path)
    made_by = json.dumps([settings, np.dtype(dtype).str, shape])
    sources = [made_by, *(f"{file} {(facts := file.stat()).st_size} {facts.st_mtime_ns}" for file in files)]
    with disk_errors(path.parent, _REMEDY):
        array = _resumed(partial, sources) or _created(partial, sources, dtype, shape)
        try:
            yield array
            array.flush()
        except BaseException:
            with suppress(OSError):  # the first error is the one to report
                array.save()
            raise
        partial.replace(path)
        _state_path(partial).unlink(missing_ok=True)


def _created(partial: Path, sources: Sequence[str], dtype: DTypeLike, shape: tuple[int, ...]) -> ResumableArray:
    """Create a sparse file of zeros, which takes no space yet."""
    for old in (_state_path(partial), partial):
        old.unlink(missing_ok=True)
    require_space(partial.parent, int(np.prod(shape)) * np.dtype(dtype).itemsize, "for the packed corpus", _REMEDY)
    array = np.lib.format.open_memmap(partial, mode="w+", dtype=dtype, shape=shape)
    return ResumableArray(partial, int(array.offset), sources)


def _resumed(partial: Path, sources: Sequence[str]) -> ResumableArray | None:
    """Return the array that an interrupted job has left, if it was made from the same sources."""
    try:
        state = json.loads(_state_path(partial).read_text())
        array = np.load(partial, mmap_mode="r", allow_pickle=False)
        scales, digests = state["scales"], state["digests"]
    except (FileNotFoundError, EOFError, ValueError, KeyError):  # cut short by a power failure, or of another version
        return None
    if not scales or state["digest"] != _digest(sources, len(scales)):
        return None
    missing = array.nbytes - 512 * partial.stat().st_blocks
    require_space(partial.parent, missing, "for the rest of the packed corpus", _REMEDY)
    print(f"{len(scales)} of {len(sources) - 1} clips are packed already")
    return ResumableArray(partial, int(array.offset), sources, scales, digests)


def _digest(sources: Sequence[str], clips: int) -> str:
    """Return a digest of the settings and of the first clips."""
    return hashlib.sha256("\n".join(sources[: 1 + clips]).encode()).hexdigest()


def _state_path(partial: Path) -> Path:
    return partial.with_name(f"{partial.name}.json")
