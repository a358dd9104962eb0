"""Writing files: atomically, durably, and only where there is enough disk space."""

import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path

import psutil

from tagasc.runtime.errors import InputError
from tagasc.runtime.system_errors import disk_errors

_PREFIX = ".partial-"


def partial_path(path: Path) -> Path:
    """Return the name that a file has, in the same folder, until it is complete; the suffix is the same."""
    return path.with_name(f"{_PREFIX}{path.name}")


@contextmanager
def atomic_write(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path next to ``path``, and rename it to ``path`` if the block ends without an exception.

    A job that is killed while it writes leaves the temporary file, never a half-written one that a later job would
    take for complete. The next process that writes the file removes it. The temporary name belongs to this process
    alone, and it keeps the suffix, because writers choose their format by it.

    Raises
    ------
    InputError
        If the disk is full, read-only or broken, if a name is taken or too long, or if a device has the name.
    """
    path = Path(path)
    with disk_errors(path):
        if path.exists() and not (path.is_file() or path.is_dir()):
            raise InputError(f"{path}: is a device or a pipe, which a file would replace; name a file")
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(path)
        partial = path.with_name(f"{_PREFIX}{os.getpid()}@{os.uname().nodename}-{path.name}")
        try:
            partial.touch()
            mode = partial.stat().st_mode  # the user's umask; some libraries replace the file by a private one
            yield partial
            partial.chmod(mode)
            rename_durably(partial, path)
        finally:
            partial.unlink(missing_ok=True)


def rename_durably(source: Path, target: Path) -> None:
    """Rename a file within a file system, so that after a power failure its content is there whenever its name is."""
    _sync(source)
    source.replace(target)
    _sync(target.parent)


def _sync(path: Path) -> None:
    """Wait until a file or the entries of a folder are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove_abandoned(path: Path) -> None:
    """Remove the temporary files that killed processes of this machine have left of a file."""
    for partial in path.parent.glob(f"{_PREFIX}*@{escape(f'{os.uname().nodename}-{path.name}')}"):
        process = partial.name.removeprefix(_PREFIX).partition("@")[0]
        if process.isdigit() and not psutil.pid_exists(int(process)):
            with suppress(FileNotFoundError):  # another process may be removing it
                partial.unlink()


def private_folder(folder: Path) -> Path:
    """Create a folder that only this user can write to, or check that an existing one is such a folder.

    Its parent may be writable by everybody, like ``/tmp``: no link is followed there.

    Raises
    ------
    InputError
        If it is not a folder, or if it belongs to another user.
    """
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    facts = folder.lstat()
    if not stat.S_ISDIR(facts.st_mode):
        raise InputError(f"{folder}: is not a folder, and another user may have put it there; remove it")
    if facts.st_uid != os.getuid():
        raise InputError(
            f"{folder}: belongs to another user; ask its owner to remove it, or use another folder than {folder.parent}"
        )
    if stat.S_IMODE(facts.st_mode) & 0o022:
        folder.chmod(0o700)
    return folder


def require_space(folder: Path, needed: int, purpose: str, remedy: str) -> None:
    """Check free disk space before long work starts.

    Parameters
    ----------
    folder
        An existing folder on the disk.
    needed
        Bytes that the work will write.
    purpose, remedy
        Completes "… are needed" and "free some space, or …" in the message.

    Raises
    ------
    InputError
        If less than ``needed`` is free.
    """
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise InputError(
            f"{folder}: {format_size(needed)} are needed {purpose}, but only {format_size(free)} are free; free some "
            f"space, or {remedy}"
        )


def format_size(count: float) -> str:
    """Return a number of bytes in GB or MB.

    >>> format_size(62.4e9), format_size(2_500_000)
    ('62.4 GB', '2.5 MB')
    """
    return f"{count / 1e9:.1f} GB" if count >= 1e8 else f"{count / 1e6:.1f} MB"
