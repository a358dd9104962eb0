"""Files that must agree with each other."""

from pathlib import Path

import yaml

import tagasc
from tagasc.artifacts.readme import results_readme

ROOT = Path(__file__).parents[1]


def test_the_conda_environment_is_the_lock_file():
    environment = yaml.safe_load((ROOT / "envs/tagasc.yaml").read_text())
    (packages,) = [entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict)]
    assert packages == (ROOT / "requirements.lock").read_text().splitlines()


def test_everything_is_pinned():
    for line in (ROOT / "requirements.lock").read_text().splitlines():
        assert "==" in line.partition(";")[0]


def test_every_rule_has_log_benchmark_threads_and_resources():
    for path in (ROOT / "workflow/rules").glob("*.smk"):
        text = path.read_text()
        rules = text.count("script:")
        for directive in ("log:", "benchmark:", "threads:", "resources:", "message:", "conda:"):
            assert text.count(f" {directive}") == rules, (path.name, directive)


def test_the_readme_of_results_is_printed_from_the_artifacts():
    assert (ROOT / "results/README.md").read_text() == results_readme(), "run: make generated"


def test_the_version_is_the_same_everywhere():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert str(citation["version"]) == tagasc.__version__
    assert f"## {tagasc.__version__}" in (ROOT / "CHANGELOG.md").read_text()
