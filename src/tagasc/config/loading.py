"""Validation of a given configuration, with one-line errors."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from tagasc.config.experiment import Experiment
from tagasc.config.renamed import RENAMED
from tagasc.runtime.errors import InputError, nearest


def load(given: Mapping[str, Any]) -> Experiment:
    """Return the experiment of a configuration as Snakemake merges it from files and the command line.

    Raises
    ------
    InputError
        For an unknown key, a value of the wrong type, or a combination that cannot run: one line that names the key.

    Examples
    --------
    >>> load({"seeds": [0, 1]}).seeds
    [0, 1]
    >>> load({"sedes": [0, 1]})
    Traceback (most recent call last):
    tagasc.runtime.errors.InputError: configuration: unknown key 'sedes'; did you mean 'seeds'?
    """
    try:
        return Experiment.model_validate(given)
    except ValidationError as error:
        raise InputError(_one_line(error)) from None


def _one_line(error: ValidationError) -> str:
    """Return pydantic's first finding as one line that names the key."""
    # Of a union's alternatives, the first names what was expected; pydantic adds the alternative's name to the key.
    first = error.errors()[0]
    path = [str(part) for part in first["loc"] if not (isinstance(part, str) and ("[" in part or "(" in part))]
    key = ".".join(path)
    match first["type"]:
        case "extra_forbidden" if key in RENAMED:
            return f"configuration: unknown key '{key}'; it is now called {RENAMED[key]}"
        case "extra_forbidden":
            return f"configuration: unknown key '{key}'{nearest(path[-1], _keys(path[:-1]))}"
        case "model_type" if key in RENAMED:  # a value once, a section now
            return f"configuration: '{key}' is a section; its value is now called {RENAMED[key]}"
        case "value_error":  # a check that spans keys; its message starts with one of them
            return f"configuration: {'.'.join([*path, str(first['ctx']['error'])])}"
    message = first["msg"][0].lower() + first["msg"][1:]
    if key == "cells":
        message += " or a list of cells"
    if isinstance(first["input"], Mapping) or not path:
        return f"configuration: {key}: {message}"
    return f"configuration: {key}: {message}, got {first['input']!r}"


def _keys(path: list[str]) -> list[str]:
    """Return the keys of the section at a path."""
    section: Any = Experiment
    for part in path:
        section = section.model_fields[part].annotation
    return list(section.model_fields)
