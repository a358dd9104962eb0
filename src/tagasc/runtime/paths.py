"""What stands in the way of reading a file or a folder, in words."""

import errno
import os
import stat
from pathlib import Path

_WORDS = {
    errno.ENOENT: "does not exist",
    errno.ELOOP: "is a link that leads back to itself",
    errno.ENAMETOOLONG: "has a name that is longer than the file system allows",
    errno.EACCES: "cannot be read, because you lack the permission",
}


def file_problem(path: Path) -> str | None:
    """Return why a file cannot be read, as the end of a sentence that its path begins; None if it can be read.

    >>> file_problem(folder / "a.wav")
    'does not exist'
    >>> (folder / "a.wav").symlink_to("b.wav")
    >>> file_problem(folder / "a.wav")
    'is a link to b.wav, which does not exist'
    >>> file_problem(folder)
    'is a folder, and a file is expected'
    """
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            return "is a folder, and a file is expected"
        if not stat.S_ISREG(mode):  # opening a pipe would wait for its other end
            return "is not a regular file"
        os.close(os.open(path, os.O_RDONLY))
    except (OSError, ValueError) as error:
        return _problem(path, error)
    return None


def folder_problem(path: Path) -> str | None:
    """Return why the files of a folder cannot be found, as `file_problem` does.

    >>> _ = (folder / "TAU").write_text("")
    >>> folder_problem(folder / "TAU")
    'is a file, and a folder is expected'
    """
    try:
        if not stat.S_ISDIR(path.stat().st_mode):
            return "is a file, and a folder is expected"
        os.scandir(path).close()
    except (OSError, ValueError) as error:
        return _problem(path, error)
    return None


def _problem(path: Path, error: OSError | ValueError) -> str:
    """Return the words for what the operating system has refused."""
    if isinstance(error, ValueError):  # a null byte
        return "has a name that no file can have"
    if error.errno == errno.ENOENT and (link := next(filter(_dangling, (path, *path.parents)), None)):
        dangling = f"is a link to {link.readlink()}, which does not exist"
        return dangling if link == path else f"does not exist, because {link} {dangling}"
    if error.errno == errno.ENOTDIR:
        file = next(place for place in path.parents if place.exists())
        return f"does not exist, because {file} is a file and not a folder"
    return _WORDS.get(error.errno or 0, f"cannot be read ({error.strerror})")


def _dangling(path: Path) -> bool:
    return path.is_symlink() and not path.exists()
