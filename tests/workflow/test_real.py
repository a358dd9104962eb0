"""Real recordings through the whole graph, with trainings of one epoch, and a bundle of what was trained."""

import csv
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
import torch

import tagasc
from tagasc.cli import main

ROOT = Path(__file__).parents[2]
CORPORA = os.environ.get("TAGASC_REAL_CORPORA")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.workflow,
    pytest.mark.timeout(1500),
    pytest.mark.skipif(CORPORA is None, reason="TAGASC_REAL_CORPORA names no folder of real recordings"),
]

CELL = "shared-heads4-layers3"
FORMATS = {
    "a.wav": {"subtype": "PCM_24"},
    "b.flac": {},
    "c.ogg": {},
    "d.mp3": {},
    "e.wav": {"subtype": "FLOAT"},
}
SHORT = """
cells: [baseline, shared-heads4-layers3]
tagger: {stage1_cycles: 1, training: {cycle_epochs: 1}}
frontend: {training: {epochs: 1}}
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory, snakemake):
    """Run two cells, and return the folder."""
    folder = tmp_path_factory.mktemp("real")
    (folder / "short.yaml").write_text(SHORT)
    files = [ROOT / "demo/recordings.yaml", folder / "short.yaml"]
    single = ["train_cell=1", "tag_scenes=1"]
    finished = snakemake(folder, "-c2", "--set-threads", *single, "--config", f"data={CORPORA}", configfiles=files)
    assert finished.returncode == 0, finished.stderr
    return folder


def test_real_recordings_reach_the_tables(run):
    results = run / "results/experiments/recordings"
    lines = (results / "scores.csv").read_text().splitlines()
    assert len(lines) == 1 + 2  # two cells on one test list, because every clip is in a list
    assert ",official,115," in lines[1]
    assert CELL in (results / "tables/table6.md").read_text()


def test_a_bundle_predicts_what_the_run_has_predicted_and_files_that_it_never_saw(run, monkeypatch, capsys):
    monkeypatch.chdir(run)
    assert main(["bundle", "recordings", CELL, "-o", "system"]) == 0
    torch.set_num_threads(1)  # as in the run
    system = tagasc.load("system")
    scenes = Path(CORPORA, "TAU-urban-acoustic-scenes-2019-development")
    table = pd.read_csv(f"results/experiments/recordings/cells/{CELL}/seed0/predictions.csv")
    known = table[table["protocol"] == "last"].set_index("filename")["predicted"]
    assert len(known) == 115
    found = {name: system.predict_file(scenes / name).scene for name in known.index}
    assert found == known.to_dict()

    whole, rate = soundfile.read(scenes / known.index[0])
    new = np.concatenate([whole[rate:], whole[: 5 * rate]])  # starts elsewhere, and is longer
    for name, options in FORMATS.items():
        path = run / "new" / name
        path.parent.mkdir(exist_ok=True)
        soundfile.write(path, new, rate, **options)
    capsys.readouterr()
    assert main(["predict", "system", "new", "--format", "csv", "--windows", "--threads", "1"]) == 0
    rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert sorted({row["file"] for row in rows}) == sorted(f"new/{name}" for name in FORMATS)
    for row in rows:
        of_wav = next(each for each in rows if each["file"] == "new/a.wav" and each["start"] == row["start"])
        assert float(row["margin"]) == pytest.approx(float(of_wav["margin"]), abs=0.2), row["file"]
