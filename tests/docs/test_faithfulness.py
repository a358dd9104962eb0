"""The lines of choices.yaml are complete, have sources, and were written for today's defaults."""

import re
from pathlib import Path

import pytest
import yaml

from tagasc.config import Experiment, Section

DOCS = Path(__file__).parents[2] / "docs"
CONTENT = yaml.safe_load((DOCS / "choices.yaml").read_text(encoding="utf-8"))
LINES = [(stage, line) for stage in CONTENT["stages"] for line in stage["choices"]]
RECIPE = ("frontend.", "tagger.", "events.mel.", "events.drop", "scenes.audio.", "backend.")
"""All keys that start like this are choices of the recipe, or are listed as none."""
TEXTS = {"question", "verdict", "keys", "paper", "release", "tagasc", "why", "effect", "source"}


def defaults(section=Experiment, path=""):
    """Yield each key with its default, from the fields of the models."""
    for name, field in section.model_fields.items():
        if isinstance(field.default, Section):
            yield from defaults(type(field.default), f"{path}{name}.")
        else:
            yield path + name, field.default


def problems(lines, no_choice, known):
    """Yield what is wrong with the lines, given the defaults of all keys."""
    listed = [key for _, line in lines for key in line.get("keys", {})] + list(no_choice)
    yield from (f"{key}: neither a line nor no_choice" for key in known if key.startswith(RECIPE) and key not in listed)
    yield from (f"{key}: does not exist" for key in listed if key not in known)
    yield from (f"{key}: listed twice" for key in set(listed) if listed.count(key) > 1)
    for _, line in lines:
        for key, value in line.get("keys", {}).items():
            if key in known and known[key] != value:
                yield f"{line['question']}: written for {key}: {value}, and the default is {known[key]}"
    yield from gaps(lines)


def gaps(lines):
    """Yield what the texts of the lines lack."""
    for stage, line in lines:
        question = line["question"]
        yield from (f"{question}: unknown field {field}" for field in set(line) - TEXTS)
        if "paper" in line and not re.search(r"\((sec\. \d|Tables? \d)", line["paper"]):
            yield f"{question}: the paper's words have no place"
        if "reference" in stage and not re.search(r"`[\w-]+\.(py|yaml)`", line["release"]):
            yield f"{question}: what the release does has no file"
        if line["verdict"] == "printed" and "paper" not in line:
            yield f"{question}: printed, but where?"
        effect = line.get("effect", "")
        if line["verdict"] in ("differs", "ours"):
            if "why" not in line:
                yield f"{question}: why?"
            if not re.search(r"\d|not known", effect, re.IGNORECASE):
                yield f"{question}: the effect has no number, and is not called not known"
        if re.search(r"\d", effect) and line.get("source") not in CONTENT["sources"]:
            yield f"{question}: the number has no source"


def test_no_line_is_missing_stale_or_without_source():
    assert list(problems(LINES, CONTENT["no_choice"], dict(defaults()))) == []


def changed(question, **fields):
    """Return the lines with some fields of one of them changed; None removes a field."""
    return [
        (stage, {k: v for k, v in (line | fields).items() if v is not None} if line["question"] == question else line)
        for stage, line in LINES
    ]


@pytest.mark.parametrize(
    ("lines", "no_choice", "known", "expected"),
    [
        ([], {"tagger.crop": "speed"}, {"tagger.crop": 1}, []),
        ([], {}, {"tagger.crop": 1}, ["tagger.crop: neither a line nor no_choice"]),
        ([], {}, {"scenes.audio.gain": 1}, ["scenes.audio.gain: neither a line nor no_choice"]),
        ([], {}, {"scenes.name": "tau"}, []),
        ([], {"tagger.crop": "speed"}, {}, ["tagger.crop: does not exist"]),
    ],
)
def test_keys_without_a_line_and_lines_without_a_key_are_found(lines, no_choice, known, expected):
    assert list(problems(lines, no_choice, known)) == expected


@pytest.mark.parametrize(
    ("question", "fields", "expected"),
    [
        ("Slices", {"keys": {"tagger.training.slice_frames": 256}}, "written for tagger.training.slice_frames: 256"),
        ("Slices", {"keys": {"tagger.folds.n_splits": 5}}, "tagger.folds.n_splits: listed twice"),
        ("Random gain", {"effect": "Little"}, "Random gain: the effect has no number"),
        ("Random gain", {"effect": None}, "Random gain: the effect has no number"),
        ("Random gain", {"source": None}, "Random gain: the number has no source"),
        ("Random gain", {"source": "hearsay"}, "Random gain: the number has no source"),
        ("Random gain", {"why": None}, "Random gain: why?"),
        ("Random gain", {"release": "None"}, "Random gain: what the release does has no file"),
        ("Trunk", {"paper": "a ResNet"}, "Trunk: the paper's words have no place"),
        ("Code layer", {"paper": None}, "Code layer: printed, but where?"),
        ("Code layer", {"ours": "none"}, "Code layer: unknown field ours"),
    ],
)
def test_a_line_with_a_mistake_is_found(question, fields, expected):
    found = list(problems(changed(question, **fields), CONTENT["no_choice"], dict(defaults())))
    assert any(problem.startswith(expected) or expected in problem for problem in found)


def test_a_changed_default_is_found():
    known = dict(defaults()) | {"frontend.training.crop": None}
    (problem,) = problems(LINES, CONTENT["no_choice"], known)
    assert problem.endswith("written for frontend.training.crop: auto, and the default is None")


def test_the_page_shows_every_line_with_the_default_of_today(generate):
    page = generate.faithfulness_page()
    headings = re.findall(r"^### (.+)$", page, re.MULTILINE)
    assert headings == [line["question"] for _, line in LINES]
    assert len(set(headings)) == len(headings)
    assert "`frontend.training.learning_rate: 0.0001`" in page
    assert "`frontend.network.code_size: null`" in page
    assert "`frontend.training.amsgrad: true`" in page
    for stage, line in LINES:
        block = page.partition(f"\n### {line['question']}\n")[2].partition("\n#")[0]
        assert ("Code of" in block) == ("reference" in stage)
        for field in ("paper", "release", "tagasc", "why", "effect"):
            assert line.get(field, "") in block
