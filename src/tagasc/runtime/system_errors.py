"""What the operating system refuses, in one line: full or read-only disks, limits of the shell, too little memory."""

import errno
import os
import re
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tagasc.runtime.errors import InputError

_PERMISSION = ("permission is denied", "change its owner or mode, or choose a folder of yours")
_BROKEN = ("the disk or the network file system fails", "check whether other files of this folder can be read")
_NO_FOLDER = ("a file or a dangling link is where a folder is needed", "move it away, or choose another folder")
_DISK = {
    errno.ENOSPC: ("the disk is full", "free some space and run again"),
    errno.EDQUOT: ("the disk is full", "free some space and run again"),
    errno.EROFS: ("is on a disk that is read-only", "make it writable, or choose another folder"),
    errno.EACCES: _PERMISSION,
    errno.EPERM: _PERMISSION,
    errno.EFBIG: ("the file would be larger than is allowed", "raise the limit of this shell (ulimit -f)"),
    errno.EMFILE: ("too many files are open", "raise the limit of this shell (ulimit -n 4096)"),
    errno.ENFILE: ("too many files are open on this machine", "end other programs"),
    errno.EIO: _BROKEN,
    errno.ESTALE: _BROKEN,
    errno.ENAMETOOLONG: ("the name is too long", "choose shorter names in the configuration, or another folder"),
    errno.ENOTDIR: _NO_FOLDER,
    errno.EEXIST: _NO_FOLDER,
    errno.EISDIR: ("a folder is where a file is needed", "move it away, or choose another name"),
    errno.ELOOP: ("the link leads to itself", "remove it"),
}
"""What errors of the disk mean, and what to do."""
_FULL = (errno.ENOSPC, errno.EDQUOT)
_IN_WORDS = (*_FULL, errno.EROFS, errno.EACCES, errno.EFBIG, errno.EMFILE, errno.EIO)
"""Errors that libraries report in words."""
_SHORT_WRITE = re.compile(r"\d+ requested and \d+ written")  # NumPy's words for a full disk or a limit

_GPU_MEMORY = re.compile(r"CUDA out of memory|CUDA error: out of memory|(CUBLAS|CUDNN)_STATUS_ALLOC_FAILED")
_MEMORY = re.compile(
    r"can't allocate memory|not enough memory|Cannot allocate memory|std::bad_alloc|failed to map segment"
)
_THREADS = re.compile(r"can't start new thread|Resource temporarily unavailable")
_KILLED = {"TerminatedWorkerError", "BrokenProcessPool"}
_MEMORY_REMEDY = "run fewer jobs at the same time (-c), lower batch_size or the number of threads"


@dataclass(frozen=True)
class Grant:
    """What a rule was granted: its name and its memory in MB, if it requests any."""

    rule: str
    memory: int | None


def as_input_error(error: BaseException, place: Path, grant: Grant | None = None) -> InputError | None:
    """Return an `InputError`, or an error of the operating system as one, or None for any other exception.

    Libraries have their own types for these errors, or raise others while they handle one. These are recognised by
    their words, and by the exceptions that caused them.

    Parameters
    ----------
    error
        Any exception.
    place
        File or folder to name if the exception names none.
    grant
        What the rule was granted, if a rule is running.

    Examples
    --------
    >>> as_input_error(OSError(errno.ENOSPC, "No space left on device"), Path("results"))
    InputError('results: the disk is full (No space left on device); free some space and run again')
    >>> as_input_error(MemoryError(), Path("results"), Grant("train_cell", 4000)).args[0][:37]
    'rule train_cell: memory does not suff'
    >>> as_input_error(KeyError("scale"), Path("results"))
    """
    if isinstance(error, InputError):
        return error
    for each in _chain(error):
        if (line := _memory(each, grant)) is not None:
            return InputError(line)
        if (code := _disk_code(each)) is not None:
            return _disk_error(each, code, place)
    return None


@contextmanager
def disk_errors(place: Path, remedy: str | None = None) -> Iterator[None]:
    """Turn errors of the disk into an `InputError` of one line.

    Parameters
    ----------
    place
        File or folder to name if an exception names none.
    remedy
        Another remedy for a full disk, which completes "free some space and run again, which continues where this
        stopped, or …".
    """
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        for each in _chain(error):
            if (code := _disk_code(each)) is not None:
                raise _disk_error(each, code, place, remedy) from None
        raise


@contextmanager
def one_line_exit() -> Iterator[None]:
    """End the process with status 1 and one line, for an `InputError` and for what the operating system refuses."""
    try:
        yield
    except Exception as error:
        if (refused := as_input_error(error, Path.cwd())) is None:
            raise
        sys.exit(f"tagasc: error: {refused}")


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception, the one that it was raised from or while handling, and so on."""
    each: BaseException | None = error
    while each is not None:
        yield each
        each = each.__cause__ or (None if each.__suppress_context__ else each.__context__)


def _disk_code(error: BaseException) -> int | None:
    """Return the number of an error of the disk, or None for another exception."""
    text = str(error)
    if isinstance(error, OSError) and error.errno is not None:
        if error.errno == errno.EEXIST and error.filename and Path(os.fsdecode(error.filename)).is_dir():
            return None
        return error.errno if error.errno in _DISK else None
    if _SHORT_WRITE.search(text):
        unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
        return errno.ENOSPC if unlimited else errno.EFBIG
    return next((code for code in _IN_WORDS if os.strerror(code) in text or f"(os error {code})" in text), None)


def _disk_error(error: BaseException, code: int, place: Path, if_full: str | None = None) -> InputError:
    """Return the line for an error of the disk; a temporary file next to ``place`` is not named."""
    problem, remedy = _DISK[code]
    if if_full is not None and code in _FULL:
        remedy += f", which continues where this stopped, or {if_full}"
    name = getattr(error, "filename2", None) or getattr(error, "filename", None)
    if isinstance(name, str | bytes | os.PathLike):
        named = Path(os.fsdecode(name))
        place = place if named.name.startswith(".partial-") else named
    if code in (errno.ENOTDIR, errno.EEXIST):  # the file may be further up
        place = next(each for each in (place, *place.parents) if os.path.lexists(each))
    reason = os.strerror(code)
    if code == errno.EMFILE:
        reason += f"; the limit is {resource.getrlimit(resource.RLIMIT_NOFILE)[0]}"
    return InputError(f"{place}: {problem} ({reason}); {remedy}")


def _memory(error: BaseException, grant: Grant | None) -> str | None:
    """Return the line for an exception that says that memory does not suffice, or None for another one."""
    text, kind = " ".join(str(error).split()), type(error).__name__
    code = error.errno if isinstance(error, OSError) else None
    if _GPU_MEMORY.search(text) or kind == "OutOfMemoryError":
        problem, do = "the GPU's memory does not suffice", "lower batch_size, or end other programs on the GPU"
        grant = grant and Grant(grant.rule, None)
    elif _THREADS.search(text) or code == errno.EAGAIN:
        problem = "no further process or thread can be started"
        do = f"raise the limits (ulimit -u, ulimit -v), or {_MEMORY_REMEDY}"
    elif isinstance(error, MemoryError) or code == errno.ENOMEM or _MEMORY.search(text):
        problem, do = "memory does not suffice", _MEMORY_REMEDY
    elif kind in _KILLED:
        problem, do = "a worker was killed, probably because memory does not suffice", _MEMORY_REMEDY
        text = ""
    else:
        return None
    if grant is not None and grant.memory is not None:
        do += (
            f", or on a cluster grant more than {grant.memory} MB (--set-resources {grant.rule}:mem_mb="
            f"{2 * grant.memory})"
        )
    reason = f" ({text[:150]})" if text else ""
    return f"{f'rule {grant.rule}: ' if grant else ''}{problem}{reason}; {do}"
