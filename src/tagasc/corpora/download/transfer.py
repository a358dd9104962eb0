"""Transfer of one archive, resumed where a connection or an earlier job broke off."""

import hashlib
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import requests
from tqdm import tqdm
from urllib3.exceptions import HTTPError

from tagasc.corpora.download import server
from tagasc.corpora.download.archives import Archive
from tagasc.runtime.errors import InputError
from tagasc.runtime.files import partial_path, rename_durably

if TYPE_CHECKING:
    from hashlib import _Hash

CHUNK = 1 << 20
"""Bytes per read."""
ATTEMPTS = 8
"""Connections in a row that may break without a byte, with pauses of 1, 2, 4 … times `PAUSE` between them."""
PAUSE = 1.0
"""Seconds."""


def transfer(archive: Archive, path: Path, url: str) -> None:
    """Fetch an archive, or the part of it that is missing.

    If the result has another size or checksum, the archive is fetched once more from the beginning.

    Raises
    ------
    InputError
        If the archive cannot be fetched, or if the second result is wrong too.
    """
    partial = partial_path(path)
    if partial.exists() and partial.stat().st_size > archive.size:
        partial.unlink()
    for _ in range(2):
        with server.transfer_errors(url):
            md5 = _complete(archive, partial, url)
        size = partial.stat().st_size
        if (size, md5) == (archive.size, archive.md5):
            rename_durably(partial, path)
            return
        print(f"got {size} bytes with MD5 {md5}, expected {archive.size} with {archive.md5}", file=sys.stderr)
        partial.unlink()
    raise InputError(
        f"{url}: got {size} bytes with MD5 {md5}, twice, expected {archive.size} bytes with MD5 {archive.md5}; check "
        f"whether a proxy or the mirror sends another file, and run again"
    )


def read_digest(file: BinaryIO, progress: "tqdm[Any]") -> "_Hash":
    """Return the MD5 of the rest of a file."""
    digest = hashlib.md5(usedforsecurity=False)
    while chunk := file.read(CHUNK):
        digest.update(chunk)
        progress.update(len(chunk))
    return digest


def _complete(archive: Archive, partial: Path, url: str) -> str:
    """Append the missing part of an archive, over as many connections as needed; return the MD5 of the file."""
    with (
        server.open_session() as session,
        partial.open("ab+") as file,
        tqdm(desc=archive.name, total=archive.size, unit="B", unit_scale=True, mininterval=1) as progress,
    ):
        file.seek(0)
        digest = read_digest(file, progress)
        start, failures = file.tell(), 0
        while file.tell() < archive.size:
            before = file.tell()
            try:
                for chunk in _append_rest(session, url, file, archive.size):
                    digest.update(chunk)
                    progress.update(len(chunk))
            except (requests.ConnectionError, requests.Timeout) as error:
                failures = 0 if file.tell() > before else failures + 1
                if failures == ATTEMPTS or (file.tell() == start and server.is_unreachable(error)):
                    raise
                pause = PAUSE * 2 ** max(failures - 1, 0)
                print(f"connection broke at byte {file.tell()}; continuing in {pause:g} s", file=sys.stderr)
                time.sleep(pause)
            else:
                break  # the server has sent everything
    return digest.hexdigest()


def _append_rest(session: requests.Session, url: str, file: BinaryIO, size: int) -> Iterator[bytes]:
    """Append the missing part to the file, and yield it; stop soon after the expected size in bytes."""
    start = file.tell()
    headers = {"Range": f"bytes={start}-"} if start else {}
    timeout = (server.CONNECT_TIMEOUT, server.READ_TIMEOUT)
    with session.get(url, stream=True, timeout=timeout, headers=headers) as answer:
        if answer.status_code == requests.codes.requested_range_not_satisfiable:
            return  # the server's file is shorter; the caller notices
        answer.raise_for_status()
        # A server that does not support ranges sends the file from the beginning, so the part that exists is skipped.
        skip = 0 if answer.status_code == requests.codes.partial_content else start
        for received in _stream(answer):
            chunk, skip = received[skip:], max(skip - len(received), 0)
            file.write(chunk)
            yield chunk
            if file.tell() > size:
                return


def _stream(answer: requests.Response) -> Iterator[bytes]:
    """Yield data as soon as they arrive.

    iter_content would wait for a full block, and would lose it if the connection breaks.
    """
    try:
        while received := answer.raw.read1(CHUNK):
            yield received
    except HTTPError as error:
        raise requests.ConnectionError(error) from error
