"""Specialists and students, after Jung et al. (2019) [22]."""

import json

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.special import softmax
from torch import nn

from tagasc.artifacts.confused_scenes import CONFUSED_SCENES
from tagasc.artifacts.scenes import CLIPS, read_clips
from tagasc.artifacts.weights import MODEL, write_weights
from tagasc.config import Distillation, Specialist, Student, Training
from tagasc.frontend.distillation import DistillationLoss, JoinedBatch, SpecialistBatches, StudentBatches
from tagasc.frontend.loss import CentreLoss
from tagasc.frontend.network import SceneNetwork
from tagasc.paper.grid import parse
from tagasc.runtime.errors import InputError
from tagasc.training.session import TrainingSession

SPECIALIST = Specialist(epochs=3, learning_rate=1e-3, milestones=[1], decay=0.1)
STUDENT = Student(epochs=4, learning_rate=1e-3, milestones=[2], crop=0.09)


@pytest.fixture
def three(packed):
    """Pack clips of three scenes: of the 12 training clips, 4 are of each."""
    clips = read_clips(packed["clips"])
    CLIPS.write(packed["clips"], clips.assign(scene=np.array(["bus", "park", "tram"])[np.arange(len(clips)) % 3]))
    return packed


@pytest.fixture
def recipe(frontend):
    return frontend.model_copy(update={"distillation": Distillation(specialist=SPECIALIST, student=STUDENT)})


@pytest.fixture
def dataset(three, frontend, load_dataset):
    return load_dataset(three, frontend)


@pytest.fixture
def confused(tmp_path):
    rows = [(1, "bus", "tram", 5, 0.1), (2, "park", "tram", 2, 0.2), (3, "bus", "park", 0, 0.3)]
    CONFUSED_SCENES.write(tmp_path / "confused_scenes.csv", pd.DataFrame(rows, columns=CONFUSED_SCENES.names))
    return tmp_path / "confused_scenes.csv"


@pytest.fixture
def taught(three, recipe, confused, tmp_path, train):
    """Train a cell, two specialists, and return a function that trains the student."""
    name = "shared-heads2-layers1"
    folders = [tmp_path / role for role in ("base", "one", "two")]
    train(folders[0], recipe, three, name)
    for number, folder in enumerate(folders[1:], start=1):
        cell = f"{name}-specialist{number}"
        keys = {"teachers": [folders[0] / "model.safetensors"], "confused_scenes": confused}
        train(folder, recipe, three, cell, **keys)

    def run(folder, **keys):
        teachers = [each / "model.safetensors" for each in folders]
        return train(folder, recipe, three, f"{name}-kd", teachers=teachers, **keys)

    run.folders = folders
    return run


def test_half_of_a_specialists_batch_is_of_its_scenes(dataset):
    training = Training(batch_size=4, crop=None, mixup_from_epoch=99)
    batches = SpecialistBatches(dataset, training, None, np.random.default_rng(0), ("tram", "bus"))
    seen = []
    for epoch in (1, 2):
        epoch_batches = list(batches.epoch(epoch))
        assert len(epoch_batches) == 2  # 4 clips of other scenes, 2 in each batch
        for batch in epoch_batches:
            assert batch.share is None
            names = [dataset.scenes[label] for label in batch.labels]
            assert set(names[:2]) <= {"bus", "tram"}
            assert names[2:] == ["park", "park"]
        seen.append(torch.cat([batch.waveform for batch in epoch_batches]))
    assert len(torch.unique(seen[0], dim=0)) == 8  # no clip is repeated
    assert not torch.equal(*seen)


def test_an_epoch_passes_the_clips_of_both_scenes_once(dataset):
    training = Training(batch_size=4, crop=None, mixup_from_epoch=99)
    # The 8 clips of two scenes make 4 halves, and the 4 clips of the third scene only 2.
    pair = SpecialistBatches(dataset, training, None, np.random.default_rng(0), ("bus", "park"))
    assert (len(pair.pair), len(pair.others), len(list(pair.epoch(1)))) == (8, 4, 2)


def test_a_batch_that_a_scene_does_not_fill_is_an_error(dataset):
    training = Training(batch_size=12, crop=None)
    message = r"^frontend.training.batch_size: half of a specialist's batch of 12 is more than the 4 training clips of"
    with pytest.raises(InputError, match=message):
        SpecialistBatches(dataset, training, None, np.random.default_rng(0), ("bus", "tram"))


def test_teachers_hear_each_clip_joined_with_one_of_its_scene(dataset):
    training = Training(batch_size=4, crop=None, mixup_from_epoch=99)
    batches = StudentBatches(dataset, training, 350, np.random.default_rng(0))
    whole, tags, labels = dataset.batch(torch.arange(12))
    partners = []
    for epoch in range(1, 6):
        for batch in batches.epoch(epoch):
            assert batch.waveform.shape == (4, 2, 350)
            assert batch.joined_waveform.shape == (4, 2, 2 * 399)
            for clip in range(4):
                first, second = batch.joined_waveform[clip].split(399, dim=1)
                row = int((whole == first).all(dim=(1, 2)).nonzero())
                other = int((whole == second).all(dim=(1, 2)).nonzero())
                assert labels[row] == labels[other] == batch.labels[clip]
                torch.testing.assert_close(batch.joined_tags[clip], (tags[row] + tags[other]) / 2)
                torch.testing.assert_close(batch.tags[clip], tags[row])
                assert batch.waveform[clip] in whole[row].unfold(1, 350, 1).transpose(0, 1)
                partners.append((epoch, row, other))
    for epoch in range(1, 6):  # a permutation: each clip is once the first and once the second
        rows = [(row, other) for number, row, other in partners if number == epoch]
        assert sorted(row for row, _ in rows) == sorted(other for _, other in rows) == list(range(12))
    assert len({(row, other) for _, row, other in partners}) > 12  # another one in each epoch


class Fixed(nn.Module):
    """A teacher whose scores are those of a table, for waveforms that hold their row."""

    def __init__(self, scores):
        super().__init__()
        self.scores = nn.Parameter(scores)

    def forward(self, waveform, tags):
        return None, self.scores[waveform[:, 0, 0].long()] + 0 * tags.sum()


def test_the_loss_of_a_student():
    random = torch.Generator().manual_seed(0)
    code, scores, first, second = (torch.randn(3, n, generator=random) for n in (2, 4, 4, 4))
    labels = torch.tensor([0, 3, 1])
    joined = torch.tensor([2.0, 0.0, 1.0])[:, None, None].expand(3, 2, 8)
    batch = JoinedBatch(torch.empty(3, 0), torch.zeros(3, 1), labels, labels, None, joined, torch.zeros(3, 1))
    centre_loss = CentreLoss(0.01, 4, 2)
    loss_of = DistillationLoss([Fixed(first), Fixed(second)], 2.0, centre_loss)
    scores.requires_grad_()
    loss, correct = loss_of(code, scores, batch)

    student = softmax(scores.detach().double().numpy() / 2, axis=1)
    expected = 0.0
    for teacher in (first, second):
        target = softmax(teacher.double().numpy()[[2, 0, 1]] / 2, axis=1)
        expected += (target * np.log(target / student)).sum(axis=1).mean()
    expected += 0.01 * ((code - centre_loss.centres[labels]) ** 2).sum(dim=1).mean().item()
    assert loss.item() == pytest.approx(expected, rel=1e-5)
    assert int(correct) == int((scores.argmax(dim=1) == labels).sum())
    loss.backward()
    assert scores.grad.abs().sum() > 0
    assert all(teacher.scores.grad is None for teacher in loss_of.teachers)
    assert list(loss_of.parameters()) == []
    assert not any(teacher.training for teacher in loss_of.teachers)


def test_specialists_and_students_start_from_their_cell(three, recipe, confused, tmp_path, train, changed):
    base, _, _ = train(tmp_path / "base", recipe, three)
    start = {"teachers": [tmp_path / "base/model.safetensors"]}
    for name, keys in (("specialist2", start | {"confused_scenes": confused}), ("kd", start)):
        cell = f"shared-heads2-layers1-{name}"
        still = {"epochs": 1, "learning_rate": 1e-9}
        distillation = Distillation(specialist=Specialist(**still), student=Student(**still, crop=0.09))
        used = changed(recipe, weight_decay=0.0).model_copy(update={"distillation": distillation})
        weights, history, _ = train(tmp_path / name, used, three, cell, **keys)
        assert {row["cell"] for row in history} == {cell}
        for key, values in base.items():
            if "running" not in key and "tracked" not in key:  # batch norm sees other batches
                torch.testing.assert_close(weights[key], values, rtol=0, atol=1e-7)


def test_the_whole_recipe(taught, tmp_path):
    weights, history, codes = taught(tmp_path / "student")
    assert len(history) == 4
    assert [row["learning_rate"] for row in history] == pytest.approx([1e-3, 1e-3, 2e-4, 2e-4])
    assert history[-1]["loss"] < history[0]["loss"]
    assert codes.shape == (1, 17, 4)
    one, two = (json.loads((folder / "history.jsonl").read_text().splitlines()[-1]) for folder in taught.folders[1:])
    assert one["loss"] != two["loss"]
    assert one["learning_rate"] == pytest.approx(1e-4)
    assert not any("centre" in name or "teacher" in name for name in weights)


def test_an_interrupted_student_is_resumed_bit_for_bit(taught, tmp_path, monkeypatch, capsys):
    """The learned centres are part of the checkpoint."""
    taught(tmp_path / "whole")
    save = TrainingSession._save

    def save_and_stop(session):
        save(session)
        if len(session.history) == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(TrainingSession, "_save", save_and_stop)
        with pytest.raises(KeyboardInterrupt):
            taught(tmp_path / "stopped")
    torch.randn(100)  # the state of torch's generator comes from the checkpoint
    taught(tmp_path / "stopped")
    assert "continuing after epoch 2" in capsys.readouterr().err
    for name in ("model.safetensors", "codes.npy"):
        assert (tmp_path / "stopped" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_another_teacher_makes_the_checkpoint_of_a_student_worthless(taught, tmp_path, monkeypatch, capsys, frontend):
    save = TrainingSession._save

    def save_and_stop(session):
        save(session)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(TrainingSession, "_save", save_and_stop)
        with pytest.raises(KeyboardInterrupt):
            taught(tmp_path / "stopped")
    network = SceneNetwork(parse("shared-heads2-layers1"), frontend.network, 2, 5, 3)
    write_weights(MODEL, taught.folders[2] / "model.safetensors", network)
    taught(tmp_path / "stopped")
    assert "belongs to other parameters or inputs" in capsys.readouterr().err


def test_weights_of_another_network_are_refused(three, recipe, confused, tmp_path, train):
    train(tmp_path / "base", recipe, three, "codecat")
    cell = "shared-heads2-layers1-specialist1"
    keys = {"teachers": [tmp_path / "base/model.safetensors"], "confused_scenes": confused}
    with pytest.raises(InputError, match=r"model.safetensors: has the weights of another network"):
        train(tmp_path / "one", recipe, three, cell, **keys)


def test_the_learning_rate_is_that_of_torchs_scheduler():
    training = Training(learning_rate=1e-4, milestones=[15, 30, 45], decay=0.2)
    optimizer = torch.optim.Adam([torch.zeros(1, requires_grad=True)], 1e-4)
    schedule = torch.optim.lr_scheduler.MultiStepLR(optimizer, [15, 30, 45], 0.2)
    for epoch in range(1, 61):
        assert training.learning_rate_at(epoch) == pytest.approx(optimizer.param_groups[0]["lr"], rel=1e-9)
        optimizer.step()
        schedule.step()
