"""Specialists and students as cells of the same grid."""

import csv
import json
import re
import shutil

import pytest

from tagasc.artifacts.confused_scenes import CONFUSED_SCENES

pytestmark = [pytest.mark.slow, pytest.mark.workflow]

OVERLAY = """
name: distilled
cells: [baseline, jung2019, jung2019-kd, codecat-kd]
frontend:
  distillation:
    specialist: {epochs: 1, milestones: []}
    student: {epochs: 2, milestones: [1]}
"""


@pytest.fixture(scope="module")
def distilled(tiny):
    """Run the recipe of Jung et al. (2019) [22] and a student of another cell on the corpora of the tiny experiment."""
    folder, again = tiny
    (folder / "distilled.yaml").write_text(OVERLAY)

    def run(*arguments, **changes):
        (folder / "more.yaml").write_text(json.dumps(changes))
        return again(*arguments, configfiles=[folder / "distilled.yaml", folder / "more.yaml"])

    finished = run("--show-failed-logs")
    assert finished.returncode == 0, finished.stderr
    results = folder / "results/experiments/distilled"
    yield results, run
    shutil.rmtree(results)  # other tests change keys of the corpora that it shares with them


def test_table_6_has_rows_of_the_cells_after_jung2019(distilled):
    results, _ = distilled
    with (results / "tables/table6.csv").open() as file:
        rows = {row["System"]: row for row in csv.DictReader(file)}
    scored = ["Jung et al. [22], baseline, trained here", "Jung et al. [22], trained here", "codecat-kd, table1"]
    assert list(rows)[:3] == scored
    for title, cell in zip(scored, ("jung2019", "jung2019-kd", "codecat-kd"), strict=True):
        with (results / f"cells/{cell}/seed0/scores.csv").open() as file:
            (score,) = (row for row in csv.DictReader(file) if row["test_list"] == "official")
        assert float(rows[title]["Acc (%)"]) == pytest.approx(100 * float(score["accuracy"]), abs=0.005)
        parameters = re.search(rf"{cell}, seed 0: (\d+) parameters", log_of(results, cell))
        assert rows[title]["# Param"] == parameters[1]
    assert rows[scored[0]]["# Param"] == rows[scored[1]]["# Param"]


def log_of(results, cell):
    return (results / f"logs/train_cell/{cell}-seed0.log").read_text()


def test_specialists_take_the_pairs_that_their_cell_confuses(distilled):
    results, _ = distilled
    for cell in ("jung2019", "codecat"):
        pairs = CONFUSED_SCENES.read(results / f"cells/{cell}/seed0/confused_scenes.csv")
        for number in (1, 2):
            scene, other = pairs.loc[number - 1, ["scene", "other"]]
            assert f"specialist of {scene} and {other}" in log_of(results, f"{cell}-specialist{number}")


def test_only_selected_cells_are_scored(distilled):
    results, _ = distilled
    with (results / "comparisons.csv").open() as file:
        cells = {row["cell"] for row in csv.DictReader(file)}
    assert {"jung2019", "jung2019-kd", "codecat-kd"} < cells
    assert not (results / "cells/jung2019-specialist1/seed0/scores.csv").exists()
    assert not (results / "cells/codecat/seed0/scores.csv").exists()
    assert "-kd" not in (results / "conclusion.md").read_text()


@pytest.mark.parametrize(
    ("frontend", "trained"),
    [
        ({"distillation": {"student": {"temperature": 3}}}, 2),
        ({"distillation": {"specialist": {"learning_rate": 0.01}}}, 4 + 2),
        ({"jung2019": {"centre_loss_weight": 0}}, 4),
        ({"network": {"attention_rescale": False}}, 0),
        ({"training": {"weight_decay": 0}}, 1 + 4 + 4),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_a_changed_key_repeats_what_depends_on_it(distilled, frontend, trained):
    _, run = distilled
    assert "Nothing to be done" in run("-n").stdout
    jobs = dict(re.findall(r"^(\w+) +(\d+)$", run("-n", frontend=frontend).stdout, re.MULTILINE))
    assert int(jobs.get("train_cell", 0)) == trained
