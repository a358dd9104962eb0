"""What a user sees when something that they gave is wrong or doubtful: one line."""

import sys
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from difflib import get_close_matches
from reprlib import Repr
from typing import TextIO

JOB_TERMINAL: ContextVar[TextIO | None] = ContextVar("JOB_TERMINAL", default=None)
"""The stderr of a workflow job, while its own output goes to a log file; None elsewhere."""


class InputError(Exception):
    r"""One line that names the file, key or value, what was expected, and what to do.

    >>> str(InputError("a\nb.wav: does not exist"))  # names of files may hold anything
    'a b.wav: does not exist'
    """

    def __str__(self) -> str:
        """Return the line."""
        return " ".join(super().__str__().splitlines())


Report = Callable[[InputError], None]
"""Takes the errors that a check finds: `raise_error` stops at the first, a list's append collects all."""


def raise_error(error: InputError) -> None:
    """Raise an error that a check has found."""
    raise error


def likewise(others: int, what: str) -> str:
    """Return the end of a message that names the first of several, or an empty string.

    >>> likewise(2, "clip"), likewise(0, "clip")
    (' (the same holds for 2 other clips)', '')
    """
    return f" (the same holds for {others} other {what}{'s' if others > 1 else ''})" if others else ""


def warn(text: str) -> None:
    """Print one line on stderr; in a workflow job, print it in the log and on the terminal.

    ``text`` names what weakens the results, where, and what to do. The run goes on.
    """
    for stream in (sys.stderr, JOB_TERMINAL.get()):
        if stream is not None:
            print(f"tagasc: warning: {text}", file=stream, flush=True)


_SHORT = Repr()
_SHORT.maxstring = _SHORT.maxother = 80


def shorten(value: object) -> str:
    r"""Return the repr of a value that a user gave, on one line and without its middle if it is long.

    >>> shorten("a\nb"), shorten(10**100)
    ("'a\\nb'", '100000000000000000...0000000000000000000')
    """
    try:
        return _SHORT.repr(value)
    except ValueError:  # Python has no text for a whole number of more than 4,300 digits
        return f"<{type(value).__name__}>"


def nearest(word: str, known: Iterable[str]) -> str:
    """Return ``"; did you mean 'x'?"`` for the known word nearest to this one, or an empty string.

    >>> nearest("sedes", ["seeds", "cells"])
    "; did you mean 'seeds'?"
    """
    match = get_close_matches(word, list(known), n=1)
    return f"; did you mean '{match[0]}'?" if match else ""
