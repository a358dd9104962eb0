"""The lowest Snakemake that the workflow supports, installed next to this one."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.slow, pytest.mark.workflow]


@pytest.fixture(scope="module")
def lowest(tmp_path_factory):
    """Install the version that the workflow names; return it and a function that runs it."""
    (version,) = re.findall(r'min_version\("(.+)"\)', (ROOT / "workflow/Snakefile").read_text())
    folder = tmp_path_factory.mktemp("lowest")
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--target", folder, f"snakemake=={version}"]
    if subprocess.run(install, capture_output=True, check=False).returncode:
        pytest.skip(f"Snakemake {version} cannot be downloaded")

    def run(*arguments, program="snakemake"):
        command = [sys.executable, "-m", *program.split(), "-s", ROOT / "Snakefile", "-c2", "--nocolor", *arguments]
        environment = os.environ | {"PYTHONPATH": str(folder)}
        return subprocess.run(command, cwd=folder.parent, env=environment, capture_output=True, text=True, check=False)

    return version, run


def test_the_package_asks_for_it():
    (version,) = re.findall(r'min_version\("(.+)"\)', (ROOT / "workflow/Snakefile").read_text())
    assert f'"snakemake>={version}"' in (ROOT / "pyproject.toml").read_text()


def test_it_is_the_one_that_runs(lowest):
    version, run = lowest
    assert run("--version").stdout.strip() == version


def test_it_plans_the_paper(lowest):
    planned = lowest[1]("-n", "--quiet", "rules")
    assert re.search(r"^train_cell +56$", planned.stdout, re.MULTILINE), planned.stderr


def test_it_packs_the_demos_scenes(lowest):
    target = "results/corpora/demo-scenes/clips.csv"
    done = lowest[1](target, "--configfile", ROOT / "demo/experiment.yaml")
    assert done.returncode == 0, done.stderr
    assert "tagasc: warning" not in done.stderr


def test_tagasc_plan_names_a_changed_key(lowest):
    demo = ["--configfile", ROOT / "demo/experiment.yaml"]
    assert lowest[1]("pack_scenes", *demo).returncode == 0
    changed = ["--rerun-triggers", "params", "--config", 'scenes={"audio": {"duration": 1.0}}', "--", "pack_scenes"]
    planned = lowest[1](*demo, *changed, program="tagasc plan")
    assert "scenes.audio.duration changed from 2.0 to 1.0" in planned.stdout, planned.stderr
