"""Whether a run can write to its folders: checked before its first job."""

import errno
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from tagasc.runtime.files import require_space
from tagasc.runtime.system_errors import disk_errors

NEEDED = 20_000_000
"""Bytes for logs, tables and Snakemake's records. Work that writes more checks its own need."""


def check_records() -> None:
    """Check that Snakemake can write its locks and records, which even a dry run does.

    Raises
    ------
    InputError
        If the folder ``.snakemake`` cannot be written to, or if the disk is full.
    """
    check_folder(
        Path.cwd() / ".snakemake", "for Snakemake's records", "run in another folder (snakemake --directory FOLDER)"
    )


def check_outputs(folders: Iterable[Path]) -> None:
    """Check that jobs can write to the folders of their outputs and logs, and to the folder of temporary files.

    Raises
    ------
    InputError
        If one of them cannot be written to, or a disk is full.
    """
    for folder in sorted({_existing(folder) for folder in folders}):
        check_folder(folder, "for results and logs", "link this folder to a larger disk")
    named = os.environ.get("TMPDIR", "")  # some programs use it even if Python, finding it full, takes another folder
    temporary = named if os.access(named, os.W_OK | os.X_OK) else tempfile.gettempdir()
    check_folder(Path(temporary), "for temporary files", "set TMPDIR to another folder")


def check_folder(folder: Path, purpose: str, remedy: str) -> None:
    """Check that files can be written to a folder, or to the one in which it will be created.

    Raises
    ------
    InputError
        If not, or if less than `NEEDED` is free.

    Examples
    --------
    >>> check_folder(folder / "results/logs", "for logs", "link results to a larger disk")
    """
    place = _existing(folder)
    with disk_errors(place):
        if not place.is_dir():
            raise OSError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(place))
        try:
            with tempfile.TemporaryFile(dir=place) as file:
                file.write(bytes(4096))  # a quota may be used up where the disk has space
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(place)) from None  # not the name of the temporary file
    require_space(place, NEEDED, purpose, remedy)


def _existing(folder: Path) -> Path:
    """Return a folder, or the nearest one above that exists; a file or a dangling link counts as one."""
    return next(each for each in (folder, *folder.parents) if os.path.lexists(each))
