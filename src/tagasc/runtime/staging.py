"""Copies of a large file on the local disk of each node that reads it."""

import hashlib
import os
import shutil
import sys
import time
from pathlib import Path

import xxhash
from filelock import FileLock

from tagasc.runtime.errors import InputError
from tagasc.runtime.files import atomic_write, private_folder


def local_copy(path: Path, folder: str | None) -> Path:
    """Return a copy of a file on this machine's own disk; the first process that needs it makes it.

    The others wait for it, under a lock. A copy stays after the jobs have ended, for later ones. It is compared with
    the file when it has been made, and again whenever it has been touched since. If it or the file has changed, it is
    replaced.

    Parameters
    ----------
    path
        The file, for instance on a file system that all nodes share.
    folder
        Key ``staging``: folder of the copies. ``~`` and environment variables are the node's own. None means no copy.

    Raises
    ------
    InputError
        If the folder is missing, cannot be written to, or has too little space; if the folder of the copies in it
        belongs to another user; or if the copy differs from the file.
    """
    if folder is None:
        return path
    local = Path(os.path.expandvars(folder)).expanduser()
    if not local.is_dir() or not os.access(local, os.W_OK | os.X_OK):
        raise InputError(
            f"staging: {local} is not a writable folder on {os.uname().nodename}; name one on the disk of every node, "
            f"or null"
        )
    source = path.stat()
    key = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:16]
    own = private_folder(private_folder(local / f"tagasc-{os.getuid()}") / key)
    copy = own / f"{source.st_mtime_ns}-{path.name}"
    with FileLock(own / "lock"):
        if _is_intact(copy):
            print(f"reading {path.name} from {copy}", file=sys.stderr)
            return copy
        for old in own.glob(f"*{path.name}*"):
            old.unlink()  # a process that still reads it keeps it until it ends
        free = shutil.disk_usage(own).free
        if source.st_size > free:
            raise InputError(
                f"staging: {path.name} needs {source.st_size / 1e9:.1f} GB, but {local} on {os.uname().nodename} has "
                f"only {free / 1e9:.1f} GB free; free some space, name another folder, or null"
            )
        started = time.monotonic()
        with atomic_write(copy) as partial:
            digest = _copy(path, partial)
        if _digest(copy) != digest:
            raise InputError(f"staging: {copy} differs from {path} after copying; check the disk, or name another one")
        _record_comparison(copy, digest)
        print(f"copied {path.name} to {copy} in {time.monotonic() - started:.0f} s", file=sys.stderr)
    return copy


def _is_intact(copy: Path) -> bool:
    """Return whether a copy exists and is what was copied."""
    if not copy.is_file() or copy.is_symlink():
        return False
    try:
        signature, digest = _comparison_path(copy).read_text().splitlines()
    except (OSError, ValueError):  # killed between copying and comparing
        return False
    if signature == _signature(copy):
        return True
    if _digest(copy) != digest:
        print(f"{copy} has changed since it was copied: copying again", file=sys.stderr)
        return False
    _record_comparison(copy, digest)
    return True


def _record_comparison(copy: Path, digest: str) -> None:
    """Record that a copy, as it is now, has been compared with its file."""
    with atomic_write(_comparison_path(copy)) as partial:
        partial.write_text(f"{_signature(copy)}\n{digest}\n")


def _comparison_path(copy: Path) -> Path:
    return copy.with_name(f"{copy.name}.compared")


def _signature(copy: Path) -> str:
    """Return what differs after any change of a file."""
    facts = copy.stat()
    return f"{facts.st_ino} {facts.st_size} {facts.st_mtime_ns} {facts.st_ctime_ns}"


def _copy(source: Path, target: Path) -> str:
    """Copy a file, and return the digest of what was read."""
    hashed = xxhash.xxh3_128()
    with source.open("rb") as read, target.open("wb") as written:
        while data := read.read(1 << 24):
            hashed.update(data)
            written.write(data)
    return hashed.hexdigest()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, xxhash.xxh3_128).hexdigest()
