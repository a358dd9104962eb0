"""Strict reading of files of keys: configuration files and profiles, in YAML or JSON."""

import json
import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml
from yaml.reader import ReaderError

from tagasc.runtime.errors import InputError, shorten


def read_keys(path: Path) -> dict[Any, Any]:
    r"""Return the keys and values of a file.

    Snakemake reads the same files with less care: of two sections of one name it drops the first, and ``__use_yte__``
    lets a file run Python code.

    Raises
    ------
    InputError
        If the file cannot be read, is empty or malformed, repeats a key or contains ``__use_yte__``.

    Examples
    --------
    >>> _ = (folder / "my.yaml").write_text("name: my\nseeds: [0]\nname: your")
    >>> read_keys(folder / "my.yaml")
    Traceback (most recent call last):
    tagasc.runtime.errors.InputError: ...my.yaml: line 3: key 'name' is repeated (first in line 1); correct it
    """
    text = _read_text(path)
    try:
        keys = json.loads(text, object_pairs_hook=_distinct)
    except (ValueError, RecursionError):
        keys = _parse_yaml(path, text)
    if not isinstance(keys, dict):
        raise InputError(f"{path}: expected keys and values, for example 'seeds: [0, 1]'; correct it")
    if "__use_yte__" in keys:
        raise InputError(
            f"{path}: __use_yte__ lets a file of keys run Python code; remove it, and write the keys as plain YAML"
        )
    return keys


def check_key_files(paths: Iterable[Path]) -> None:
    """Check files as `read_keys` does, except pipes, which can be read only once.

    Raises
    ------
    InputError
        As `read_keys`.
    """
    for path in paths:
        if not path.is_fifo():
            read_keys(path)


def _read_text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: NUL in the name
        reason = getattr(error, "strerror", None) or error
        raise InputError(
            f"{path}: cannot be read ({reason}); name a file of keys, and put targets before options"
        ) from None
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(f"{path}: line {line}: is not UTF-8; save the file in this encoding") from None


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the object of a JSON file. If it repeats a key, let YAML's parser name the line."""
    keys = dict(pairs)
    if len(keys) < len(pairs):
        raise ValueError
    return keys


def _parse_yaml(path: Path, text: str) -> Any:
    try:
        loader = _DistinctKeysLoader(text)
        node = loader.get_single_node()
        return None if node is None else loader.construct_object(node, deep=True)  # otherwise, a list can hold itself
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"line {mark.line + 1}: " if mark else ""
        begun = f"{error.context} of line {error.context_mark.line + 1}, " if error.context_mark else ""
        problem = f"{begun}{error.problem}"
    except ReaderError as error:
        place, problem = (
            f"line {text.count(chr(10), 0, error.position) + 1}: ",
            f"holds the character {error.character:#x}",
        )
    except Exception as error:  # the parser raises errors of any kind for values such as !!int x
        place, problem = "", f"is not YAML ({error})"
    raise InputError(f"{path}: {place}{textwrap.shorten(problem, 200, placeholder='…')}; correct it")


class _DistinctKeysLoader(yaml.SafeLoader):
    """A loader that refuses a key that its mapping already has."""

    def compose_mapping_node(self, anchor: dict[Any, yaml.Node]) -> yaml.MappingNode:
        node = super().compose_mapping_node(anchor)
        lines: dict[str, int] = {}
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            line = key.start_mark.line + 1
            if key.value in lines:
                problem = f"key {shorten(key.value)} is repeated (first in line {lines[key.value]})"
                raise yaml.MarkedYAMLError(problem=problem, problem_mark=key.start_mark)
            lines[key.value] = line
        return node
