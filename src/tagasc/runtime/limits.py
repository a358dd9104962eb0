"""Limits of the shell (ulimit) that are too low for a run."""

import resource
from collections.abc import Mapping

from tagasc.runtime.errors import InputError
from tagasc.runtime.folders import NEEDED

_LIMITS = [("-f", resource.RLIMIT_FSIZE, NEEDED, "bytes per file"), ("-n", resource.RLIMIT_NOFILE, 64, "open files")]


def check_limits() -> None:
    """Check that files may be large enough, and that enough of them may be open.

    Raises
    ------
    InputError
        If not.
    """
    for option, limit, needed, unit in _LIMITS:
        _check(option, limit, needed, f"{unit}, and a run needs {needed}")


def check_memory(granted: Mapping[str, int]) -> None:
    """Check that processes may have the memory that rules are granted; too little stops them while they load libraries.

    Parameters
    ----------
    granted
        Memory in MB, by rule.

    Raises
    ------
    InputError
        If not.
    """
    for rule, memory in granted.items():
        needed = f"bytes of memory per process, and rule {rule} is granted {memory} MB"
        _check("-v", resource.RLIMIT_AS, memory * 10**6, needed)


def _check(option: str, limit: int, needed: int, unit: str) -> None:
    allowed, _ = resource.getrlimit(limit)
    if allowed != resource.RLIM_INFINITY and allowed < needed:
        raise InputError(
            f"ulimit {option}: this shell allows {allowed} {unit}; raise the limit (ulimit {option} unlimited, or "
            f"ulimit {option} $(ulimit -H {option}))"
        )
