"""Unpacking archives, plain or split, into the folder of a data set, and nowhere else."""

import re
import stat
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from stream_unzip import UnzipError, stream_unzip
from tqdm import tqdm

from tagasc.corpora.disk import disk_errors, require_space
from tagasc.corpora.joined import joined
from tagasc.errors import InputError
from tagasc.writing import partial_path

CHUNK = 1 << 20
"""Bytes that are read at once."""
SPANNING_MARKERS = (b"PK\x07\x08", b"PK00")
"""What a split archive begins with, before its first entry."""
_ROOM = "name another folder by the data set's key 'folder'"


@dataclass(frozen=True)
class Entry:
    """A file in an archive: where it goes, its size in bytes and its checksum."""

    target: Path
    size: int
    crc: int

    @property
    def is_table(self) -> bool:
        """Whether it is one of those that appear last."""
        return self.target.suffix == ".csv"

    def is_there(self) -> bool:
        """Whether an earlier call has unpacked it."""
        if not self.target.is_file() or self.target.stat().st_size != self.size:
            return False
        crc = 0
        with self.target.open("rb") as file:
            while chunk := file.read(CHUNK):
                crc = zlib.crc32(chunk, crc)
        return crc == self.crc


def unpack(archives: list[Path], folder: Path, top: str | None = None, *, keep: bool = True) -> None:
    """Unpack zip archives into ``folder``, its tables (csv) last: they are the sign that the rest is there.

    Parts ``x.z01``, ``x.z02`` … and ``x.zip`` are one split archive. All lists of contents are read first, so that a
    bad name or a full disk stops before anything is written. Files appear whole, and those that an earlier call has
    unpacked, by size and CRC-32, are left as they are. With ``top``, the archives hold that one folder, and its
    contents go to ``folder``. Unless ``keep``, the archives are removed when all is there.

    Raises
    ------
    InputError
        For an archive that is missing, damaged or lacks a part, that has an entry that is a link or would leave
        ``folder``, and if the disk has no room.
    """
    groups = _grouped(archives)
    listed = []
    for parts in groups:
        with _archive_errors(parts):
            listed.append(_entries(parts, folder, top))
    folder.mkdir(parents=True, exist_ok=True)
    total = sum(entry.size for entries in listed for entry in entries.values())
    there = sum(
        entry.size
        for entries in listed
        for entry in entries.values()
        if entry.target.is_file() and entry.target.stat().st_size == entry.size
    )
    require_space(folder, total - there, f"to unpack {len(archives)} archives", _ROOM)
    tables: dict[Path, None] = {}
    with (
        disk_errors(folder, _ROOM),
        tqdm(desc="unpacking", total=total, unit="B", unit_scale=True, mininterval=1) as bar,
    ):
        for parts, entries in zip(groups, listed, strict=True):
            with _archive_errors(parts):
                for entry, chunks in _contents(parts, entries):
                    _write(entry, chunks)
                    bar.update(entry.size)
            tables |= dict.fromkeys(entry.target for entry in entries.values() if entry.is_table)
        for target in sorted(tables, key=lambda path: path.name == "meta.csv"):
            partial_path(target).replace(target)
    if not keep:
        for path in archives:
            path.unlink()


def _grouped(archives: list[Path]) -> list[list[Path]]:
    """Return the archives, each a list of its parts in order: ``.z01`` … and the ``.zip`` last."""
    groups: dict[Path, list[Path]] = {}
    for path in archives:
        if not path.is_file():
            raise InputError(f"{path}: is not there any more; delete its receipt, {path.name}.md5, and run again")
        groups.setdefault(path.with_suffix(""), []).append(path)
    for parts in groups.values():
        parts.sort(key=lambda path: (path.suffix == ".zip", path.suffix))
        expected = [f".z{number:02d}" for number in range(1, len(parts))] + [".zip"]
        if [path.suffix for path in parts] != expected:
            raise InputError(
                f"{parts[-1]}: the archive's parts are {', '.join(path.name for path in parts)}, expected "
                f"{', '.join(expected)}; fetch those that are missing"
            )
    return list(groups.values())


@contextmanager
def _archive_errors(parts: list[Path]) -> Iterator[None]:
    """Turn what the libraries say of a damaged archive into an `InputError` that names it."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, UnzipError) as error:
        names = ", ".join(part.name for part in parts)
        raise InputError(
            f"{parts[-1]}: cannot be unpacked ({str(error) or type(error).__name__}); delete {names}, and the "
            f"receipt (.md5), and run again to fetch it anew"
        ) from None


def _entries(parts: list[Path], folder: Path, top: str | None) -> dict[str, Entry]:
    """Return the files in an archive by their names there, from the list at its end."""
    _require_all(parts)
    entries = {}
    with joined(parts) as file, zipfile.ZipFile(file) as archive:
        for info in archive.infolist():
            target = folder / _relative(info.filename, parts[-1], top)
            kind = stat.S_IFMT(info.external_attr >> 16)
            if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
                what = "a link" if kind == stat.S_IFLNK else "no file"
                raise InputError(f"{parts[-1]}: its entry {info.filename} is {what}; this is not the published archive")
            if not info.is_dir():
                entries[info.filename] = Entry(target, info.file_size, info.CRC)
    return entries


def _require_all(parts: list[Path]) -> None:
    """Compare the number of parts with the one at the archive's end."""
    with parts[-1].open("rb") as file:
        file.seek(max(parts[-1].stat().st_size - (1 << 16) - 22, 0))  # the longest comment, and the record before it
        tail = file.read()
    end = tail.rfind(b"PK\x05\x06")
    number = int.from_bytes(tail[end + 4 : end + 6], "little") + 1
    if end >= 0 and number != len(parts):
        raise InputError(
            f"{parts[-1]}: is the last of {number} parts, but there are {len(parts)}; fetch those that are missing"
        )


def _relative(name: str, archive: Path, top: str | None) -> PurePosixPath:
    """Return where an entry goes in the folder, which it must not leave."""
    path = PurePosixPath(name)
    if not path.parts or path.is_absolute() or ".." in path.parts or re.search(r"[\\:\0]", name):
        raise InputError(f"{archive}: its entry {name!r} would leave the folder; this is not the published archive")
    if top is None:
        return path
    if path.parts[0] != top:
        raise InputError(
            f"{archive}: its entry {name!r} is not in the folder {top}, as all should be; is it the right archive?"
        )
    return path.relative_to(top)


def _contents(parts: list[Path], entries: dict[str, Entry]) -> Iterator[tuple[Entry, Iterable[bytes]]]:
    """Yield an archive's files and their contents, which are to be read before the next is asked for."""
    if len(parts) == 1:
        with zipfile.ZipFile(parts[0]) as archive:
            for name, entry in entries.items():
                with archive.open(name) as file:
                    yield entry, iter(lambda file=file: file.read(CHUNK), b"")  # type: ignore[misc]
        return
    left = set(entries)
    for encoded, _, chunks in stream_unzip(_concatenated(parts), chunk_size=CHUNK):
        name = encoded.decode("utf-8", "replace")
        if name in left:
            left.remove(name)
            yield entries[name], chunks
        elif not name.endswith("/"):
            raise zipfile.BadZipFile(f"{name} is not in the list at its end")
        for _ in chunks:  # a stream goes on only after its entry was read
            pass
    if left:
        raise zipfile.BadZipFile(f"{min(left)} is missing")


def _concatenated(parts: list[Path]) -> Iterator[bytes]:
    """Yield the bytes of a split archive without the marker at its beginning."""
    with joined(parts) as file:
        if file.read(4) not in SPANNING_MARKERS:
            file.seek(0)
        while chunk := file.read(CHUNK):
            yield chunk


def _write(entry: Entry, chunks: Iterable[bytes]) -> None:
    """Write a file under a temporary name, which tables keep until all else is there."""
    if not entry.is_table and entry.is_there():
        return
    entry.target.parent.mkdir(parents=True, exist_ok=True)
    partial = partial_path(entry.target)
    try:
        with partial.open("wb") as file:
            file.writelines(chunks)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    if not entry.is_table:
        partial.replace(entry.target)
