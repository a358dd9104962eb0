"""Fetching archives, and unpacking them, plain or split, into the folder of a data set."""

import hashlib
import re
import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO

import requests
from stream_unzip import UnzipError, stream_unzip
from tqdm import tqdm

from tagasc.corpora.archives import TIMEOUT, ZENODO, Archive, find, session, transfer_errors
from tagasc.errors import InputError
from tagasc.writing import written_whole

CHUNK = 1 << 20
"""Bytes that are read at once."""
ATTEMPTS = 3
"""Connections in a row that may break without having brought a byte."""
SPANNING_MARKERS = (b"PK\x07\x08", b"PK00")
"""What a split archive begins with, before its first entry."""
STAGING = ".partial-unpack"

Member = tuple[str, Iterable[bytes]]


def fetch(name: str, path: Path, base: str = ZENODO) -> None:
    """Fetch an archive by its name, verify its size and MD5, and only then let it appear as ``path``.

    A connection that breaks is taken up where it broke.

    Raises
    ------
    InputError
        When the archive is unknown, cannot be had, or is not what the record says.
    """
    archive = find(name, base)
    with written_whole(path) as partial, session() as web, transfer_errors(archive.url), partial.open("wb") as file:
        digest = hashlib.md5(usedforsecurity=False)
        with tqdm(desc=name, total=archive.size, unit="B", unit_scale=True) as progress:
            failures = 0
            while file.tell() < archive.size:
                before = file.tell()
                try:
                    for chunk in _body(web, archive, file, digest):
                        progress.update(len(chunk))
                    break
                except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError):
                    failures = 0 if file.tell() > before else failures + 1
                    if failures == ATTEMPTS:
                        raise
        if (file.tell(), digest.hexdigest()) != (archive.size, archive.md5):
            raise InputError(
                f"{archive.url}: got {file.tell()} bytes with MD5 {digest.hexdigest()}, expected {archive.size} bytes "
                f"with MD5 {archive.md5}; run again, and if it stays so, the record has changed or a proxy interferes"
            )


def unpack(archives: list[Path], folder: Path, top: str | None = None) -> None:
    """Unpack zip archives into ``folder``, its tables (csv) last: they are the sign that the rest is there.

    Parts ``x.z01``, ``x.z02`` … and ``x.zip`` are one split archive. Everything is unpacked into a folder of its own
    inside ``folder`` first, so that a bad archive leaves nothing behind. With ``top``, the archives hold that one
    folder, and its contents go to ``folder``.

    Raises
    ------
    InputError
        For an archive that is damaged or lacks a part, or has an entry that is a link or would leave ``folder``.
    """
    staging = folder / STAGING
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    try:
        for parts in _grouped(archives):
            try:
                for name, chunks in tqdm(_members(parts), desc=f"unpacking {parts[-1].name}", unit="file"):
                    _write(staging / _relative(name, parts[-1]), chunks, is_folder=name.endswith("/"))
            except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, UnzipError) as error:
                what = str(error) or type(error).__name__
                raise InputError(
                    f"{parts[-1]}: cannot be unpacked ({what}); delete "
                    f"{', '.join(part.name for part in parts)} and run again to fetch it anew"
                ) from None
        source = staging / top if top else staging
        if [path.name for path in staging.iterdir()] != [top] and top:
            raise InputError(f"{archives[0]}: expected nothing but the folder {top} in it; is it the right archive?")
        files = sorted(path for path in source.rglob("*") if path.is_file())
        for path in sorted(files, key=lambda path: (path.suffix == ".csv", path.name == "meta.csv")):
            target = folder / path.relative_to(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(path, target)  # a rename, unless the user has put the folder on another disk
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _body(web: requests.Session, archive: Archive, file: BinaryIO, digest: "hashlib._Hash") -> Iterator[bytes]:
    """Append to the file what is still missing of the archive, and yield it."""
    wanted = {"Range": f"bytes={file.tell()}-"} if file.tell() else {}
    with web.get(archive.url, stream=True, timeout=TIMEOUT, headers=wanted) as answer:
        answer.raise_for_status()
        skip = file.tell() if answer.status_code != requests.codes.partial_content else 0
        for received in answer.iter_content(CHUNK):
            chunk, skip = received[skip:], max(skip - len(received), 0)
            file.write(chunk)
            digest.update(chunk)
            yield chunk


def _grouped(archives: list[Path]) -> list[list[Path]]:
    """Return the archives, each a list of its parts in order: ``.z01`` … and the ``.zip`` last."""
    groups: dict[Path, list[Path]] = {}
    for path in archives:
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


def _members(parts: list[Path]) -> Iterator[Member]:
    """Yield the names of an archive's entries and their contents, which must be read before the next."""
    _require_all(parts)
    if len(parts) > 1:
        # Links cannot be told here, and need not be: they come out as small files.
        for encoded, _, chunks in stream_unzip(_concatenated(parts), chunk_size=CHUNK):
            yield encoded.decode("utf-8", "replace"), chunks
        return
    with zipfile.ZipFile(parts[0]) as archive:
        for entry in archive.infolist():
            _relative(entry.filename, parts[0])
            if stat.S_ISLNK(entry.external_attr >> 16):
                raise InputError(f"{parts[0]}: its entry {entry.filename} is a link; this is not the published archive")
        for entry in archive.infolist():
            with archive.open(entry) as file:
                yield entry.filename, iter(lambda file=file: file.read(CHUNK), b"")  # type: ignore[misc]


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


def _concatenated(parts: list[Path]) -> Iterator[bytes]:
    """Yield the bytes of a split archive without the marker at its beginning."""
    for number, part in enumerate(parts):
        with part.open("rb") as file:
            if number == 0 and file.read(4) not in SPANNING_MARKERS:
                file.seek(0)
            while chunk := file.read(CHUNK):
                yield chunk


def _relative(name: str, archive: Path) -> PurePosixPath:
    """Return an entry's path, which must stay inside the folder that it is unpacked into."""
    path = PurePosixPath(name)
    if not path.parts or path.is_absolute() or ".." in path.parts or re.search(r"[\\:\0]", name):
        raise InputError(f"{archive}: its entry {name!r} would leave the folder; this is not the published archive")
    return path


def _write(path: Path, chunks: Iterable[bytes], *, is_folder: bool) -> None:
    """Write an entry."""
    if is_folder:
        path.mkdir(parents=True, exist_ok=True)
        for _ in chunks:  # none, but a stream goes on only after its entry was read
            pass
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.writelines(chunks)
