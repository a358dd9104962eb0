"""Reading and validation of a given configuration, with one-line errors."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from tagasc.config.experiment import Experiment
from tagasc.config.renamed import REMOVED, RENAMED
from tagasc.runtime.errors import InputError, nearest

_ALTERNATIVES = {
    "cells": " or a list of cells",
    "compare_with_paper": ", true or false",
    "scenes.audio.duration": " or auto",
}
"""What else a key takes if pydantic names only the first of several kinds of values."""


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
        _merge(given, _read_yaml(path))
    for pair in pairs:
        key, equals, text = pair.partition("=")
        if not equals or not key:
            raise InputError(f"--config {pair}: expected KEY=VALUE, for example data=my-data")
        _merge(given, {key: _parse_value(text)})
    return load(given)


def _read_yaml(path: Path) -> Mapping[str, Any]:
    """Return the keys of a configuration file."""
    import yaml  # noqa: PLC0415 - only this and the next function need it

    try:
        with path.open(encoding="utf-8") as file:
            keys = yaml.safe_load(file)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); name a configuration file") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: is not YAML ({' '.join(str(error).split())}); correct it") from None
    if not isinstance(keys, Mapping):
        raise InputError(f"{path}: expected keys and values, for example 'seeds: [0, 1]'; correct it")
    return keys


def _parse_value(text: str) -> Any:
    """Return a value of the command line, of which Snakemake reads only numbers, True and False as such."""
    import yaml  # noqa: PLC0415

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


def _one_line(error: ValidationError) -> str:
    """Return pydantic's first finding as one line that names the key."""
    # Of a union's alternatives, the first names what was expected; pydantic adds the alternative's name to the key.
    first = error.errors()[0]
    path = [str(part) for part in first["loc"] if not (isinstance(part, str) and set(part) & set("[(-"))]
    key = ".".join(path)
    match first["type"]:
        case "extra_forbidden" if key in RENAMED:
            return f"configuration: unknown key '{key}'; it is now called {RENAMED[key]}"
        case "extra_forbidden":
            hint = f"; {REMOVED[key]}" if key in REMOVED else nearest(path[-1], _keys(path[:-1]))
            return f"configuration: unknown key '{key}'{hint}"
        case "model_type" if key in RENAMED:  # a value once, a section now
            return f"configuration: '{key}' is a section; its value is now called {RENAMED[key]}"
        case "value_error":  # a check that spans keys; its message starts with one of them
            return f"configuration: {'.'.join([*path, str(first['ctx']['error'])])}"
    message = first["msg"][0].lower() + first["msg"][1:]
    message += _ALTERNATIVES.get(key, "")
    if isinstance(first["input"], Mapping) or not path:
        return f"configuration: {key}: {message}"
    return f"configuration: {key}: {message}, got {first['input']!r}"


def _keys(path: list[str]) -> list[str]:
    """Return the keys of the section at a path."""
    section: Any = Experiment
    for part in path:
        section = section.model_fields[part].annotation
    return list(section.model_fields)
