"""Large arrays that are written clip by clip and resumed after an interruption."""

import hashlib
import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tagasc.artifacts.array import ArrayFile
from tagasc.artifacts.digest import short_digest
from tagasc.artifacts.record import Part
from tagasc.runtime.errors import InputError
from tagasc.runtime.files import atomic_write, partial_path, require_space
from tagasc.runtime.system_errors import disk_errors

SAVE_EVERY = 30.0
"""Seconds of work that a killed job loses at most."""
_REMEDY = "link results/corpora to a larger disk"


class PackedClip(NamedTuple):
    """A clip that has been written.

    Parameters
    ----------
    scale
        Factor that turns its values into the recording or into mel power.
    size, digest
        Number and digest of its bytes in the array.
    source
        Digest of the decoded recording.
    """

    scale: float
    size: int
    digest: str
    source: str


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
    clips
        The clips that have been written.
    """

    path: Path
    offset: int
    sources: Sequence[str]
    clips: list[PackedClip] = field(default_factory=list)
    saved: float = field(default_factory=time.monotonic)

    @property
    def scales(self) -> list[float]:
        """The scale of each clip."""
        return [clip.scale for clip in self.clips]

    @property
    def digests(self) -> list[str]:
        """The digest of each decoded recording."""
        return [clip.source for clip in self.clips]

    def parts(self) -> list[Part]:
        """Return the parts of the file: its header, and each clip."""
        with self.path.open("rb") as file:
            parts = [Part(self.offset, short_digest(file.read(self.offset)))]
        for clip in self.clips:
            parts.append(Part(parts[-1].end + clip.size, clip.digest))
        return parts

    def add(self, clips: Sequence[PackedClip]) -> None:
        """Record the next clips, which have been written."""
        self.clips += clips
        if time.monotonic() - self.saved >= SAVE_EVERY:
            self.save()

    def save(self) -> None:
        """Write data and state to the disk, so that a later job continues after the clips recorded so far."""
        self.flush()
        state = {"digest": _digest(self.sources, len(self.clips)), "clips": self.clips}
        with atomic_write(_state_path(self.path)) as partial:
            partial.write_text(json.dumps(state))
        self.saved = time.monotonic()

    def flush(self) -> None:
        """Wait until the data are on the disk."""
        with self.path.open("rb+") as file:
            os.fsync(file.fileno())


@contextmanager
def open_resumable(
    artifact: ArrayFile, path: Path, shape: tuple[int, ...], settings: str, files: Sequence[Path]
) -> Iterator[ResumableArray]:
    """Yield an npy file to write into, and rename it to ``path`` if the block ends without an exception.

    Otherwise the clips written so far stay, and the next call continues after them if nothing has changed.

    Parameters
    ----------
    artifact, path
        Type and final path of the array.
    shape
        Its shape.
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
    >>> x = ArrayFile(path="corpora/<x>/x.npy", rule="pack_x", meaning="", dtype=np.int16, axes=["clips", "values"])
    >>> values = np.array([[3, 4]], np.int16).tobytes()
    >>> with open_resumable(x, folder / "x.npy", (1, 2), "settings", [folder / "a.wav"]) as array:
    ...     with array.path.open("r+b") as file:
    ...         _ = file.seek(array.offset) + file.write(values)
    ...     array.add([PackedClip(1.0, len(values), short_digest(values), short_digest(b"recording"))])
    >>> np.load(folder / "x.npy").tolist()
    [[3, 4]]
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = partial_path(path)
    made_by = json.dumps([settings, np.dtype(artifact.dtype).str, shape])
    sources = [made_by, *(f"{file} {(facts := file.stat()).st_size} {facts.st_mtime_ns}" for file in files)]
    with disk_errors(path.parent, _REMEDY):
        array = _resumed(partial, sources) or _created(partial, sources, artifact.dtype, shape)
        try:
            yield array
            array.flush()
        except BaseException:
            with suppress(OSError, InputError):  # the first error is the one to report
                array.save()
            raise
        artifact.finish(partial, path, array.parts())
        _state_path(partial).unlink(missing_ok=True)


def _created(partial: Path, sources: Sequence[str], dtype: type[np.generic], shape: tuple[int, ...]) -> ResumableArray:
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
        clips = [PackedClip(*clip) for clip in state["clips"]]
    except (
        FileNotFoundError,
        EOFError,
        ValueError,
        KeyError,
        TypeError,
    ):  # cut short by a power failure, or of another version
        return None
    if not clips or state["digest"] != _digest(sources, len(clips)):
        return None
    missing = array.nbytes - 512 * partial.stat().st_blocks
    require_space(partial.parent, missing, "for the rest of the packed corpus", _REMEDY)
    print(f"{len(clips)} of {len(sources) - 1} clips are packed already")
    return ResumableArray(partial, int(array.offset), sources, clips)


def _digest(sources: Sequence[str], clips: int) -> str:
    """Return a digest of the settings and of the first clips."""
    return hashlib.sha256("\n".join(sources[: 1 + clips]).encode()).hexdigest()


def _state_path(partial: Path) -> Path:
    return partial.with_name(f"{partial.name}.json")
