"""The page about faithfulness, written from choices.yaml and from the defaults of the configuration."""

import re
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from tagasc.config import Experiment, Section

SOURCE = Path(__file__).parent / "choices.yaml"
VERDICTS = {
    "printed": "As printed",
    "released": "As released",
    "differs": "Differs from the release",
    "ours": "Our choice",
}
"""What a line says about its choice, from the paper's word to none at all."""

_HEAD = """\
# Faithfulness to the paper

This page lists every choice of the recipe: what the paper says, what the released code of its reference does, what
tagasc does, and what a difference changes. The references are Jung et al. (2019) [22] for the scene network, GitHub
`Jungjee/dcase2019specialistkd`, and Akiyama and Sato (2019) [14] for the tagger, GitHub
`OsciiArt/Freesound-Audio-Tagging-2019` at commit 34c7c09. No code of the paper itself is known.

{counts}
"Not known" means that no measurement is known. Lwlrap is the metric of the tagger.

`tagasc audit` checks the numbers that the paper prints against each other. [How far to trust a number](trust.md)
explains what follows for comparisons.

This page is printed from `docs/choices.yaml` and from the defaults in `src/tagasc/config/`. After a change there, run:
make generated

## What differs

These choices differ from the released code, or neither the paper nor the released code decides them.

| choice | tagasc | what it changes |
| :-- | :-- | :-- |
"""

_SOURCES = """\
## Sources

Numbers come from:

"""

_NO_CHOICE = """\
## Keys that are no choice of the recipe

"""


def defaults() -> dict[str, Any]:
    """Return the default of each key of the configuration, by its full name."""
    return dict(_flat(Experiment()))


def _flat(section: Section, path: str = "") -> Iterator[tuple[str, Any]]:
    plain = section.model_dump(mode="json")
    for key, value in section:
        if isinstance(value, Section):
            yield from _flat(value, f"{path}{key}.")
        else:
            yield path + key, plain[key]


def faithfulness_page() -> str:
    """Return ``faithfulness.md``."""
    content, values = yaml.safe_load(SOURCE.read_text(encoding="utf-8")), defaults()
    choices = [choice for stage in content["stages"] for choice in stage["choices"]]
    lines = [_HEAD.format(counts=_counts(choices))]
    for choice in choices:
        if choice["verdict"] in ("differs", "ours"):
            ours = _keys(choice, values) or choice["tagasc"]
            link = f"[{choice['question']}](faithfulness.md#{_anchor(choice['question'])})"
            lines.append(f"| {link} | {ours} | {choice['effect']} |\n")
    for stage in content["stages"]:
        lines.append(f"\n## {stage['title']}\n")
        lines += [_block(choice, stage.get("reference"), values) for choice in stage["choices"]]
    lines += ["\n", _SOURCES, *(f"* **{name}**: {text}\n" for name, text in content["sources"].items())]
    lines += ["\n", _NO_CHOICE, *(f"* `{key}`: {reason}\n" for key, reason in content["no_choice"].items())]
    return "".join(lines)


def _counts(choices: list[Mapping[str, Any]]) -> str:
    """Return a sentence with the number of choices of each kind."""
    kinds = [choice["verdict"] for choice in choices]
    return textwrap.fill(
        f"Of {len(kinds)} choices, {kinds.count('printed')} are as printed, {kinds.count('released')} are as released "
        f"where the paper is silent or says less, {kinds.count('differs')} differ from the release, and "
        f"{kinds.count('ours')} are ours, because neither decides.",
        width=120,
    )


def _block(choice: Mapping[str, Any], reference: int | None, values: Mapping[str, Any]) -> str:
    """Return the part of the page about one choice."""
    keys = _keys(choice, values)
    ours = ". ".join(part for part in (keys, choice.get("tagasc", "")) if part)
    lines = {
        "Paper": choice.get("paper", "Not mentioned."),
        f"Code of [{reference}]": choice["release"] if reference else "",
        "tagasc": ours or "The same.",
        "Why": choice.get("why", ""),
        "What it changes": choice.get("effect", ""),
    }
    if "source" in choice:
        lines["What it changes"] += f" ([{choice['source']}](faithfulness.md#sources))"
    text = "".join(f"* {name}: {line}\n" for name, line in lines.items() if line)
    return f"\n### {choice['question']}\n\n*{VERDICTS[choice['verdict']]}*\n\n{text}"


def _keys(choice: Mapping[str, Any], values: Mapping[str, Any]) -> str:
    """Return the keys of a choice with their defaults."""
    return ", ".join(f"`{key}: {_flow(values[key])}`" for key in choice.get("keys", {}))


def _flow(value: Any) -> str:
    """Return a value as YAML on one line."""
    return yaml.safe_dump([value], default_flow_style=True, width=float("inf")).strip()[1:-1]


def _anchor(heading: str) -> str:
    """Return the anchor of a heading, as GitHub and Sphinx make it."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
