"""``config.yaml`` and the editors' schema, printed from the models of `tagasc.config`."""

import json
import textwrap
from collections.abc import Iterator
from typing import Any

from tagasc.config import Experiment, Section

_WIDTH = 120

_HEAD = """\
The paper's experiment: every key with its default and how to choose it. To change some of them, write those only into
a file of your own and pass it: snakemake --configfile my.yaml

Printed by `tagasc config` from the models in src/tagasc/config.py. After a change there:
  tagasc config > config.yaml
  tagasc config --schema > workflow/schemas/config.schema.json
"""


def config_yaml() -> str:
    """Return config.yaml: the default of every key under its docstring, loading back to ``Experiment()`` exactly."""
    lines = [f"# {line}".rstrip() for line in _HEAD.splitlines()]
    lines += ["# yaml-language-server: $schema=workflow/schemas/config.schema.json"]
    return "\n".join([*lines, *_section(Experiment(), indent=""), ""])


def config_schema() -> str:
    """Return the JSON schema of the configuration, in which keys and sections carry their docstrings."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **Experiment.model_json_schema()}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


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
            yield ""  # the sections' own keys stand close together, or the file would be twice as long
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

    # Inside a list a scalar comes without the document end that PyYAML puts behind a bare one.
    listed = yaml.safe_dump([value], default_flow_style=True, width=float("inf"), allow_unicode=True)
    return listed.strip().removeprefix("[").removesuffix("]")
