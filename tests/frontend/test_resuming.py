"""Trainings that are interrupted and run again."""

import json
import os
import subprocess
import sys
from signal import SIGKILL, SIGTERM

import numpy as np
import pytest
import torch

CELL = "shared-heads2-layers1"
OUTPUTS = ["codes.npy", "history.jsonl", "model.safetensors"]

KILLED = """
import json, os, signal, sys
from pathlib import Path
from tagasc.config import Frontend
from tagasc.frontend.train_cell import train_cell
from tagasc.paper.grid import parse
from tagasc.training.session import TrainingSession

save = TrainingSession._save

def save_and_die(session):
    save(session)
    if len(session.history) == 2:
        os.kill(os.getpid(), signal.SIGKILL)

TrainingSession._save = save_and_die
cell, frontend, paths, keys = sys.argv[1:]
paths = {name: Path(path) for name, path in json.loads(paths).items()}
train_cell(
    parse(cell), 3, Frontend.model_validate_json(frontend), 4000, **paths, threads=1, checkpoint_interval=0,
    **json.loads(keys),
)
"""


@pytest.fixture
def kill(packed, frontend, outputs):
    """Kill a training with seed 3 after its second epoch; it has written a checkpoint."""

    def run(folder, *, codes_by_epoch=None, **keys):
        paths = packed | outputs(folder) | ({"codes_by_epoch": codes_by_epoch} if codes_by_epoch else {})
        killed = subprocess.run(
            [sys.executable, "-c", KILLED, CELL, frontend.model_dump_json(), json.dumps(paths, default=str),
             json.dumps(keys)],
            env=os.environ | {"CUDA_VISIBLE_DEVICES": ""},
            capture_output=True,
            check=False,
        )  # fmt: skip
        assert killed.returncode == -SIGKILL, killed.stderr.decode()

    return run


def test_a_killed_training_is_resumed_bit_for_bit(packed, frontend, tmp_path, capsys, train, kill):
    folder = tmp_path / "killed"
    kill(folder)
    assert [path.name for path in folder.glob("[!.]*")] == ["checkpoint.safetensors"]

    _, resumed, codes = train(folder, frontend, packed, seed=3)
    assert "continuing after epoch 2" in capsys.readouterr().err
    assert sorted(path.name for path in folder.glob("[!.]*")) == OUTPUTS
    _, whole, expected = train(tmp_path / "whole", frontend, packed, seed=3)
    assert (folder / "model.safetensors").read_bytes() == (tmp_path / "whole/model.safetensors").read_bytes()
    assert [row["loss"] for row in resumed] == [row["loss"] for row in whole]
    np.testing.assert_array_equal(codes, expected)


def test_a_training_is_not_resumed_in_another_precision(packed, frontend, tmp_path, capsys, monkeypatch, train, kill):
    """Auto can settle on another precision where the next attempt runs."""
    folder = tmp_path / "killed"
    kill(folder)
    auto = frontend.model_copy(update={"network": frontend.network.model_copy(update={"precision": "auto"})})
    train(folder, auto, packed, seed=3)  # in bfloat16
    assert "continuing" not in capsys.readouterr().err
    kill(folder)
    monkeypatch.setattr("tagasc.runtime.precision.multiplies_in_bfloat16", lambda _: False)
    train(folder, auto, packed, seed=3)
    assert "continuing after epoch 2" in capsys.readouterr().err


STOPPED = """
import json, os, signal, sys
from pathlib import Path
from types import SimpleNamespace
from tagasc.config import Frontend
from tagasc.frontend import trainer
from tagasc.frontend.train_cell import train_cell
from tagasc.paper.grid import parse
from tagasc.runtime.job import job

cell, frontend, paths, log, owner, name, call = sys.argv[1:]
owner = getattr(trainer, owner) if owner else trainer
original, calls = getattr(owner, name), []

def stop(*arguments):
    calls.append(1)
    if len(calls) == int(call):  # twice, as SLURM does
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGTERM)
    return original(*arguments)

setattr(owner, name, stop)
paths = {name: Path(path) for name, path in json.loads(paths).items()}
with job(SimpleNamespace(rule="train_cell", log=[log], output=[paths["model"]], resources=None)):
    train_cell(
        parse(cell), 3, Frontend.model_validate_json(frontend), 4000, **paths, threads=1, checkpoint_interval=3600
    )
"""


@pytest.mark.parametrize(
    ("owner", "name", "call", "done"),
    [
        ("MixupLoss", "forward", 6, 2),  # in the third epoch of two batches each
        ("", "compute_codes", 1, 4),  # after the last epoch
    ],
)
def test_a_stopped_training_loses_no_complete_epoch(
    packed, frontend, tmp_path, capsys, outputs, train, owner, name, call, done
):
    folder, log = tmp_path / "stopped", tmp_path / "train.log"
    paths = json.dumps(packed | outputs(folder), default=str)
    stopped = subprocess.run(
        [sys.executable, "-c", STOPPED, CELL, frontend.model_dump_json(), paths, log, owner, name, str(call)],
        env=os.environ | {"CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        check=False,
    )
    assert stopped.returncode == 128 + SIGTERM, stopped.stderr.decode()
    assert [path.name for path in folder.glob("[!.]*")] == ["checkpoint.safetensors"]
    assert log.read_text().endswith("tagasc: stopped by SIGTERM\n")

    _, resumed, _ = train(folder, frontend, packed, seed=3)
    assert f"continuing after epoch {done}" in capsys.readouterr().err
    _, whole, _ = train(tmp_path / "whole", frontend, packed, seed=3)
    assert (folder / "model.safetensors").read_bytes() == (tmp_path / "whole/model.safetensors").read_bytes()
    assert [row["loss"] for row in resumed] == [row["loss"] for row in whole]


def test_codes_by_epoch_change_nothing_else(packed, frontend, tmp_path, train, changed):
    plain = train(tmp_path / "plain", frontend, packed)
    path = tmp_path / "kept" / "codes-every2.npy"
    kept = train(tmp_path / "kept", frontend, packed, codes_by_epoch=path, code_epochs=[2, 4])
    for name, values in plain[0].items():
        assert torch.equal(values, kept[0][name])
    assert ["evaluate_accuracy" in row for row in kept[1]] == [False, True, False, True]
    codes = np.load(path)
    assert codes.dtype == np.float16
    assert codes.shape == (2, 17, 4)
    np.testing.assert_array_equal(codes[1], plain[2][0])
    # The codes of an epoch are those with which a training of that many epochs ends.
    shorter = train(tmp_path / "shorter", changed(frontend, epochs=2), packed)
    np.testing.assert_array_equal(codes[0], shorter[2][0])


@pytest.mark.parametrize("code_epochs", [[1, 2, 3, 4], [3, 4]])
def test_a_killed_training_keeps_the_codes_of_its_first_epochs(
    packed, frontend, tmp_path, capsys, train, kill, code_epochs
):
    """It is resumed as well if it was killed before the first of these epochs."""
    folder, whole, name = tmp_path / "killed", tmp_path / "whole", "codes-by-epoch.npy"
    kill(folder, codes_by_epoch=folder / name, code_epochs=code_epochs)
    unfinished = [f"unfinished-{name}"] if 2 in code_epochs else []
    assert sorted(path.name for path in folder.glob("[!.]*")) == ["checkpoint.safetensors", *unfinished]
    keys = {"seed": 3, "code_epochs": code_epochs}
    _, rows, _ = train(folder, frontend, packed, codes_by_epoch=folder / name, **keys)
    assert "continuing after epoch 2" in capsys.readouterr().err
    _, expected, _ = train(whole, frontend, packed, codes_by_epoch=whole / name, **keys)
    assert (folder / name).read_bytes() == (whole / name).read_bytes()
    assert [row.get("evaluate_accuracy") for row in rows] == [row.get("evaluate_accuracy") for row in expected]
    assert sorted(path.name for path in folder.glob("[!.]*")) == sorted([*OUTPUTS, name])


def test_a_checkpoint_without_the_codes_of_its_epochs_is_ignored(packed, frontend, tmp_path, capsys, train, kill):
    folder, whole = tmp_path / "killed", tmp_path / "whole"
    name, keys = "codes-every1.npy", {"code_epochs": [1, 2, 3, 4]}
    kill(folder, codes_by_epoch=folder / name, **keys)
    (folder / f"unfinished-{name}").unlink()
    train(folder, frontend, packed, seed=3, codes_by_epoch=folder / name, **keys)
    assert "continuing" not in capsys.readouterr().err
    train(whole, frontend, packed, seed=3, codes_by_epoch=whole / name, **keys)
    assert (folder / name).read_bytes() == (whole / name).read_bytes()


def test_a_checkpoint_of_other_parameters_is_ignored(packed, frontend, tmp_path, capsys, train, changed, kill):
    folder, other = tmp_path / "killed", changed(frontend, learning_rate=2e-3)
    kill(folder)
    assert (folder / "checkpoint.safetensors").exists()
    train(folder, other, packed, seed=3)
    assert "checkpoint.safetensors belongs to other parameters or inputs" in capsys.readouterr().err
    train(tmp_path / "new", other, packed, seed=3)
    assert (folder / "model.safetensors").read_bytes() == (tmp_path / "new/model.safetensors").read_bytes()
