"""Phrases that make a reader stop do not occur in texts, messages, comments and docstrings."""

import re
from pathlib import Path

import pytest

from tagasc.cli import main

ROOT = Path(__file__).parents[2]
TEXTS = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "config.yaml", "results/README.md")),
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "demo").glob("*.yaml")),
    *sorted((ROOT / "config").iterdir()),
    *sorted((ROOT / "workflow/report").glob("**/*.rst")),
    *sorted((ROOT / "workflow").glob("**/*.smk")),
    *(ROOT / name for name in ("Snakefile", "workflow/Snakefile", "Makefile", "slurm/profile.yaml")),
    ROOT / "benchmarks/RECORD.md",
    *sorted(path for folder in ("src", "benchmarks", "docs") for path in (ROOT / folder).glob("**/*.py")),
]
COMMANDS = ([], ["cells"], ["config"], ["results"], ["audit"], ["compare"])

UNITS = (
    "row|line|clip|cell|job|file|key|value|epoch|process|GPU|array|factor|panel|rule|seed|network|training"
    "|scene|second|step|node"
)
FORBIDDEN = [
    rf"\b(a|an|one) ({UNITS}) (a|an) [a-z]+",  # write: one row per clip
    rf"\b([kMG]i?B|bytes|values|clips|minutes|seconds|filters) an? ({UNITS})\b",
    r"\b(our|paper's) figures?\b [^0-9]",  # a figure is a picture; write: number
    r"\bbesides?\b",  # write: next to
    r"\banew\b",  # write: again
    r"\bso many\b",
    r"\b(is|are|be) asked (again when|for)\b|\bask(s|ed)? (a cluster )?for\b",  # write: request
    r"\bit says\b",
    r"\b(told|missed) (in|at) (one line|once)\b",
    r"\broom on the disk\b|\btoo little room\b",  # write: disk space
    r"\bwhether a folder\b|\bwhat it should be\b",
    r"\b(filling|chosen ones?|rivals?|written whole|by heart)\b",
    r"\bof ours\b|\bmakes? fun\b|\bno way out\b",
]


def found(text):
    flat = re.sub(r"\s+(?:# )?\s*", " ", text)
    return [match[0] for pattern in FORBIDDEN for match in re.finditer(pattern, flat, re.IGNORECASE)]


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_text_has_a_forbidden_phrase(path):
    assert found(path.read_text()) == []


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_help_has_a_forbidden_phrase(command, capsys):
    main([*command, "--help"])
    assert found(capsys.readouterr().out) == []


def test_a_forbidden_phrase_is_found():
    assert found("It has a row a clip,\n  # and needs 2 MB a clip beside the paper's\n  figure for each.") == [
        "a row a clip",
        "MB a clip",
        "paper's figure f",
        "beside",
    ]


@pytest.mark.parametrize(
    "path", [path for path in TEXTS if path.name != "numbers.py"], ids=lambda path: str(path.relative_to(ROOT))
)  # it quotes
def test_a_reference_number_comes_with_the_authors_first(path):
    text = re.sub(r"\s+(?:# )?\s*", " ", path.read_text())
    for number, authors in (("22", "Jung et al. (2019)"), ("14", "Akiyama and Sato (2019)")):
        first = text.find(f"[{number}]")
        assert first < 0 or text[:first].endswith(f"{authors} "), text[max(first - 60, 0) : first + 4]
