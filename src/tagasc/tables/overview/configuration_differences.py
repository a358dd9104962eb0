"""In which keys configurations differ."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_IN_QUOTES = ("", "null", "true", "false")
"""Texts that would look like something else without quotes."""


def configuration_differences(configurations: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[str | None]]]:
    """Return each dotted key whose values differ, and its value in each configuration; None where there is no such key.

    The key ``name`` is left out, because experiments differ in it by definition.

    Examples
    --------
    >>> first = {"name": "a", "seeds": [0], "tagger": {"kind": "multitask", "path": None}}
    >>> configuration_differences([first, {"name": "b", "seeds": [0], "tagger": {"kind": "file", "path": "t.npz"}}])
    [('tagger.kind', ['multitask', 'file']), ('tagger.path', ['null', 't.npz'])]
    """
    flat = [dict(_flatten(configuration)) for configuration in configurations]
    keys = dict.fromkeys(key for each in flat for key in each if key != "name")
    values = ((key, [each.get(key) for each in flat]) for key in keys)
    return [(key, of_key) for key, of_key in values if len(set(of_key)) > 1]


def _flatten(section: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield dotted keys and their values as text."""
    for name, value in section.items():
        key = f"{prefix}{name}"
        if isinstance(value, Mapping) and value:
            yield from _flatten(value, f"{key}.")
        elif isinstance(value, str) and value not in _IN_QUOTES:
            yield key, value
        else:
            yield key, json.dumps(value, ensure_ascii=False, default=str)
