"""The error that a user sees when something that they gave is wrong."""

from collections.abc import Iterable
from difflib import get_close_matches


class InputError(Exception):
    """One line that names the file, key or value, what was expected, and what to do."""


def nearest(word: str, known: Iterable[str]) -> str:
    """Return ``"; did you mean 'x'?"`` for the known word nearest to this one, or an empty string.

    >>> nearest("sedes", ["seeds", "cells"])
    "; did you mean 'seeds'?"
    """
    match = get_close_matches(word, list(known), n=1)
    return f"; did you mean '{match[0]}'?" if match else ""
