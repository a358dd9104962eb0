"""Rule download_archive: fetch one archive, and verify it before it gets its name."""

import json
from pathlib import Path

from filelock import FileLock
from tqdm import tqdm

from tagasc.corpora import fsdkaggle2019
from tagasc.corpora.download import server
from tagasc.corpora.download.archives import SCENE_ARCHIVES, Archive, event_archives
from tagasc.corpora.download.transfer import read_digest, transfer
from tagasc.runtime.errors import InputError, nearest
from tagasc.runtime.files import atomic_write, partial_path, require_space
from tagasc.runtime.system_errors import disk_errors

RECORD_FILE = "FSDKaggle2019.record.json"
"""Zenodo's description of the events' record, with sizes and checksums, kept next to the receipts."""
_REMEDY = "set download.archives to a folder on a larger disk"


def fetch(name: str, folder: Path, receipt: Path, mirror: str) -> None:
    """Fetch an archive into a folder, verify it, and write a receipt: its MD5 in the format of the program md5sum.

    If the archive exists, it is verified and used; the folder may then be read-only. If an earlier call has left a
    part of it, only the rest is requested. For the events, Zenodo's description of the record is fetched first.

    Parameters
    ----------
    name
        Name of an archive of either data set.
    folder
        Folder of the archives.
    receipt
        File to write when the archive is complete.
    mirror
        Address of Zenodo, or of another server with the same paths.

    Raises
    ------
    InputError
        If the archive is unknown, cannot be fetched, does not fit on the disk, or differs from the record.
    """
    known = (*SCENE_ARCHIVES, *fsdkaggle2019.ARCHIVES)
    if name not in known:
        raise InputError(f"{name}: is not an archive of TAU 2019 or FSDKaggle2019{nearest(name, known)}")
    with disk_errors(folder, _REMEDY):
        for needed in (folder, receipt.parent):
            needed.mkdir(parents=True, exist_ok=True)
        archives = SCENE_ARCHIVES if name in SCENE_ARCHIVES else _described_archives(receipt.parent, mirror)
        archive, path = archives[name], folder / name
        if path.exists():
            _verify(archive, path)
        else:
            missing = sum(each.size - _present_bytes(folder, each) for each in archives.values())
            require_space(folder, missing, "for the archives that are still to come", _REMEDY)
            transfer(archive, path, archive.url(mirror))
        with atomic_write(receipt) as partial:
            partial.write_text(f"{archive.md5}  {name}\n")


def _described_archives(folder: Path, mirror: str) -> dict[str, Archive]:
    """Return the archives of the events, from the record's description in the folder or else on the server."""
    path = folder / RECORD_FILE
    url = f"{mirror.rstrip('/')}/api/records/{fsdkaggle2019.RECORD}"
    with FileLock(folder / f".{RECORD_FILE}.lock"):  # the first of several jobs asks the server
        if path.exists():
            source, text = str(path), path.read_text(encoding="utf-8")
        else:
            with server.open_session() as session, server.transfer_errors(url):
                answer = session.get(url, timeout=(server.CONNECT_TIMEOUT, server.READ_TIMEOUT))
                answer.raise_for_status()
            source, text = url, answer.text
        try:
            archives = event_archives(json.loads(text))
        except ValueError as error:
            remedy = "name another download.mirror" if source == url else "delete it and run again to fetch it again"
            raise InputError(
                f"{source}: is not the description of record {fsdkaggle2019.RECORD} ({error}); {remedy}, or unpack the "
                f"archives yourself and set events.source: copy"
            ) from None
        if source == url:
            with atomic_write(path) as partial:
                partial.write_text(text, encoding="utf-8")
    return archives


def _present_bytes(folder: Path, archive: Archive) -> int:
    """Return how many bytes of an archive exist, whether it is complete or not."""
    for path in (folder / archive.name, partial_path(folder / archive.name)):
        if path.exists():
            return min(path.stat().st_size, archive.size)
    return 0


def _verify(archive: Archive, path: Path) -> None:
    """Check size and MD5 of an existing file."""
    size = path.stat().st_size
    with path.open("rb") as file, tqdm(desc=f"verifying {path.name}", total=size, unit="B", unit_scale=True) as bar:
        md5 = read_digest(file, bar).hexdigest()
    if (size, md5) != (archive.size, archive.md5):
        raise InputError(
            f"{path}: has {size} bytes and MD5 {md5}, expected {archive.size} bytes and MD5 {archive.md5}; delete it "
            f"or move it away, and run again to fetch it"
        )
