"""Writing a folder that is either complete or not there."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tagasc.runtime.errors import InputError
from tagasc.runtime.system_errors import disk_errors


def check_new(path: Path) -> None:
    """Check that a folder can be written without touching anything of the user's.

    Raises
    ------
    InputError
        If something is there, unless it is an empty folder.

    Examples
    --------
    >>> check_new(folder / "new")
    """
    if path.is_dir() and not path.is_symlink() and not any(path.iterdir()):
        return
    if os.path.lexists(path):
        kind = "is a folder that is not empty" if path.is_dir() else "is there already"
        raise InputError(f"{path}: {kind}, and nothing is overwritten; name another folder, or remove it")


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Yield an empty folder next to ``path``, and rename it to ``path`` if the block ends without an exception.

    Otherwise, it is removed.

    Raises
    ------
    InputError
        As `check_new`. Also if the disk is full or read-only, or if a name is too long.

    Examples
    --------
    >>> with new_folder(folder / "new") as partial:
    ...     _ = (partial / "x.txt").write_text("42")
    >>> (folder / "new/x.txt").read_text()
    '42'
    """
    path = Path(os.path.abspath(path))  # noqa: PTH100 - resolve would follow links
    with disk_errors(path):
        check_new(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".partial-{os.getpid()}@{os.uname().nodename}-{path.name}")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        try:
            yield partial
            partial.rename(path)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
