"""Writing files: atomically, and only where there is enough disk space."""

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tagasc.runtime.errors import InputError


def partial_path(path: Path) -> Path:
    """Return the name that a file has, in the same folder, until it is complete; the suffix is the same."""
    return path.with_name(f".partial-{path.name}")


@contextmanager
def atomic_write(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path next to ``path``, and rename it to ``path`` if the block ends without an exception.

    A job that is killed while it writes leaves the temporary file, never a half-written one that a later job would
    take for complete. The temporary name keeps the suffix, because writers choose their format by it.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = partial_path(path)
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


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
            f"{folder}: {_size(needed)} are needed {purpose}, but only {_size(free)} are free; free some space, or "
            f"{remedy}"
        )


@contextmanager
def disk_errors(folder: Path, remedy: str) -> Iterator[None]:
    """Turn a full disk or an exceeded quota into an `InputError` of one line."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise InputError(
            f"{folder}: the disk is full ({error.strerror}); free some space and run again, which continues where "
            f"this stopped, or {remedy}"
        ) from None


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e8 else f"{count / 1e6:.1f} MB"
