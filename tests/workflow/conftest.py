import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

TINY = """
name: tiny
cells:
  - baseline
  - codecat
  - attention-heads2-layers0
  - shared-heads4-layers3
scenes: {demo: {train: 8, evaluate: 4}}
events: {demo: {curated: 8, noisy: 8, test: 4}}
tagger: {stage1_cycles: 2, training: {cycle_epochs: 1}}
frontend: {training: {epochs: 2}}
"""


@pytest.fixture(scope="session")
def snakemake():
    """Return a function that runs the project's Snakefile in a folder and returns the finished process."""

    def run(folder, *arguments, configfiles=()):
        given = ["--configfile", *map(str, configfiles)] if configfiles else []
        command = [sys.executable, "-m", "snakemake", "-s", ROOT / "Snakefile", "--directory", folder, "--nocolor"]
        return subprocess.run([*command, *arguments, *given], capture_output=True, text=True, check=False)

    return run


@pytest.fixture(scope="session")
def tiny(tmp_path_factory, snakemake):
    """Run four cells; return the folder and a function that runs snakemake there again."""
    folder = tmp_path_factory.mktemp("tiny")
    (folder / "tiny.yaml").write_text(TINY)
    files = [ROOT / "demo/experiment.yaml", folder / "tiny.yaml"]
    single = ["train_cell=1", "train_stage1=1", "train_stage2=1", "score_tagger=1", "tag_scenes=1"]

    def again(*arguments, configfiles=()):
        return snakemake(folder, "-c2", *arguments, "--set-threads", *single, configfiles=[*files, *configfiles])

    finished = again("--show-failed-logs")
    assert finished.returncode == 0, finished.stderr
    return folder, again
