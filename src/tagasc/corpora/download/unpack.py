"""Rules unpack_scenes and unpack_events: unpack archives into the folder of a data set, and nowhere else."""

import re
import stat
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from tqdm import tqdm

from tagasc.corpora.download.zip_archive import CHUNK, ZipArchive
from tagasc.runtime.errors import InputError, warn
from tagasc.runtime.files import partial_path, rename_durably, require_space
from tagasc.runtime.system_errors import disk_errors

_REMEDY = "name another folder by the data set's key 'folder'"


@dataclass(frozen=True)
class Entry:
    """A file in an archive: where it goes, its size in bytes and its CRC-32."""

    target: Path
    size: int
    crc: int

    @property
    def is_table(self) -> bool:
        """Whether it is a table, which appears last."""
        return self.target.suffix == ".csv"

    def has_size(self) -> bool:
        """Return whether the target exists with the right size."""
        return self.target.is_file() and self.target.stat().st_size == self.size

    def is_unpacked(self) -> bool:
        """Return whether the target exists with the right size and CRC-32."""
        if not self.has_size():
            return False
        crc = 0
        with self.target.open("rb") as file:
            while chunk := file.read(CHUNK):
                crc = zlib.crc32(chunk, crc)
        return crc == self.crc


def unpack(archives: list[Path], folder: Path, top: str | None = None, *, keep: bool = True) -> None:
    """Unpack zip archives into a folder, its tables (csv) last, so that their presence proves the rest.

    All directories are read first, so that a bad name or a full disk stops before anything is written. Each file
    appears only when it is complete. Files that an earlier call has unpacked are left as they are.

    Parameters
    ----------
    archives
        Paths. ``x.z01``, ``x.z02`` … and ``x.zip`` are the parts of one split archive.
    folder
        Where to unpack.
    top
        Folder that all entries must be in; its contents go to ``folder``. None to unpack entries as they are named.
    keep
        Whether to keep the archives when everything is unpacked.

    Raises
    ------
    InputError
        If an archive is missing, damaged or lacks a part, if an entry is a link or would leave the folder, or if the
        disk is full.
    """
    parts: dict[Path, list[Path]] = {}
    for path in archives:
        parts.setdefault(path.with_suffix(""), []).append(path)
    found = {archive: _entries(archive, folder, top) for archive in map(ZipArchive, parts.values())}
    entries = [entry for of_archive in found.values() for entry in of_archive.values()]
    total = sum(entry.size for entry in entries)
    present = sum(entry.size for entry in entries if entry.has_size())
    with (
        disk_errors(folder, _REMEDY),
        tqdm(desc="unpacking", total=total, unit="B", unit_scale=True, mininterval=1) as progress,
    ):
        folder.mkdir(parents=True, exist_ok=True)
        require_space(folder, total - present, f"to unpack {len(archives)} archives", _REMEDY)
        for archive, of_archive in found.items():
            for name, chunks in archive.contents(of_archive):
                _write(of_archive[name], chunks)
                progress.update(of_archive[name].size)
        tables = {entry.target for entry in entries if entry.is_table}
        for target in sorted(tables, key=lambda path: (path.name == "meta.csv", path)):
            rename_durably(partial_path(target), target)
    if not keep:
        for path in archives:
            try:
                path.unlink()
            except OSError as error:  # of a shared, read-only folder, for instance
                warn(f"{path}: cannot be deleted ({error.strerror}); set download.keep_archives: true")


def _entries(archive: ZipArchive, folder: Path, top: str | None) -> dict[str, Entry]:
    """Return the files in an archive, by their names there."""
    entries = {}
    for info in archive.entries():
        target = folder / _relative(info.filename, archive.path, top)
        kind = stat.S_IFMT(info.external_attr >> 16)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            what = "a link" if kind == stat.S_IFLNK else "not a file"
            raise InputError(f"{archive.path}: its entry {info.filename} is {what}; fetch the published archive")
        if not info.is_dir():
            entries[info.filename] = Entry(target, info.file_size, info.CRC)
    return entries


def _relative(name: str, archive: Path, top: str | None) -> PurePosixPath:
    """Return the path of an entry in the folder, which it must not leave."""
    path = PurePosixPath(name)
    if not path.parts or path.is_absolute() or ".." in path.parts or re.search(r"[\\:\0]", name):
        raise InputError(f"{archive}: its entry {name!r} would leave the folder; fetch the published archive")
    if top is None:
        return path
    if path.parts[0] != top:
        raise InputError(f"{archive}: its entry {name!r} is not in the folder {top}; fetch the published archive")
    return path.relative_to(top)


def _write(entry: Entry, chunks: Iterable[bytes]) -> None:
    """Write a file under its temporary name, and rename it unless it is a table."""
    if not entry.is_table and entry.is_unpacked():
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
