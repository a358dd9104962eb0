"""``config.yaml``, its schema for editors and its documentation page, printed from the models of `tagasc.config`."""

import json
import textwrap
from collections.abc import Iterator
from typing import Any

from tagasc.config.experiment import Experiment
from tagasc.config.section import Section

_WIDTH = 120

_HEAD = """\
The paper's experiment: every key with its default and how to choose it. To change some keys, write only those into a
file of your own and pass it: snakemake --configfile my.yaml

Printed from the models in src/tagasc/config/. After a change there, run: make generated
"""

_PAGE_HEAD = """\
# Configuration

A run reads [`config.yaml`](../config.yaml), which describes the paper's experiment. To change some keys, write only
those into a file of your own and pass it with `snakemake --configfile my.yaml`. All other keys keep their defaults.
If a key changes, Snakemake re-runs the jobs that use it, and nothing else: [What runs again](what_runs_again.md) says
which.

Lines such as `scenes.audio` below are sections; in YAML their keys are indented, for example
`scenes: {audio: {sample_rate: 16000}}`. An unknown key stops the run with one line that names the nearest known key.

Paths can start with `~` and contain variables such as `$SCRATCH`. A variable that is not set or empty stops the run.

A file of keys is data, not a program. Snakemake would run Python code in a file that contains `__use_yte__`, so such a
file stops the run. Only `tagasc check` and `tagasc plan` refuse a file of `--configfile` before its code runs: use one
of them first if you did not write the file yourself.

This page is printed from the models in `src/tagasc/config/`. After a change there, run: make generated
"""


def config_yaml() -> str:
    """Return ``config.yaml``: the default of every key below its docstring. It loads back to ``Experiment()`` exactly.

    >>> "name: paper" in config_yaml().splitlines()
    True
    """
    lines = [f"# {line}".rstrip() for line in _HEAD.splitlines()]
    lines += ["# yaml-language-server: $schema=workflow/schemas/config.schema.json"]
    return "\n".join([*lines, *_section(Experiment(), indent=""), ""])


def config_schema() -> str:
    """Return the JSON schema of the configuration, in which keys and sections carry their docstrings.

    >>> json.loads(config_schema())["title"]
    'Experiment'
    """
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **Experiment.model_json_schema()}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def configuration_page() -> str:
    """Return ``docs/configuration.md``: one table per section, with each key's default and how to choose it.

    >>> "## `scenes`" in configuration_page().splitlines()
    True
    """
    return "\n".join([_PAGE_HEAD, *_tables(Experiment(), path="")])


def _tables(section: Section, path: str) -> Iterator[str]:
    """Yield the table of a section's keys, then its subsections."""
    plain = section.model_dump(mode="json")
    fields = type(section).model_fields
    keys = [key for key in fields if not isinstance(getattr(section, key), Section)]
    if keys:
        yield "| key | default | how to choose |\n| :-- | :-- | :-- |"
    for key in keys:
        meaning = " ".join((fields[key].description or "").split()).replace("|", r"\|").replace("<", "&lt;")
        yield f"| `{key}` | `{_flow(plain[key])}` | {meaning} |"
    if keys:
        yield ""
    for key in fields:
        if isinstance(value := getattr(section, key), Section):
            name = f"{path}{key}"
            yield f"{'#' * (name.count('.') + 2)} `{name}`\n\n{' '.join((type(value).__doc__ or '').split())}\n"
            yield from _tables(value, f"{name}.")


def _section(section: Section, indent: str) -> Iterator[str]:
    """Yield the lines of a section's keys."""
    plain = section.model_dump(mode="json")
    for index, (key, field) in enumerate(type(section).model_fields.items()):
        value = getattr(section, key)
        if isinstance(value, Section):
            if index:
                yield ""
            yield from _comment(type(value).__doc__ or "", indent)
            yield f"{indent}{key}:"
            yield from _section(value, indent + "  ")
            continue
        if not indent:
            yield ""  # keys of sections are not separated, or the file would be twice as long
        yield from _comment(field.description or "", indent)
        yield f"{indent}{key}: {_flow(plain[key])}"


def _comment(text: str, indent: str) -> list[str]:
    """Wrap a docstring as comment lines."""
    start = f"{indent}# "
    return textwrap.wrap(
        " ".join(text.split()),
        _WIDTH,
        initial_indent=start,
        subsequent_indent=start,
        break_on_hyphens=False,
        break_long_words=False,
    )


def _flow(value: Any) -> str:
    """Return a value in YAML's flow style, on one line."""
    import yaml  # noqa: PLC0415 - only this needs it

    # PyYAML appends a document end to a bare scalar, but not to one inside a list.
    listed = yaml.safe_dump([value], default_flow_style=True, width=float("inf"), allow_unicode=True)
    return listed.strip().removeprefix("[").removesuffix("]")
