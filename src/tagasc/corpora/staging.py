"""Copies of a large file on the local disk of each node that reads it."""

import hashlib
import os
import shutil
import sys
import time
from pathlib import Path

from filelock import FileLock

from tagasc.errors import InputError
from tagasc.writing import written_whole


def staged(path: Path, folder: str | None) -> Path:
    """Return a copy of a file in a folder of this machine's own disk, made by the first process that asks for it.

    The others wait for it, under a lock. A copy stays when the jobs are done, for those that come later; a changed file
    is copied again, and takes the place of its older copy.

    Parameters
    ----------
    path
        The file, say on a file system that all nodes share.
    folder
        Key ``staging``: where copies go; ``~`` and environment variables are the node's own. None for no copy.

    Raises
    ------
    InputError
        If the folder is missing, cannot be written to, or has no room.
    """
    if folder is None:
        return path
    local = Path(os.path.expandvars(folder)).expanduser()
    if not local.is_dir() or not os.access(local, os.W_OK | os.X_OK):
        raise InputError(
            f"staging: {local} is no folder that can be written to on {os.uname().nodename}; name one on the disk of "
            "every node, or null"
        )
    facts = path.stat()
    place = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:16]
    own = local / f"tagasc-{os.getuid()}" / place
    copy = own / f"{facts.st_mtime_ns}-{path.name}"
    own.mkdir(parents=True, exist_ok=True)
    with FileLock(own / "lock"):
        if copy.exists() and copy.stat().st_size == facts.st_size:
            print(f"reading {path.name} from {copy}", file=sys.stderr)
            return copy
        for old in own.glob(f"*{path.name}"):
            old.unlink()  # who still reads it keeps it until the end
        free = shutil.disk_usage(own).free
        if facts.st_size > free:
            raise InputError(
                f"staging: {local} on {os.uname().nodename} has {free / 1e9:.1f} GB free and {path.name} needs "
                f"{facts.st_size / 1e9:.1f} GB; make room, name another folder, or null"
            )
        started = time.monotonic()
        with written_whole(copy) as partial:
            shutil.copyfile(path, partial)
        print(f"copied {path.name} to {copy} in {time.monotonic() - started:.0f} s", file=sys.stderr)
    return copy
