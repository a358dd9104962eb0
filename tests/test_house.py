"""Files that must agree with each other."""

import re
from pathlib import Path

import yaml

import tagasc

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


def test_rules_that_tag_know_every_key_that_tagging_reads():
    """A script builds the settings from its rule's params, so a key that is missing there would silently be default."""
    code = "".join((ROOT / f"src/tagasc/tagger/{name}.py").read_text() for name in ("log_mel", "network", "prediction"))
    read = set(re.findall(r"settings\.(\w+)", code)) - {"head_dropout"}  # of which tagging drops nothing
    assert {"layers", "head_width", "batch", "tag_padding"} <= read
    rules = re.split(r"\brule (\w+):", (ROOT / "workflow/rules/tagger.smk").read_text())
    of_rule = dict(zip(rules[1::2], rules[2::2], strict=True))
    for rule in ("make_soft_labels", "score_tagger", "tag_scenes"):
        missing = {key for key in read if f'"{key}"' not in of_rule[rule]}
        assert not missing, rule


def test_the_version_is_the_same_everywhere():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert str(citation["version"]) == tagasc.__version__
    assert f"## {tagasc.__version__}" in (ROOT / "CHANGELOG.md").read_text()
