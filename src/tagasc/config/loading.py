"""Reading and validation of a given configuration, with one-line errors."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from tagasc.config.experiment import Experiment
from tagasc.config.places import check_places
from tagasc.config.renamed import REMOVED, RENAMED
from tagasc.config.section import NAME_PATTERN
from tagasc.runtime.errors import InputError, nearest, shorten
from tagasc.runtime.key_files import read_keys

_ALTERNATIVES = {
    "cells": " or a list of cells",
    "compare_with_paper": ", true or false",
    "scenes.audio.duration": " or auto",
    "frontend.training.crop": ", auto or null",
    "frontend.jung2019.crop": ", auto or null",
    "frontend.distillation.student.crop": ", auto or null",
}
"""What else a key takes if pydantic names only the first of several kinds of values."""

_NAME = "input should be letters, digits, '_', '-' and '.', with a letter or digit at the start and no '.' at the end"


def load(given: Mapping[str, Any]) -> Experiment:
    """Return the experiment of a configuration as Snakemake merges it from files and the command line.

    Raises
    ------
    InputError
        For an unknown key, a value of the wrong type, a combination that cannot run, or a path at which something else
        stands: one line that names the key.

    Examples
    --------
    >>> load({"seeds": [0, 1]}).seeds
    [0, 1]
    >>> load({"sedes": [0, 1]})
    Traceback (most recent call last):
    tagasc.runtime.errors.InputError: configuration: unknown key 'sedes'; did you mean 'seeds'?
    """
    try:
        experiment = Experiment.model_validate(given)
    except ValidationError as error:
        raise InputError(f"configuration: {_one_line(error.errors()[0])}") from None
    check_places(experiment)
    return experiment


def load_files(files: Sequence[Path], pairs: Sequence[str]) -> Experiment:
    """Return the experiment of configuration files and KEY=VALUE pairs, merged as Snakemake merges them.

    As with the Snakefile, the current folder's config.yaml (in a deployed copy, config/config.yaml) comes first.

    Raises
    ------
    InputError
        If a file cannot be read, if a pair has another form, or as `load`.

    Examples
    --------
    >>> _ = (folder / "my.yaml").write_text("seeds: [0, 1]")
    >>> load_files([folder / "my.yaml"], ["scenes={name: own}"]).scenes.name
    'own'
    """
    defaults = [path for path in (Path("config.yaml"), Path("config/config.yaml")) if path.is_file()][:1]
    given: dict[str, Any] = {}
    for path in (*defaults, *files):
        _merge(given, read_keys(path))
    for pair in pairs:
        key, equals, text = pair.partition("=")
        if not equals or not key:
            raise InputError(f"--config {pair}: expected KEY=VALUE, for example data=my-data")
        _merge(given, {key: _parse_value(text)})
    return load(given)


def _parse_value(text: str) -> Any:
    """Return a value of the command line, of which Snakemake reads only numbers, True and False as such."""
    words = {"": None, "True": True, "False": False}
    if text in words:
        return words[text]
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            continue
    try:
        return yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - BaseLoader makes nothing but text, lists and maps
    except yaml.YAMLError:
        return text


def _merge(given: dict[str, Any], new: Mapping[str, Any]) -> None:
    """Update a configuration in place, section by section."""
    for key, value in new.items():
        if isinstance(value, Mapping):
            section = given.get(key)
            given[key] = dict(section) if isinstance(section, Mapping) else {}
            _merge(given[key], value)
        else:
            given[key] = value


def _one_line(error: ErrorDetails) -> str:
    """Return pydantic's first finding as one line that names the key."""
    # Of a union's alternatives, the first names what was expected; pydantic adds the alternative's name to the key.
    *sections, last = map(str, error["loc"] or ("",))
    path = [*sections, last] if error["type"] == "extra_forbidden" or not set(last) & set("[(-") else sections
    key = ".".join(path)
    match error["type"]:
        case "extra_forbidden" if key in RENAMED:
            return f"unknown key '{key}'; it is now called {RENAMED[key]}"
        case "extra_forbidden":
            hint = f"; {REMOVED[key]}" if key in REMOVED else nearest(last, _keys(sections))
            return f"unknown key {shorten(key)}{hint}"
        case "model_type" if key in RENAMED:  # a value once, a section now
            return f"'{key}' is a section; its value is now called {RENAMED[key]}"
        case "value_error":  # a check that spans keys; its message starts with one of them
            return ".".join([*filter(None, path), str(error["ctx"]["error"])])
        case "string_pattern_mismatch" if error["ctx"]["pattern"] == NAME_PATTERN:
            message = _NAME
        case "model_type":
            message = "input should be a section, with keys of its own"
        case _:
            message = error["msg"][0].lower() + error["msg"][1:] + _ALTERNATIVES.get(key, "")
    return f"{key}: {message}, got {shorten(error['input'])}"


def _keys(path: list[str]) -> list[str]:
    """Return the keys of the section at a path."""
    section: Any = Experiment
    for part in path:
        section = section.model_fields[part].annotation
    return list(section.model_fields)
