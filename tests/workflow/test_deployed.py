"""The workflow outside of its clone: deployed by snakedeploy, and imported as a module with a prefix."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.workflow

DEPLOYED = """
from snakemake.utils import min_version


min_version("6.10.0")


configfile: "config/config.yaml"


# declare {workflow} as a module
module tagasc:
    snakefile:
        "{workflow}"
    config:
        config


# use all rules from {workflow}
use rule * from tagasc
"""
"""What snakedeploy 0.16 writes into workflow/Snakefile."""
IMPORTED = """
module tagasc:
    snakefile:
        "{workflow}"
    config:
        config


use rule * from tagasc as tagasc_*


rule mine:
    default_target: True
    input:
        rules.tagasc_all.input,
"""


def deployed(folder):
    (folder / "workflow").mkdir()
    (folder / "workflow/Snakefile").write_text(DEPLOYED.format(workflow=ROOT / "workflow/Snakefile"))
    shutil.copytree(ROOT / "config", folder / "config")
    return ""


def imported(folder):
    (folder / "Snakefile").write_text(IMPORTED.format(workflow=ROOT / "workflow/Snakefile"))
    return "tagasc_"


def run(folder, *arguments):
    command = [sys.executable, "-m", "snakemake", "-c2", "--nocolor", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done


def planned(done):
    return {rule: int(count) for rule, count in re.findall(r"^(\w+) +(\d+)$", done.stdout, re.MULTILINE)}


@pytest.mark.parametrize("prepare", [deployed, imported])
def test_it_plans_the_paper(tmp_path, prepare):
    prefix = prepare(tmp_path)
    jobs = planned(run(tmp_path, "-n", "--quiet", "rules"))
    assert jobs[f"{prefix}train_cell"] == jobs[f"{prefix}score_cell"] == 56
    assert jobs["total"] == 184


@pytest.mark.slow
@pytest.mark.parametrize("prepare", [deployed, imported])
def test_it_runs_a_tiny_experiment(tmp_path, prepare):
    prepare(tmp_path)
    keys = yaml.safe_load((ROOT / "demo/experiment.yaml").read_text())
    keys |= {"name": "tiny", "cells": ["baseline", "codecat"]}
    keys["scenes"]["demo"] = {"train": 8, "evaluate": 4}
    keys["events"]["demo"] = {"curated": 8, "noisy": 8, "test": 4}
    keys["tagger"] |= {"stage1_cycles": 1, "training": keys["tagger"]["training"] | {"cycle_epochs": 1}}
    keys["frontend"]["training"]["epochs"] = 1
    (tmp_path / "tiny.yaml").write_text(yaml.safe_dump(keys))
    run(tmp_path, "--configfile", "tiny.yaml")
    assert "codecat" in (tmp_path / "results/experiments/tiny/scores.csv").read_text()
    assert "Nothing to be done" in run(tmp_path, "-n", "--configfile", "tiny.yaml").stdout
