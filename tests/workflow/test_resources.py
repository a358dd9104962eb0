"""Resources that rules request from a cluster."""

import re
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TAGGER = {"pack_events", "train_stage1", "make_soft_labels", "train_stage2", "score_tagger", "tag_scenes"}
WITH_GPU = TAGGER | {"train_cell"}


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
