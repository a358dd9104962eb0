"""Copies of a large file on the local disk of each node that reads it."""

import hashlib
import os
import shutil
import sys
import time
from pathlib import Path

from filelock import FileLock

from tagasc.runtime.errors import InputError
from tagasc.runtime.files import atomic_write


def local_copy(path: Path, folder: str | None) -> Path:
    """Return a copy of a file on this machine's own disk; the first process that needs it makes it.

    The others wait for it, under a lock. A copy stays after the jobs have ended, for later ones. If the file has
    changed, it is copied again and its older copy is deleted.

    Parameters
    ----------
    path
        The file, for instance on a file system that all nodes share.
    folder
        Key ``staging``: folder of the copies. ``~`` and environment variables are the node's own. None means no copy.

    Raises
    ------
    InputError
        If the folder is missing, cannot be written to, or has too little space.
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
    own = local / f"tagasc-{os.getuid()}" / key
    copy = own / f"{source.st_mtime_ns}-{path.name}"
    own.mkdir(parents=True, exist_ok=True)
    with FileLock(own / "lock"):
        if copy.exists() and copy.stat().st_size == source.st_size:
            print(f"reading {path.name} from {copy}", file=sys.stderr)
            return copy
        for old in own.glob(f"*{path.name}"):
            old.unlink()  # a process that still reads it keeps it until it ends
        free = shutil.disk_usage(own).free
        if source.st_size > free:
            raise InputError(
                f"staging: {path.name} needs {source.st_size / 1e9:.1f} GB, but {local} on {os.uname().nodename} has "
                f"only {free / 1e9:.1f} GB free; free some space, name another folder, or null"
            )
        started = time.monotonic()
        with atomic_write(copy) as partial:
            shutil.copyfile(path, partial)
        print(f"copied {path.name} to {copy} in {time.monotonic() - started:.0f} s", file=sys.stderr)
    return copy
