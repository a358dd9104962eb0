import signal
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode

from tagasc.artifacts.artifact import Artifact
from tagasc.artifacts.record import record_path
from tagasc.runtime.job import Stopped, job
from tagasc.training.optimizer import Adam
from tagasc.training.session import CHECKPOINT, TrainingSession

EPOCHS = 5
OUTPUTS = Artifact(path="taggers/<tagger>/epoch<n>.txt", rule="train", meaning="")


@pytest.fixture
def data(tmp_path):
    """Return an input file of trainings."""
    (tmp_path / "data.npy").write_bytes(b"data")
    return tmp_path / "data.npy"


def make_session(folder, data, width=3, interval=0.0, **parameters):
    """Return a session of a small network with dropout; its data come from NumPy's generator."""
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(2, width), torch.nn.BatchNorm1d(width), torch.nn.Dropout(0.5))
    optimizer = Adam(model.parameters(), 0.1, amsgrad=True)
    folder.mkdir(exist_ok=True)
    return TrainingSession(folder, parameters, [data], OUTPUTS, model, optimizer, np.random.default_rng(0), interval)


def train(session, stop_in=None, error=KeyboardInterrupt):
    """Train to the end, or raise an error in the middle of an epoch; return the weights and the losses."""
    model = session.model
    with session:
        for epoch in session.epochs(EPOCHS, "training"):
            batch = torch.from_numpy(session.random.normal(size=(8, 2))).float()
            session.optimizer.zero_grad()
            loss = model(batch).square().mean()
            loss.backward()
            if epoch == stop_in:
                raise error
            session.optimizer.step()
            session.history.append({"epoch": epoch, "loss": loss.item()})
            if epoch % 2 == 0:
                session.pending(f"epoch{epoch}.txt").write_text(str(loss.item()))
    return model.state_dict(), session.history


def outputs(folder):
    return {path.name: path.read_text() for path in folder.iterdir() if not path.name.startswith(".")}


@pytest.mark.parametrize("stop_in", range(1, EPOCHS + 1))
@pytest.mark.parametrize("interval", [0.0, 3600.0])  # written after every epoch, or only when the process stops
def test_a_stopped_training_ends_in_the_same_bits(tmp_path, data, capsys, stop_in, interval):
    weights, history = train(make_session(tmp_path / "whole", data))
    with pytest.raises(KeyboardInterrupt):
        train(make_session(tmp_path / "stopped", data, interval=interval), stop_in)
    assert (tmp_path / "stopped" / CHECKPOINT).exists() == (stop_in > 1)
    resumed, continued = train(make_session(tmp_path / "stopped", data, interval=interval))
    if stop_in > 1:
        assert f"continuing after epoch {stop_in - 1}" in capsys.readouterr().err
    assert continued == history
    assert all(torch.equal(resumed[name], weights[name]) for name in weights)
    assert outputs(tmp_path / "stopped") == outputs(tmp_path / "whole")


def test_a_training_can_be_stopped_many_times(tmp_path, data):
    weights, _ = train(make_session(tmp_path / "whole", data))
    for epoch in range(1, EPOCHS + 1):
        with pytest.raises(Stopped):
            train(make_session(tmp_path / "stopped", data, interval=3600), epoch, Stopped)
    resumed, _ = train(make_session(tmp_path / "stopped", data))
    assert all(torch.equal(resumed[name], weights[name]) for name in weights)


def test_sigterm_leaves_the_last_complete_epoch(tmp_path, data):
    def train_and_terminate():
        session = make_session(tmp_path / "stopped", data, interval=3600)
        with session:
            for epoch in session.epochs(EPOCHS, "training"):
                session.history.append({"epoch": epoch})
                if epoch == 3:
                    signal.raise_signal(signal.SIGTERM)

    rule = SimpleNamespace(rule="train", log=[tmp_path / "job.log"], output=[tmp_path / "model"], resources=None)
    with pytest.raises(Stopped), job(rule):
        train_and_terminate()
    log = (tmp_path / "job.log").read_text()
    assert f"stopped; the next attempt continues from {tmp_path / 'stopped' / CHECKPOINT}" in log
    session = make_session(tmp_path / "stopped", data)
    with session:
        assert session.history == [{"epoch": 1}, {"epoch": 2}]
        assert list(session.epochs(EPOCHS, "training")) == [3, 4, 5]


def test_a_crash_writes_no_state(tmp_path, data):
    with pytest.raises(ValueError, match=r"^$"):
        train(make_session(tmp_path / "crashed", data, interval=3600), 3, ValueError)
    assert [path.name for path in (tmp_path / "crashed").iterdir()] == ["unfinished-epoch2.txt"]


def test_outputs_get_their_names_at_the_end(tmp_path, data):
    with pytest.raises(KeyboardInterrupt):
        train(make_session(tmp_path / "run", data), 5)
    names = {path.name for path in (tmp_path / "run").iterdir() if not path.name.startswith(".")}
    assert names == {CHECKPOINT, "unfinished-epoch2.txt", "unfinished-epoch4.txt"}
    train(make_session(tmp_path / "run", data))
    assert set(outputs(tmp_path / "run")) == {"epoch2.txt", "epoch4.txt"}


def test_a_training_without_its_pending_outputs_starts_from_the_beginning(tmp_path, data, capsys):
    weights, history = train(make_session(tmp_path / "whole", data))
    with pytest.raises(KeyboardInterrupt):
        train(make_session(tmp_path / "run", data), 4)
    (tmp_path / "run/unfinished-epoch2.txt").unlink()
    resumed, continued = train(make_session(tmp_path / "run", data))
    assert "needs unfinished-epoch2.txt, which is missing or damaged" in capsys.readouterr().err
    assert continued == history
    assert all(torch.equal(resumed[name], weights[name]) for name in weights)


@pytest.mark.parametrize("change", ["parameters", "inputs", "shapes"])
def test_a_checkpoint_of_another_training_is_ignored(tmp_path, data, capsys, change):
    with pytest.raises(KeyboardInterrupt):
        train(make_session(tmp_path / "run", data, rate=1), 4)
    if change == "inputs":
        data.write_bytes(b"other")
    session = make_session(
        tmp_path / "run", data, width=4 if change == "shapes" else 3, rate=2 if change == "parameters" else 1
    )
    _, history = train(session)
    assert "belongs to other parameters or inputs: starting from the beginning" in capsys.readouterr().err
    assert [row["epoch"] for row in history] == [1, 2, 3, 4, 5]
    assert CHECKPOINT not in outputs(tmp_path / "run")


def flip(content):
    return content[:-1] + bytes([content[-1] ^ 1])


def empty(_):
    return b""


def replace(_):
    return b"not a checkpoint"


def cut(content):
    return content[:-1]


@pytest.mark.parametrize(
    ("damage", "recorded"),
    [(empty, True), (replace, True), (cut, True), (flip, True), (empty, False), (replace, False), (cut, False)],
)
def test_a_damaged_checkpoint_is_put_aside(tmp_path, data, capsys, damage, recorded):
    weights, _ = train(make_session(tmp_path / "whole", data))
    with pytest.raises(KeyboardInterrupt):
        train(make_session(tmp_path / "run", data), 4)
    checkpoint = tmp_path / "run" / CHECKPOINT
    damaged = damage(checkpoint.read_bytes())
    checkpoint.write_bytes(damaged)
    if not recorded:
        record_path(checkpoint).unlink()
    resumed, history = train(make_session(tmp_path / "run", data))
    assert f"{checkpoint}: is no checkpoint, or is damaged; it is now called damaged-1-" in capsys.readouterr().err
    assert checkpoint.with_name(f"damaged-1-{CHECKPOINT}").read_bytes() == damaged
    assert [row["epoch"] for row in history] == [1, 2, 3, 4, 5]
    assert all(torch.equal(resumed[name], weights[name]) for name in weights)


def test_a_folder_in_place_of_a_checkpoint_is_put_aside(tmp_path, data, capsys):
    for _ in range(2):
        (tmp_path / "run" / CHECKPOINT).mkdir(parents=True)
        _, history = train(make_session(tmp_path / "run", data))
        assert len(history) == EPOCHS
    assert f"it is now called damaged-2-{CHECKPOINT}" in capsys.readouterr().err


def test_what_happens_after_the_last_epoch_is_repeated(tmp_path, data):
    """A training that is stopped while it evaluates does not train again."""

    def stop_while_evaluating():
        with make_session(tmp_path / "run", data, interval=3600) as session:
            for epoch in session.epochs(2, "training"):
                session.history.append({"epoch": epoch})
            session.history[-1]["accuracy"] = 0.5
            raise Stopped

    with pytest.raises(Stopped):
        stop_while_evaluating()
    with make_session(tmp_path / "run", data) as session:
        assert session.history == [{"epoch": 1}, {"epoch": 2}]
        assert list(session.epochs(2, "training")) == []


def test_a_short_training_writes_no_checkpoint(tmp_path, data, monkeypatch):
    monkeypatch.setattr("tagasc.training.session.write_checkpoint", None)
    train(make_session(tmp_path / "run", data, interval=3600))


def test_the_state_of_a_training_on_a_gpu_stays_there_until_it_is_written(tmp_path, data, monkeypatch):
    """The tensors are fake: they have a device and no values."""
    written = []
    monkeypatch.setattr("tagasc.training.session.write_checkpoint", lambda *arguments: written.append(arguments[2]))
    with FakeTensorMode(allow_non_fake_inputs=True):
        with torch.device("cuda"):
            session = make_session(tmp_path / "run", data, interval=3600)
        for written_at, count in [(session._written_at, 0), (session._written_at - 3600, 1)]:
            session._written_at = written_at
            session._save()
            assert len(written) == count
            if not written:
                copies, _ = session._unwritten
                assert {tensor.device.type for name, tensor in copies.items() if name != "generator"} == {"cuda"}
    assert {tensor.device.type for tensor in written[0].values()} == {"cpu"}
    assert written[0].keys() == copies.keys()
