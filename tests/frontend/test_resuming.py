import json
import os
import subprocess
import sys
from signal import SIGKILL, SIGTERM

import numpy as np
import pytest
import torch

from tagasc.tagger.checkpoint import Checkpoint

CELL = "shared-heads2-layers1"


KILLED = """
import json, os, signal, sys
from pathlib import Path
from tagasc.config import Frontend
from tagasc.frontend.training import train_cell
from tagasc.tagger.checkpoint import Checkpoint

save = Checkpoint.save

def save_and_die(checkpoint, model, optimizer, progress):
    save(checkpoint, model, optimizer, progress)
    if len(progress["history"]) == 2:
        os.kill(os.getpid(), signal.SIGKILL)

Checkpoint.save = save_and_die
cell, frontend, paths = sys.argv[1:]
paths = {name: Path(path) for name, path in json.loads(paths).items()}
train_cell(cell, 3, Frontend.model_validate_json(frontend), 4000, **paths, threads=1, checkpoint_interval=0)
"""


def test_a_killed_training_goes_on_bit_by_bit(packed, frontend, tmp_path, capsys, outputs, train):
    folder = tmp_path / "killed"
    paths = json.dumps({name: str(path) for name, path in (packed | outputs(folder)).items()})
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, CELL, frontend.model_dump_json(), paths],
        env=os.environ | {"CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        check=False,
    )
    assert killed.returncode == -SIGKILL, killed.stderr.decode()
    assert [path.name for path in folder.iterdir()] == ["checkpoint.safetensors"]

    _, resumed, codes = train(folder, frontend, packed, seed=3)
    assert "going on after epoch 2" in capsys.readouterr().err
    assert sorted(path.name for path in folder.iterdir()) == ["codes.npy", "history.jsonl", "model.safetensors"]
    _, whole, expected = train(tmp_path / "whole", frontend, packed, seed=3)
    assert (folder / "model.safetensors").read_bytes() == (tmp_path / "whole/model.safetensors").read_bytes()
    assert [row["loss"] for row in resumed] == [row["loss"] for row in whole]
    np.testing.assert_array_equal(codes, expected)


STOPPED = """
import json, os, signal, sys
from pathlib import Path
from types import SimpleNamespace
from tagasc.config import Frontend
from tagasc.frontend import trainer
from tagasc.frontend.training import train_cell
from tagasc.job import job

cell, frontend, paths, log, name, call = sys.argv[1:]
whole, calls = getattr(trainer, name), []

def stop(*arguments):
    calls.append(1)
    if len(calls) == int(call):  # twice, as SLURM does
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGTERM)
    return whole(*arguments)

setattr(trainer, name, stop)
paths = {name: Path(path) for name, path in json.loads(paths).items()}
with job(SimpleNamespace(log=[log])):
    train_cell(
        cell, 3, Frontend.model_validate_json(frontend), 4000, **paths, threads=1, checkpoint_interval=3600
    )
"""


@pytest.mark.parametrize(
    ("name", "call", "done"),
    [("batch_loss", 6, 2), ("codes_and_predictions", 1, 4)],  # in the third epoch of two batches; after the last
)
def test_a_training_that_is_told_to_stop_loses_no_finished_epoch(
    packed, frontend, tmp_path, capsys, outputs, train, name, call, done
):
    folder, log = tmp_path / "stopped", tmp_path / "train.log"
    paths = json.dumps({name: str(path) for name, path in (packed | outputs(folder)).items()})
    stopped = subprocess.run(
        [sys.executable, "-c", STOPPED, CELL, frontend.model_dump_json(), paths, log, name, str(call)],
        env=os.environ | {"CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        check=False,
    )
    assert stopped.returncode == 128 + SIGTERM, stopped.stderr.decode()
    assert [path.name for path in folder.iterdir()] == ["checkpoint.safetensors"]
    assert "the next attempt goes on from" in log.read_text()
    assert log.read_text().endswith("tagasc: stopped by SIGTERM\n")

    _, resumed, _ = train(folder, frontend, packed, seed=3)
    assert f"going on after epoch {done}" in capsys.readouterr().err
    _, whole, _ = train(tmp_path / "whole", frontend, packed, seed=3)
    assert (folder / "model.safetensors").read_bytes() == (tmp_path / "whole/model.safetensors").read_bytes()
    assert [row["loss"] for row in resumed] == [row["loss"] for row in whole]


def test_codes_are_kept_by_epoch_and_change_nothing(packed, frontend, tmp_path, train, changed):
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
    # An epoch's codes are those that a training of so many epochs ends in.
    shorter = train(tmp_path / "shorter", changed(frontend, epochs=2), packed)
    np.testing.assert_array_equal(codes[0], shorter[2][0])


def test_a_killed_training_keeps_the_codes_of_its_first_epochs(packed, frontend, tmp_path, outputs, train):
    folder, settings = tmp_path / "killed", {"code_epochs": [1, 2, 3, 4]}
    paths = packed | outputs(folder) | {"codes_by_epoch": folder / "codes-every1.npy"}
    script = KILLED.replace("threads=1,", "threads=1, code_epochs=[1, 2, 3, 4],")
    killed = subprocess.run(
        [sys.executable, "-c", script, CELL, frontend.model_dump_json(), json.dumps(paths, default=str)],
        env=os.environ | {"CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        check=False,
    )
    assert killed.returncode == -SIGKILL, killed.stderr.decode()
    assert sorted(path.name for path in folder.iterdir()) == ["checkpoint.safetensors", "unfinished-codes-every1.npy"]
    _, rows, _ = train(folder, frontend, packed, seed=3, codes_by_epoch=paths["codes_by_epoch"], **settings)
    whole = tmp_path / "whole"
    _, expected, _ = train(whole, frontend, packed, seed=3, codes_by_epoch=whole / "codes-every1.npy", **settings)
    assert (folder / "codes-every1.npy").read_bytes() == (whole / "codes-every1.npy").read_bytes()
    assert [row["evaluate_accuracy"] for row in rows] == [row["evaluate_accuracy"] for row in expected]
    assert not list(folder.glob("unfinished-*"))


def test_a_checkpoint_without_the_codes_so_far_is_not_used(packed, frontend, tmp_path, monkeypatch, capsys, train):
    given = {"codes_by_epoch": tmp_path / "codes-every1.npy", "code_epochs": [1, 2, 3, 4]}
    with monkeypatch.context() as patch:
        patch.setattr(Checkpoint, "remove", lambda _: None)
        train(tmp_path, frontend, packed, checkpoint_interval=0, **given)
    codes = (tmp_path / "codes-every1.npy").read_bytes()  # the unfinished file has become this one
    (tmp_path / "codes-every1.npy").unlink()
    train(tmp_path, frontend, packed, **given)
    assert "going on" not in capsys.readouterr().err
    assert (tmp_path / "codes-every1.npy").read_bytes() == codes


def test_a_checkpoint_of_other_parameters_is_ignored(packed, frontend, tmp_path, monkeypatch, capsys, train, changed):
    monkeypatch.setattr(Checkpoint, "remove", lambda _: None)
    train(tmp_path, changed(frontend, learning_rate=2e-3), packed, checkpoint_interval=0)
    assert (tmp_path / "checkpoint.safetensors").exists()
    train(tmp_path, frontend, packed)
    assert "checkpoint.safetensors belongs to other parameters or inputs" in capsys.readouterr().err
    train(tmp_path / "anew", frontend, packed)
    assert (tmp_path / "model.safetensors").read_bytes() == (tmp_path / "anew/model.safetensors").read_bytes()
