"""Real recordings through the whole graph, with trainings of one epoch."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CORPORA = os.environ.get("TAGASC_REAL_CORPORA")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.workflow,
    pytest.mark.skipif(CORPORA is None, reason="TAGASC_REAL_CORPORA names no folder of real recordings"),
]

SHORT = """
cells: [baseline, shared-heads4-layers3]
tagger: {stage1_cycles: 1, training: {cycle_epochs: 1}}
frontend: {training: {epochs: 1}}
"""


def test_real_recordings_reach_the_tables(tmp_path, snakemake):
    (tmp_path / "short.yaml").write_text(SHORT)
    files = [ROOT / "demo/recordings.yaml", tmp_path / "short.yaml"]
    finished = snakemake(tmp_path, "-c2", "--config", f"data={CORPORA}", configfiles=files)
    assert finished.returncode == 0, finished.stderr
    results = tmp_path / "results/experiments/recordings"
    lines = (results / "scores.csv").read_text().splitlines()
    assert len(lines) == 1 + 2  # two cells on one test list, because every clip is in a list
    assert ",official,115," in lines[1]
    assert "shared-heads4-layers3" in (results / "tables/table6.md").read_text()
