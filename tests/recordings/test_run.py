"""A run on what `tagasc init` has written."""

import csv
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

ROOT = Path(__file__).parents[2]

TINY = """
frontend: {network: {filters: 8, code_size: 8}, training: {epochs: 2, crop: auto}}
backend: {controls: {linear: [], rbf: [1.0], sigmoid: []}}
"""


@pytest.mark.slow
@pytest.mark.workflow
def test_two_commands_lead_to_scores(init, write, tmp_path):
    for scene, first in (("park", 0), ("gare du nord", 3)):
        for place in range(first, first + 3):
            write(f"{scene}/{place} é/long.wav", 3.3, 16000, 2)
            write(f"{scene}/{place} é/b.ogg", 1.0)
    output, _ = init("mes données", clip=1.0, tags=tmp_path / "tags.csv", cells=["baseline", "codecat-shuffled"])
    names = pd.read_csv(output / "scenes/meta.csv", sep="\t", quoting=csv.QUOTE_NONE)["filename"]
    tags = pd.DataFrame(np.random.default_rng(0).random((len(names), 3)), columns=["Bell", "Bird", "Bus"])
    tags.assign(filename=names).to_csv("tags.csv", index=False)
    Path("tiny.yaml").write_text(TINY)
    command = [sys.executable, "-m", "snakemake", "-s", ROOT / "Snakefile", "--nocolor", "-c2", "--show-failed-logs"]
    threads = ["--set-threads", "train_cell=1", "score_cell=1", "pack_scenes=1"]
    target = "results/experiments/mes-donnees/scores.csv"
    files = ["--configfile", output / "experiment.yaml", "tiny.yaml"]
    run = subprocess.run([*command, target, *threads, *files], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    scores = pd.read_csv(target)
    assert set(scores["cell"]) >= {"baseline", "codecat-shuffled"}
    assert scores["clips"].unique().tolist() == [8]
