"""Fetching archives: resumed where a connection or a job broke off, and verified before they have their name."""

import hashlib
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import requests
from filelock import FileLock
from tqdm import tqdm
from urllib3.exceptions import HTTPError

from tagasc.corpora import web
from tagasc.corpora.archives import (
    EVENT_ARCHIVES,
    FSD_RECORD,
    RECORD_FILE,
    SCENE_ARCHIVES,
    Archive,
    event_archive,
    require_known,
    scene_archive,
)
from tagasc.corpora.disk import disk_errors, require_space
from tagasc.errors import InputError
from tagasc.writing import partial_path, written_whole

if TYPE_CHECKING:
    from hashlib import _Hash

CHUNK = 1 << 20
"""Bytes that are read at once."""
ATTEMPTS = 8
"""Connections in a row that may break without having brought a byte, with pauses of 1, 2, 4 … times `PAUSE`."""
PAUSE = 1.0
"""Seconds."""
_ROOM = "set download.archives to a folder on a larger disk"


def fetch(name: str, folder: Path, receipt: Path, mirror: str) -> None:
    """Bring an archive into a folder, verified, and leave a receipt: its MD5 as the program md5sum writes it.

    What is already there under the archive's name is verified and used. What an earlier call has left unfinished is
    taken up, by range request. For the events, Zenodo's description of the record is fetched first and stays beside the
    receipt, as `RECORD_FILE`. The folder itself may be read-only if the archive is there.

    Parameters
    ----------
    name
        One of `SCENE_ARCHIVES` or `EVENT_ARCHIVES`.
    mirror
        Address of Zenodo, or of what answers under the same paths.

    Raises
    ------
    InputError
        When the archive is unknown, cannot be had, does not fit on the disk, or is not what the record says, after it
        has been fetched anew once.
    """
    require_known(name)
    for each in (folder, receipt.parent):
        each.mkdir(parents=True, exist_ok=True)
    with disk_errors(folder, _ROOM):
        described = _described(name, receipt.parent, mirror)
        archive = described[name]
        path = folder / name
        if path.exists():
            _verify(archive, path)
        else:
            missing = sum(each.size - _present(folder, each) for each in described.values())
            require_space(folder, missing, "for the archives that are still to come", _ROOM)
            _bring(archive, path, archive.url(mirror))
        with written_whole(receipt) as file:
            file.write_text(f"{archive.md5}  {name}\n")


def _described(name: str, beside: Path, mirror: str) -> dict[str, Archive]:
    """Return what is known of all archives of the data set that this one belongs to."""
    if name in SCENE_ARCHIVES:
        return {each: scene_archive(each) for each in SCENE_ARCHIVES}
    path = beside / RECORD_FILE
    url = f"{mirror.rstrip('/')}/api/records/{FSD_RECORD}"
    with FileLock(beside / f".{RECORD_FILE}.lock"):  # the first of several jobs asks for all
        if path.exists():
            source, text = str(path), path.read_text(encoding="utf-8")
        else:
            with web.session() as session, web.transfer_errors(url):
                answer = session.get(url, timeout=(web.CONNECT_TIMEOUT, web.READ_TIMEOUT))
                answer.raise_for_status()
            source, text = url, answer.text
        try:
            record = json.loads(text)
            archives = {each: event_archive(each, record) for each in EVENT_ARCHIVES}
        except ValueError as error:
            remedy = "delete it and run again to ask for it anew" if source != url else "name another download.mirror"
            raise InputError(
                f"{source}: is not the description of record {FSD_RECORD} ({error}); {remedy}, or unpack the archives "
                f"by hand and set events.source: copy"
            ) from None
        if source == url:
            with written_whole(path) as file:
                file.write_text(text, encoding="utf-8")
    return archives


def _present(folder: Path, archive: Archive) -> int:
    """Return how many bytes of an archive are there, finished or not."""
    for path in (folder / archive.name, partial_path(folder / archive.name)):
        if path.exists():
            return min(path.stat().st_size, archive.size)
    return 0


def _verify(archive: Archive, path: Path) -> None:
    """Raise InputError if a file is not the archive."""
    size = path.stat().st_size
    with path.open("rb") as file, tqdm(desc=f"verifying {path.name}", total=size, unit="B", unit_scale=True) as bar:
        digest = _digest(file, bar)
    if (size, digest.hexdigest()) != (archive.size, archive.md5):
        raise InputError(
            f"{path}: has {size} bytes and MD5 {digest.hexdigest()}, expected {archive.size} bytes and MD5 "
            f"{archive.md5}; delete it or move it away, and run again to fetch it"
        )


def _digest(file: BinaryIO, bar: "tqdm[Any]") -> "_Hash":
    """Return the MD5 of the rest of a file."""
    digest = hashlib.md5(usedforsecurity=False)
    while chunk := file.read(CHUNK):
        digest.update(chunk)
        bar.update(len(chunk))
    return digest


def _bring(archive: Archive, path: Path, url: str) -> None:
    """Fetch what is missing, and once everything, if what came is something else."""
    partial = partial_path(path)
    if partial.exists() and partial.stat().st_size > archive.size:
        partial.unlink()
    for _ in range(2):
        with web.transfer_errors(url):
            md5 = _complete(archive, partial, url)
        size = partial.stat().st_size
        if (size, md5) == (archive.size, archive.md5):
            partial.replace(path)
            return
        print(f"got {size} bytes with MD5 {md5}, not {archive.size} with {archive.md5}", file=sys.stderr)
        partial.unlink()
    raise InputError(
        f"{url}: got {size} bytes with MD5 {md5}, twice, expected {archive.size} bytes with MD5 {archive.md5}; see "
        f"whether a proxy or the mirror gives another file, and run again"
    )


def _complete(archive: Archive, partial: Path, url: str) -> str:
    """Append what is missing of an archive, through as many connections as it takes; return the MD5 of the whole."""
    with (
        web.session() as session,
        partial.open("ab+") as file,
        tqdm(desc=archive.name, total=archive.size, unit="B", unit_scale=True, mininterval=1) as bar,
    ):
        file.seek(0)
        digest = _digest(file, bar)
        began, failures = file.tell(), 0
        while file.tell() < archive.size:
            before = file.tell()
            try:
                for chunk in _body(session, url, file, archive.size):
                    digest.update(chunk)
                    bar.update(len(chunk))
            except (requests.ConnectionError, requests.Timeout) as error:
                failures = 0 if file.tell() > before else failures + 1
                if failures == ATTEMPTS or (file.tell() == began and web.has_no_way(error)):
                    raise
                pause = PAUSE * 2 ** max(failures - 1, 0)
                print(f"broke off at byte {file.tell()}; is taken up in {pause:g} s", file=sys.stderr)
                time.sleep(pause)
            else:
                break  # all that the server has
    return digest.hexdigest()


def _body(session: requests.Session, url: str, file: BinaryIO, size: int) -> Iterator[bytes]:
    """Append to the file what is still missing, and yield it; stop soon after the size that is expected."""
    start = file.tell()
    wanted = {"Range": f"bytes={start}-"} if start else {}
    timeout = (web.CONNECT_TIMEOUT, web.READ_TIMEOUT)
    with session.get(url, stream=True, timeout=timeout, headers=wanted) as answer:
        if answer.status_code == requests.codes.requested_range_not_satisfiable:
            return  # the server's file is shorter, which the caller finds out
        answer.raise_for_status()
        # A server that knows no ranges begins anew, and what is already there is passed over.
        skip = 0 if answer.status_code == requests.codes.partial_content else start
        for received in _received(answer):
            chunk, skip = received[skip:], max(skip - len(received), 0)
            file.write(chunk)
            yield chunk
            if file.tell() > size:
                return


def _received(answer: requests.Response) -> Iterator[bytes]:
    """Yield what comes as it comes: iter_content would wait for a full block, and lose it where a connection breaks."""
    try:
        while received := answer.raw.read1(CHUNK):
            yield received
    except HTTPError as error:
        raise requests.ConnectionError(error) from error
