"""The record of a file's digest: a hidden file next to each file of the results tree, by which damage is found."""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO, NamedTuple

import xxhash

from tagasc.runtime.files import atomic_write

_CHUNK = 1 << 24
"""Bytes to read at a time."""


class Part(NamedTuple):
    """Some bytes of a file, from the end of the part before them: where they end, and their digest."""

    end: int
    digest: str


class Record(NamedTuple):
    """What is known of a file since it was written: its place in the results tree, and the digests of its parts."""

    place: str
    parts: Sequence[Part]


def record_path(path: Path) -> Path:
    """Return the path of a file's record.

    >>> record_path(Path("results/tags/multitask/tau2019.npz")).name
    '.tau2019.npz.digest'
    """
    return path.with_name(f".{path.name}.digest")


def write_record(path: Path, record: Record) -> None:
    """Write the record of a file.

    >>> write_record(folder / "x.csv", Record("x.csv", [Part(3, "d4607ab0427a8bafda4ff4feb37737fe")]))
    >>> (folder / ".x.csv.digest").read_text().splitlines()[0]
    'x.csv'
    """
    with atomic_write(record_path(path)) as partial:
        lines = [record.place, *(f"{part.end} {part.digest}" for part in record.parts)]
        partial.write_text("\n".join(lines) + "\n", encoding="utf-8")


def read_record(path: Path) -> Record | None:
    """Return the record of a file, or None if it has none.

    Raises
    ------
    ValueError
        If there is one that is damaged.
    """
    try:
        place, *lines = record_path(path).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return None
    except OSError as error:  # a folder, for example
        raise ValueError(error.strerror) from None
    pairs = [line.split(" ") for line in lines]
    parts = [Part(int(end), digest) for end, digest in pairs]
    if not parts or any(before.end > after.end for before, after in pairwise(parts)):
        raise ValueError("no parts")
    return Record(place, parts)


def whole(path: Path) -> Sequence[Part]:
    """Return the digest of a whole file, as its only part.

    >>> _ = (folder / "x.csv").write_text("a,b")
    >>> whole(folder / "x.csv")
    [Part(end=3, digest='...')]
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        return [Part(size, _digest(file, size))]


def content_digest(path: Path) -> str:
    """Return a digest of a file's content: that of its record if it has one, since a large file takes long to read.

    >>> _ = (folder / "x.csv").write_text("a,b")
    >>> len(content_digest(folder / "x.csv"))
    32
    """
    record = read_record(path)
    parts = whole(path) if record is None else record.parts
    return xxhash.xxh3_128_hexdigest(repr([tuple(part) for part in parts]).encode())


def changed_parts(
    path: Path, parts: Sequence[Part], chosen: Sequence[int], progress: Callable[[int], object] | None = None
) -> Iterator[bool]:
    """Yield for each of the chosen parts whether it has changed; ``progress`` is called with its number of bytes."""
    with path.open("rb") as file:
        for number in chosen:
            start = parts[number - 1].end if number else 0
            file.seek(start)
            size = parts[number].end - start
            yield _digest(file, size) != parts[number].digest
            if progress is not None:
                progress(size)


def _digest(file: BinaryIO, size: int) -> str:
    """Return the digest of the next bytes of a file."""
    hashed = xxhash.xxh3_128()
    while size > 0 and (data := file.read(min(size, _CHUNK))):
        hashed.update(data)
        size -= len(data)
    return hashed.hexdigest()
