"""Room on the disk: asked for before long work begins, and missed in one line."""

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tagasc.errors import InputError


def require_space(folder: Path, needed: int, what: str, remedy: str) -> None:
    """Raise InputError if a folder, which exists, has less than so many bytes free for what is to come."""
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise InputError(
            f"{folder}: {_size(free)} are free and {_size(needed)} are needed {what}; make room, or {remedy}"
        )


@contextmanager
def disk_errors(folder: Path, remedy: str) -> Iterator[None]:
    """Turn a disk that is full, or a quota that is used up, into an `InputError` of one line."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise InputError(
            f"{folder}: no room is left ({error.strerror}); make room and run again, which goes on where this "
            f"ended, or {remedy}"
        ) from None


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e8 else f"{count / 1e6:.1f} MB"
