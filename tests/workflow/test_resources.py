"""What jobs ask a cluster for."""

import re
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from tagasc.config import Experiment

ROOT = Path(__file__).parents[2]
GIB = 1 << 30
WAVEFORMS = 14_400 * 480_000 * 2 * 2  # clips, samples, channels, bytes
MEL = round(103.4 * 3600 * 44_100 / 347) * 128 * 2  # hours of events as frames, bands, bytes
TAGGER = {"pack_events", "train_stage1", "make_soft_labels", "train_stage2", "score_tagger", "tag_scenes"}
WITH_GPU = TAGGER | {"train_cell"}


@pytest.fixture(scope="module")
def asked():
    """The functions of resources.smk, which is plain Python, for the paper's experiment."""
    experiment = Experiment()
    cycles = {"stage1": experiment.tagger.stage1_cycles, "stage2": experiment.tagger.stage2_cycles}
    names = {"EXPERIMENT": experiment, "get_snapshots": lambda stage, _: range(cycles[stage]), "Path": Path}
    exec((ROOT / "workflow/rules/resources.smk").read_text(), names)  # noqa: S102
    return SimpleNamespace(**names)


def sized(size, **names):
    return SimpleNamespace(size_mb=size / (1 << 20), size_gb=size / GIB, **names)


def test_the_paper_as_the_readme_says_it(asked):
    scenes, events = sized(WAVEFORMS), sized(MEL)
    stage1, stage2 = asked.get_stage_minutes("stage1"), asked.get_stage_minutes("stage2")
    trainings = [asked.get_cell_minutes(None, scenes, 1), stage1(None, events, 1), stage2(None, events, 1)]
    memory = [round(asked.get_training_mem(None, each, 1) / 1024) for each in (scenes, events)]
    said = re.search(
        r"(\d+) GiB of memory and (\d+) minutes for a cell, (\d+) GiB and (\d+) or (\d+) minutes for a fold",
        (ROOT / "README.md").read_text().replace("\n", " "),
    )
    assert [int(number) for number in said.groups()] == [memory[0], trainings[0], memory[1], *trainings[1:]]


def test_a_further_attempt_asks_for_more(asked):
    scenes = sized(WAVEFORMS, snapshots=[""] * 5)
    for function in (asked.get_training_mem, asked.get_cell_minutes, asked.get_tagging_minutes):
        assert function(None, scenes, 3) == 3 * function(None, scenes, 1)
    assert asked.get_mem(1000)(None, 2) == 2 * asked.get_mem(1000)(None, 1)
    assert asked.get_minutes(20)(None, 2) == 40


def test_packing_is_allowed_time_for_every_clip(asked, tmp_path):
    (tmp_path / "meta.csv").write_text("clip\n" * 14_400)
    assert asked.get_packing_minutes(None, [tmp_path / "meta.csv"], 1) == 70


def test_unpacking_is_allowed_time_for_what_the_archives_hold(asked):
    assert asked.get_unpacking_minutes(35.6)(None, 1) == 75
    assert asked.get_unpacking_minutes(35.6)(None, 2) == 150


def test_one_gpu_for_training_and_tagging_and_none_for_the_others():
    rules = {}
    for path in (ROOT / "workflow/rules").glob("*.smk"):
        for block in re.split(r"^ *rule\b", path.read_text(), flags=re.MULTILINE)[1:]:
            rules[block.partition(":")[0].strip()] = re.search(r"resources:\n((?: +\w+=.*\n)+)", block)[1]
    assert {rule for rule, asked in rules.items() if "gpu=1," in asked} == WITH_GPU
    for rule, asked in rules.items():
        assert "mem_mb=" in asked, rule
        assert "runtime=" in asked, rule


@pytest.mark.workflow
def test_the_profile_plans_without_slurm(snakemake, monkeypatch, tmp_path):
    (tmp_path / "which").symlink_to(shutil.which("which"))  # the executor looks with it for SLURM's commands
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.chdir(ROOT)
    process = snakemake(tmp_path, "--profile", "slurm", "-j", "40", "-n", "--quiet", "rules")
    assert process.returncode == 0, process.stderr
    assert re.search(r"^train_cell +56$", process.stdout, re.MULTILINE)
