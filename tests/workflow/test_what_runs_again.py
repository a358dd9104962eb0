"""What a changed key repeats: the table of docs/what_runs_again.md, against the jobs that are planned."""

import re
import shutil
from pathlib import Path

import pytest

from tagasc.artifacts.controls import CONTROLS
from tagasc.artifacts.record import record_path
from tagasc.config import Experiment, Section
from tagasc.paper.grid import parse

pytestmark = pytest.mark.workflow

PAGE = Path(__file__).parents[2] / "docs/what_runs_again.md"
CELLS = [parse(name) for name in ("baseline", "codecat", "attention-heads2-layers0", "shared-heads4-layers3")]
CHANGES = {
    "data": "elsewhere",
    "staging": "local",
    "container": None,  # only for another environment
    "download": "{keep_archives: false}",
    "tagger.path": "tags.csv",
    "scenes.source": "folder",
    "scenes.folder": "elsewhere",
    "scenes.verify": "full",
    "events.source": "folder",
    "events.folder": "elsewhere",
    "events.verify": "full",
    "scenes.name": "other",
    "scenes.on_mismatch": "convert",
    "scenes.audio": "{sample_rate: 16000}",
    "scenes.demo": "{train: 9}",
    "events.name": "other",
    "events.on_mismatch": "convert",
    "events.drop": "[]",
    "events.mel": "{n_mels: 30}",
    "events.demo": "{test: 5}",
    "tagger.name": "other",
    "tagger.stage1_cycles": "3",
    "tagger.network": "{head_width: 8}",
    "tagger.features": "{top_db: 60}",
    "tagger.folds": "{random_state: 1}",
    "tagger.training": "{seed: 1}",
    "tagger.tagging": "{padding: 9}",
    "tagger.stage2_cycles": "2",
    "tagger.soft_labels": "{power: 1}",
    "tagger.stage2": "{min_crop: 0.5}",
    "tagger.tag_with": "stage1",
    "tagger.kind": "file, path: tags.csv, name: other",
    "frontend.network": "{code_size: 5}",
    "frontend.training": "{weight_decay: 0}",
    "frontend.network.standardise_tags": "false",
    "frontend.training.mixup_tags": "false",
    "frontend.network.attention_site": None,  # another site needs another architecture; see test_used_keys.py
    "frontend.network.attention_rescale": "false",
    "frontend.network.concat_after_code": "true",
    "frontend.jung2019": "{centre_loss_weight: 0}",
    "frontend.distillation": "{specialists: 1}",
    "backend.protocols": "[last, best_on_test]",
    "backend.code_every": "2",
    "backend.keep_codes": "true",
    "backend.train_codes": "crops",
    "backend.name": "other",
    "backend.svm.n_splits": "4",
    "backend.standardise": "true",
    "backend.svm": "{C: 2}",
    "backend.controls": "{rbf: [1.0]}",
    "compare_with_paper": "true",
    "figures": "{codes_cell: baseline}",
    "name": "other",
    "seeds": "[0, 1]",
    "cells": "[baseline, codecat, attention-heads2-layers0, shared-heads4-layers3, before_code-layers0]",
}
"""Another value of each key or section that the table names, in YAML's flow style."""

SELECTIONS = {
    "–": 0,
    "all": len(CELLS),
    "with tags": sum(cell.uses_tags for cell in CELLS),
    "with attention": sum(cell.heads is not None for cell in CELLS),
    "before_code-layers0": 0,
    "distilled": 0,
}
"""Number of cells in the fixture's experiment."""
CONTROL_SELECTIONS = {
    "–": 0,
    "all": len(CONTROLS),
    "with tags": sum("tags" in control.features for control in CONTROLS.values()),
    "of the baseline": sum("codes" in control.features for control in CONTROLS.values()),
    "plain": sum(not control.tuned for control in CONTROLS.values()),
    "tuned": sum(control.tuned for control in CONTROLS.values()),
}
NEW = {"seeds": (4, 4, 6), "cells": (1, 1, 0)}
"""New trainings, scores and controls."""


def rows():
    """Return the rows of the table: the keys of each, and its other columns."""
    lines = [line for line in PAGE.read_text().splitlines() if line.startswith("| `")]
    cells = [[value.strip() for value in line.strip("|").split("|")] for line in lines]
    return [(re.findall(r"`([\w.]+)`", keys), values) for keys, *values in cells]


def leaves(section, path=""):
    """Yield every key with its sections."""
    for key in type(section).model_fields:
        if isinstance(value := getattr(section, key), Section):
            yield from leaves(value, f"{path}{key}.")
        else:
            yield path + key


def test_every_key_has_a_row():
    named = [key for keys, _ in rows() for key in keys]
    assert sorted(named) == sorted(CHANGES)
    missing = [key for key in leaves(Experiment()) if not any(f"{key}.".startswith(f"{name}.") for name in named)]
    assert missing == []


@pytest.fixture(scope="module")
def alone(tiny):
    """Delete the experiments of other tests, which share its corpora: their names would be taken."""
    for path in (tiny[0] / "results/experiments").iterdir():
        if path.name != "tiny":
            shutil.rmtree(path)
    for path in (tiny[0] / "results").glob("*/*/settings.yaml"):  # another test may have used them last
        path.unlink()
        record_path(path).unlink()
    return tiny


@pytest.mark.slow
@pytest.mark.parametrize(("keys", "values"), rows(), ids=lambda value: value[0] if isinstance(value, list) else None)
def test_a_changed_key_repeats_what_its_row_says(alone, keys, values):
    folder, again = alone
    packed, tagger, tags, trained, scored, controls, tables = values
    for key in keys:
        if CHANGES[key] is None:
            continue
        *sections, name = key.split(".")
        text = f"{name}: {CHANGES[key]}"
        for section in reversed(sections):
            text = f"{section}: {{{text}}}"
        (folder / "changed.yaml").write_text(text + "\n")
        (folder / "tags.csv").write_text(tags_of_all_clips(folder))
        process = again("-n", "--quiet", "rules", configfiles=[folder / "changed.yaml"])
        assert process.returncode == 0, process.stderr
        jobs = dict(re.findall(r"^(\w+) +(\d+)$", process.stdout, re.MULTILINE))
        count = {rule: int(number) for rule, number in jobs.items()}.get
        assert count("pack_scenes", 0) == (packed == "scenes"), key
        assert count("pack_events", 0) == (packed == "events"), key
        assert count("train_stage1", 0) == 2 * (tagger == "both stages"), key
        assert count("train_stage2", 0) == 2 * (tagger in ("both stages", "stage 2")), key
        assert count("tag_scenes", 0) + count("import_tags", 0) == (tags == "yes"), key
        expected = SELECTIONS.get(trained), SELECTIONS.get(scored), CONTROL_SELECTIONS.get(controls)
        found = tuple(count(rule, 0) for rule in ("train_cell", "score_cell", "score_control"))
        assert found == NEW.get(key, expected), key
        assert any(count(rule) for rule in ("compare_cells", *(f"table{n}" for n in range(2, 7)))) == (tables == "yes")


def tags_of_all_clips(folder):
    clips = (folder / "results/corpora/demo-scenes/clips.csv").read_text().splitlines()[1:]
    return "filename,Bell\n" + "".join(f"{clip.split(',')[0]},0.5\n" for clip in clips)
