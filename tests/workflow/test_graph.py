"""The paper's graph in a folder without data: what users see before anything runs."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.workflow


def jobs(process):
    assert process.returncode == 0, process.stderr
    return {rule: int(count) for rule, count in re.findall(r"^(\w+) +(\d+)$", process.stdout, re.MULTILINE)}


def test_one_seed_is_56_trainings_and_every_table(tmp_path, snakemake):
    planned = jobs(snakemake(tmp_path, "-n", "--quiet", "rules"))
    assert planned["train_cell"] == planned["score_cell"] == 56
    assert planned["download_archive"] == 34
    assert planned["train_stage1"] == planned["train_stage2"] == 5
    assert {f"table{number}" for number in range(2, 7)} <= set(planned)


def test_five_seeds_are_280_trainings(tmp_path, snakemake):
    planned = jobs(snakemake(tmp_path, "-n", "--quiet", "rules", "--config", "seeds=[0,1,2,3,4]"))
    assert planned["train_cell"] == 280


@pytest.mark.parametrize(
    ("table", "trainings"), [("table2", 8), ("table3", 20), ("table4", 8), ("table5", 20), ("table6", 20)]
)
def test_a_table_plans_its_own_cells(tmp_path, snakemake, table, trainings):
    assert jobs(snakemake(tmp_path, "-n", "--quiet", "rules", "-c2", table))["train_cell"] == trainings


def test_the_demo_has_the_same_cells_and_downloads_nothing(tmp_path, snakemake):
    planned = jobs(snakemake(tmp_path, "-n", "--quiet", "rules", configfiles=[ROOT / "demo/experiment.yaml"]))
    assert planned["train_cell"] == 56
    assert "download_archive" not in planned


def test_no_rule_declares_a_file_outside_the_results(tmp_path, snakemake):
    header, *rows = snakemake(tmp_path, "--summary").stdout.splitlines()
    outputs = [row.split("\t")[0] for row in rows]
    assert header.startswith("output_file\t")
    assert len(outputs) > 180
    assert [path for path in outputs if not path.startswith("results/")] == []


@pytest.mark.slow
def test_the_rule_graph_and_the_job_graph_are_drawn(tmp_path, snakemake):
    rules = snakemake(tmp_path, "--rulegraph").stdout
    assert rules.startswith("digraph")
    assert '"train_cell"' in rules
    assert snakemake(tmp_path, "table4", "--dag").stdout.count("train_cell") == 8


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ("sedes=[1]", "unknown key 'sedes'; did you mean 'seeds'?"),
        ("frontend={epoch: 3}", "unknown key 'frontend.epoch'"),
        ("tagger={batch: 3}", "unknown key 'tagger.batch'; it is now called tagger.training.batch_size"),
        ("seeds=many", "seeds: input should be a valid list, got 'many'"),
        ("backend={protocols: [best_on_test]}", "backend.protocols: the tables need last; write [last, "),
        ("cells=[attention-heads3-layers1]", "3 heads do not divide frontend.network.filters = 128"),
        ("scenes={source: folder, folder: /nowhere}", "/nowhere/meta.csv does not exist"),
        ("scenes={source: copy, folder: /nowhere}", "/nowhere/meta.csv does not exist"),
        ("download={mirror: zenodo.org}", "download.mirror: string should match pattern"),
        ("events={source: folder, folder: /nowhere}", "/nowhere/FSDKaggle2019.meta/train_curated_post_competition.csv"),
    ],
)
def test_a_wrong_configuration_stops_with_one_line(tmp_path, snakemake, given, line):
    process = snakemake(tmp_path, "-n", "--config", given)
    assert process.returncode == 1
    (error,) = [text for text in process.stderr.splitlines() if "error" in text]
    assert error.startswith("tagasc: error: ")
    assert line in error
    assert "Traceback" not in process.stderr


def test_fewer_clips_than_folds_stop_before_anything_is_planned(tmp_path, snakemake):
    meta = tmp_path / "events/FSDKaggle2019.meta"
    meta.mkdir(parents=True)
    for subset in ("train_curated", "train_noisy", "test"):
        rows = "fname,labels\na.wav,Bark\nb.wav,Rain\n1d44b0bd.wav,Bark\n"  # the last one is dropped
        (meta / f"{subset}_post_competition.csv").write_text(rows)
    given = [f"events={{source: folder, folder: {tmp_path}/events}}", "tagger={folds: {n_splits: 3}}"]
    process = snakemake(tmp_path, "-n", "--config", *given)
    assert process.returncode == 1
    line = "tagger.folds.n_splits: 3 folds need at least as many curated clips, and there are 2; choose fewer folds"
    assert line in process.stderr
    assert "Traceback" not in process.stderr
    assert snakemake(tmp_path, "-n", "--config", given[0], "tagger={folds: {n_splits: 2}}").returncode == 0


def test_without_an_environment_the_snakefile_says_how_to_make_one(tmp_path, snakemake, monkeypatch):
    (tmp_path / "soundfile.py").write_text("raise ModuleNotFoundError(name='soundfile')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    process = snakemake(tmp_path, "-n")
    assert process.returncode == 1
    assert "tagasc: error: the Python module soundfile is missing; in a clone, run 'make install'" in process.stderr


def test_a_package_of_another_version_is_named(tmp_path):
    for name in ("workflow", "src"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "src/tagasc/corpora/expected.py").write_text("")
    command = [sys.executable, "-m", "snakemake", "-n"]
    process = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert process.returncode == 1
    assert "tagasc: error: the Snakefile and the package tagasc are of different versions (cannot" in process.stderr
