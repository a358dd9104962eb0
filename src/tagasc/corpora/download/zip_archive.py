"""Zip archives in one or several parts."""

import io
import zipfile
import zlib
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from stream_unzip import UnzipError, stream_unzip

from tagasc.corpora.download.multipart_file import MultipartFile
from tagasc.runtime.errors import InputError

CHUNK = 1 << 20
"""Bytes per read."""
_SPANNING_MARKERS = (b"PK\x07\x08", b"PK00")  # may precede the first entry of a split archive


class ZipArchive:
    """A zip archive, plain or split.

    Parameters
    ----------
    parts
        Paths of its parts: ``x.z01``, ``x.z02`` … and ``x.zip``, in any order.

    Raises
    ------
    InputError
        If a part is missing.
    """

    def __init__(self, parts: Iterable[Path]) -> None:
        self.parts = sorted(parts, key=lambda path: (path.suffix == ".zip", path.suffix))
        self.path = self.parts[-1]
        for part in self.parts:
            if not part.is_file():
                raise InputError(f"{part}: does not exist any more; delete its receipt, {part.name}.md5, and run again")
        expected = [f".z{number:02d}" for number in range(1, len(self.parts))] + [".zip"]
        if [part.suffix for part in self.parts] != expected:
            raise InputError(
                f"{self.path}: the archive's parts are {', '.join(part.name for part in self.parts)}, expected "
                f"{', '.join(expected)}; fetch the missing parts"
            )

    def entries(self) -> list[zipfile.ZipInfo]:
        """Return the entries of the directory at the archive's end.

        Raises
        ------
        InputError
            If the archive is damaged, or a part is missing.
        """
        with self._damage_errors():
            self._check_parts()
            with self._open() as file, zipfile.ZipFile(file) as archive:
                return archive.infolist()

    def contents(self, names: Collection[str]) -> Iterator[tuple[str, Iterable[bytes]]]:
        """Yield the names and contents of these entries. Read each content before asking for the next entry.

        Raises
        ------
        InputError
            If the archive is damaged; also from reading a content.
        """
        with self._damage_errors():
            if len(self.parts) > 1:  # zipfile refuses split archives
                yield from self._split_contents(names)
                return
            with zipfile.ZipFile(self.path) as archive:
                for name in names:
                    with archive.open(name) as file:
                        yield name, self._checked(iter(partial(file.read, CHUNK), b""))

    def _checked(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        with self._damage_errors():
            yield from chunks

    @contextmanager
    def _damage_errors(self) -> Iterator[None]:
        """Turn the libraries' errors about a damaged archive into an `InputError` that names it."""
        try:
            yield
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, UnzipError) as error:
            names = ", ".join(part.name for part in self.parts)
            raise InputError(
                f"{self.path}: cannot be unpacked ({str(error) or type(error).__name__}); delete {names} and the "
                f"receipt (.md5), and run again to fetch it again"
            ) from None

    def _check_parts(self) -> None:
        """Compare the number of parts with the one that the archive's end names."""
        with self.path.open("rb") as file:
            file.seek(max(self.path.stat().st_size - (1 << 16) - 22, 0))  # the longest comment, and the end record
            tail = file.read()
        end = tail.rfind(b"PK\x05\x06")
        number = int.from_bytes(tail[end + 4 : end + 6], "little") + 1
        if end >= 0 and number != len(self.parts):
            raise InputError(
                f"{self.path}: is the last of {number} parts, but there are {len(self.parts)}; fetch the missing parts"
            )

    def _split_contents(self, names: Collection[str]) -> Iterator[tuple[str, Iterable[bytes]]]:
        left = set(names)
        for encoded, _, chunks in stream_unzip(self._stream(), chunk_size=CHUNK):
            name = encoded.decode("utf-8", "replace")
            if name in left:
                left.remove(name)
                yield name, self._checked(chunks)
            elif not name.endswith("/"):
                raise zipfile.BadZipFile(f"{name} is not in the directory at its end")
            for _ in chunks:  # the stream continues only after its entry has been read
                pass
        if left:
            raise zipfile.BadZipFile(f"{min(left)} is missing")

    def _stream(self) -> Iterator[bytes]:
        """Yield the bytes of all parts, without the marker at the beginning."""
        with self._open() as file:
            if file.read(4) not in _SPANNING_MARKERS:
                file.seek(0)
            while chunk := file.read(CHUNK):
                yield chunk

    def _open(self) -> io.BufferedReader:
        return io.BufferedReader(MultipartFile(self.parts), CHUNK)
