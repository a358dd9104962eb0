import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from filelock import FileLock

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

SINGLE = ["train_cell=1", "train_stage1=1", "train_stage2=1", "score_tagger=1", "tag_scenes=1"]


@pytest.fixture(scope="session")
def snakemake():
    """Return a function that runs the project's Snakefile in a folder and returns the finished process."""

    def run(folder, *arguments, configfiles=()):
        given = ["--configfile", *map(str, configfiles)] if configfiles else []
        command = [sys.executable, "-m", "snakemake", "-s", ROOT / "Snakefile", "--directory", folder, "--nocolor"]
        return subprocess.run([*command, *arguments, *given], capture_output=True, text=True, check=False)

    return run


@pytest.fixture(scope="module")  # what one module's tests leave, no other module finds
def tiny(tmp_path_factory, snakemake):
    """Run four cells; return the folder and a function that runs snakemake there again.

    The run takes minutes, so it is made once for all workers. Each module of tests has a copy of its own.
    """
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    first, folder = shared / "tiny-first", tmp_path_factory.mktemp("tiny") / "run"

    def run_in(place, *arguments, configfiles=()):
        files = [ROOT / "demo/experiment.yaml", place / "tiny.yaml", *configfiles]
        return snakemake(place, "-c2", *arguments, "--set-threads", *SINGLE, configfiles=files)

    with FileLock(shared / "tiny.lock"):
        if not (first / "finished").exists():
            first.mkdir()
            (first / "tiny.yaml").write_text(TINY)
            finished = run_in(first, "--show-failed-logs")
            assert finished.returncode == 0, finished.stderr
            (first / "finished").touch()
    shutil.copytree(first, folder, symlinks=True)
    (folder / "finished").unlink()
    return folder, partial(run_in, folder)
