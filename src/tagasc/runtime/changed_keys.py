"""The configuration keys behind changed parameters of a rule.

Snakemake records a parameter as the text of its value, without a name. A changed section of the configuration is
therefore compared with the recorded text that it resembles most, key by key.
"""

import ast
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

_ABSENT = object()


def changed_keys(
    rule: str, recorded: Iterable[str], current: Mapping[str, Any], configuration: Mapping[str, Any]
) -> list[str]:
    """Return one phrase per configuration key that has changed since a job ran, with both values.

    Parameters
    ----------
    rule
        The job's rule. Its name decides between keys of the same name and value, such as those of both corpora.
    recorded
        Python literals of the recorded parameters that differ from all current ones.
    current
        Names and values of the parameters that differ from all recorded ones.
    configuration
        The whole configuration, in which the keys are looked up. A parameter that is not there has its own name.

    >>> old = "{'epochs': 3, 'learning_rate': 0.001}"
    >>> new = {"epochs": 3, "learning_rate": 0.003}
    >>> changed_keys("train_cell", [old], {"training": new}, {"frontend": {"training": new}})
    ['frontend.training.learning_rate changed from 0.001 to 0.003']
    """
    former = [_parse(text) for text in sorted(recorded)]
    phrases = []
    for name, value in current.items():
        prefixes = _paths_of(rule, name, value, configuration)
        old = _counterpart(value, former, list(current.values()))
        if old is not _ABSENT:
            former.remove(old)
        for path, before, after in _differences(old, value):
            key = " or ".join(".".join((*prefix, *path)) for prefix in prefixes)
            phrases.append(_phrase(key, before, after))
    return phrases or [f"a parameter is no longer {_show(old)}" for old in former]


def _parse(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):  # infinity and the like
        return text


def _counterpart(value: Any, former: list[Any], current: list[Any]) -> Any:
    """Return the recorded value that a parameter had before, or `_ABSENT` if that is unknown."""
    if isinstance(value, dict):
        common = [len(value.keys() & old.keys()) if isinstance(old, dict) else 0 for old in former]
        return former[common.index(max(common))] if any(common) else _ABSENT
    plain = [old for old in former if not isinstance(old, dict)]
    if len(plain) == sum(not isinstance(new, dict) for new in current) == 1:
        return plain[0]
    alike = [old for old in plain if type(old) is type(value)]
    return alike[0] if len(alike) == sum(type(new) is type(value) for new in current) == 1 else _ABSENT


def _differences(old: Any, new: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    """Yield path, old and new value of each key that differs, down to the innermost sections."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys((*new, *old)):
            yield from _differences(old.get(key, _ABSENT), new.get(key, _ABSENT), (*path, str(key)))
    elif old is _ABSENT or new is _ABSENT or old != new:
        yield path, old, new


def _paths_of(rule: str, name: str, value: Any, configuration: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Return the places in the configuration that a parameter can come from: one, unless several fit equally well."""
    found = []
    for path, known in _walk(configuration):
        if isinstance(value, dict):
            if isinstance(known, dict) and known.keys() == value.keys():
                found.append(path)
        elif path[-1:] == (name,) and known == value:
            found.append(path)
    found = [path for path in found if path[-1:] == (name,)] or found
    return [path for path in found if path and path[0] in rule] or found or [(name,)]


def _walk(section: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield path, section
    for key, value in section.items():
        if isinstance(value, dict):
            yield from _walk(value, (*path, key))
        else:
            yield (*path, key), value


def _phrase(key: str, before: Any, after: Any) -> str:
    if key.endswith("revision"):  # a counter of the workflow's own, not a key
        return "recordings changed"
    if before is _ABSENT:
        return f"{key} is now {_show(after)}"
    if after is _ABSENT:
        return f"{key} is no longer a key"
    return f"{key} changed from {_show(before)} to {_show(after)}"


def _show(value: Any) -> str:
    """Return a value as it stands in a configuration file, shortened to 40 characters."""
    text = value if isinstance(value, str) and value else json.dumps(value, default=str)
    return text if len(text) <= 40 else f"{text[:39]}…"
