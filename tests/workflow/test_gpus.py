"""Several GPUs and no cluster."""

import re

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.workflow]

CELLS = ["baseline", "codecat", "attention-heads2-layers0", "shared-heads4-layers3"]


def test_concurrent_trainings_on_one_machine_have_different_gpus(tiny, tmp_path, monkeypatch):
    """Torch has no GPU here, but jobs share the GPUs that the environment names, and log which one they got."""
    folder, again = tiny
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "4,5,6,7")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    # Long enough for the four trainings to run at the same time.
    (folder / "four.yaml").write_text("name: four\nfrontend: {training: {epochs: 60}}\n")
    results = "results/experiments/four"
    models = [f"{results}/cells/{cell}/seed0/model.safetensors" for cell in CELLS]
    done = again(*models, "-c4", "--resources", "gpu=4", configfiles=[folder / "four.yaml"])
    assert done.returncode == 0, done.stderr
    logs = [(folder / f"{results}/logs/train_cell/{cell}-seed0.log").read_text() for cell in CELLS]
    assert sorted(re.search(r"GPU (\d), which this job was given", log)[1] for log in logs) == ["4", "5", "6", "7"]
