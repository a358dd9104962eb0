import json
import os
import subprocess
import sys
from dataclasses import replace
from signal import SIGKILL, SIGTERM

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from tagasc.cells import parse
from tagasc.errors import InputError
from tagasc.frontend.batches import draw_epoch
from tagasc.frontend.corpus import Corpus, pre_emphasise
from tagasc.frontend.loss import batch_loss
from tagasc.frontend.network import SceneNetwork
from tagasc.frontend.training import train_cell
from tagasc.tagger.checkpoint import Checkpoint

CELL = "shared-heads2-layers1"
FAMILIES = [
    "baseline",
    "codecat",
    "before_code-layers0",
    "before_code-layers2",
    "attention-heads2-layers1",
    "separate-heads2-concat1-attention1",
    "shared-heads2-layers1",
]


def outputs(folder):
    return {"model": folder / "model.safetensors", "history": folder / "history.jsonl", "codes": folder / "codes.npy"}


def train(folder, frontend, packed, cell=CELL, seed=0, **keys):
    """Train a cell, and return its weights, history and codes."""
    train_cell(cell, seed, frontend, 4000, **packed, **outputs(folder), threads=1, **keys)
    history = [json.loads(line) for line in (folder / "history.jsonl").read_text().splitlines()]
    return load_file(folder / "model.safetensors"), history, np.load(folder / "codes.npy")


def changed(frontend, **keys):
    return frontend.model_copy(update={"training": frontend.training.model_copy(update=keys)})


def load(packed, frontend):
    training = frontend.training
    return Corpus.load(**packed, pre_emphasis=training.pre_emphasis, gain=training.gain, device=torch.device("cpu"))


def test_pre_emphasis():
    wave = np.random.default_rng(0).normal(size=(2, 480_000))
    emphasised = pre_emphasise(torch.from_numpy(wave), 0.97).numpy()
    assert emphasised.shape == (2, 479_999)
    np.testing.assert_allclose(emphasised[:, 10], wave[:, 11] - 0.97 * wave[:, 10], rtol=1e-12)
    np.testing.assert_allclose(emphasised, np.convolve(wave.ravel(), [1, -0.97])[:-1].reshape(2, -1)[:, 1:], atol=1e-12)


def test_a_batch_is_the_recordings(packed, frontend):
    corpus = load(packed, frontend)
    waveform, tags, labels = corpus.batch(torch.tensor([13, 2]))
    scale = np.loadtxt(packed["clips"], delimiter=",", skiprows=1, usecols=5)[[13, 2]]
    wave = np.load(packed["waveforms"])[[13, 2]] * scale[:, None, None]
    np.testing.assert_allclose(waveform, 32_000 * (wave[..., 1:] - 0.97 * wave[..., :-1]), rtol=1e-4, atol=0.05)
    np.testing.assert_array_equal(tags, np.load(packed["tags"])["tags"][[13, 2]])
    assert [corpus.scenes[label] for label in labels] == ["park", "bus"]


def test_a_crop_is_a_part_of_the_whole(packed, frontend):
    corpus = load(packed, frontend)
    rows = torch.tensor([3, 0, 7])
    whole, cropped = corpus.batch(rows)[0], corpus.batch(rows, torch.tensor([0, 17, 200]), 200)[0]
    for clip, start in enumerate([0, 17, 200]):
        torch.testing.assert_close(cropped[clip], whole[clip, :, start : start + 199])


def test_shuffled_tags_stay_on_their_side_of_the_split(packed, frontend):
    corpus = load(packed, frontend)
    shuffled = corpus.with_shuffled_tags(0).tags
    for rows in (slice(0, 12), slice(12, 17)):
        assert sorted(shuffled[rows].tolist()) == sorted(corpus.tags[rows].tolist())
        assert not torch.equal(shuffled[rows], corpus.tags[rows])
    assert torch.equal(shuffled, corpus.with_shuffled_tags(0).tags)
    assert not torch.equal(shuffled, corpus.with_shuffled_tags(1).tags)


def test_tags_are_standardised_over_the_training_clips(packed, frontend, tmp_path):
    network = frontend.network.model_copy(update={"standardise_tags": True})
    weights, _, codes = train(tmp_path, frontend.model_copy(update={"network": network}), packed, "codecat")
    tags = np.load(packed["tags"])["tags"].astype(float)
    np.testing.assert_allclose(weights["standardise.mean"], tags[:12].mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(weights["standardise.deviation"], tags[:12].std(axis=0), rtol=1e-5)
    expected = (tags - tags[:12].mean(axis=0)) / tags[:12].std(axis=0)
    np.testing.assert_allclose(codes[0, :, 4:], expected, rtol=1e-3, atol=1e-3)


def test_an_epoch_is_a_permutation_without_the_incomplete_batch(packed, frontend):
    corpus, random = load(packed, frontend), np.random.default_rng(0)
    epochs = [list(draw_epoch(1, corpus, frontend.training, None, random)) for _ in range(200)]
    orders = [torch.cat([batch.rows for batch in epoch]).tolist() for epoch in epochs]
    assert {len(epoch) for epoch in epochs} == {2}
    assert {len(set(order)) for order in orders} == {10}
    assert set.union(*map(set, orders)) == set(range(12))
    assert len({tuple(order) for order in orders}) == 200


def test_mix_up_begins_at_its_epoch(packed, frontend):
    corpus, random = load(packed, frontend), np.random.default_rng(0)
    for epoch, mixed in [(1, False), (6, False), (7, True), (8, True)]:
        training = changed(frontend, mix_up_from_epoch=7).training
        for batch in draw_epoch(epoch, corpus, training, None, random):
            assert (batch.share < 1) == mixed
            assert sorted(batch.partners.tolist()) == [0, 1, 2, 3, 4]


def test_crops_begin_anywhere(packed, frontend):
    corpus, random = load(packed, frontend), np.random.default_rng(0)
    drawn = [batch.starts for _ in range(30) for batch in draw_epoch(1, corpus, frontend.training, 395, random)]
    assert set(torch.cat(drawn).tolist()) == {0, 1, 2, 3, 4, 5}


@pytest.mark.parametrize("mix_tags", [True, False])
def test_the_loss_of_a_mixed_batch(packed, frontend, mix_tags):
    corpus = load(packed, frontend)
    batch = replace(next(draw_epoch(2, corpus, frontend.training, None, np.random.default_rng(0))), share=0.3)
    torch.manual_seed(0)
    network = SceneNetwork(parse(CELL), frontend.network, 2, 5, 2)
    loss, right = batch_loss(network, corpus, batch, None, changed(frontend, mix_tags=mix_tags).training)
    waveform, tags, labels = (values.numpy() for values in corpus.batch(batch.rows))
    partners = batch.partners.numpy()
    other_tags = tags[partners] if mix_tags else tags
    mixed = 0.3 * waveform + 0.7 * waveform[partners], 0.3 * tags + 0.7 * other_tags
    scores = network(*map(torch.from_numpy, mixed))[1].detach().double().numpy()
    logarithms = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    own, partner = logarithms[range(5), labels], logarithms[range(5), labels[partners]]
    assert loss.item() == pytest.approx(-(0.3 * own + 0.7 * partner).mean(), rel=1e-5)
    assert int(right) == (scores.argmax(axis=1) == labels[partners]).sum()


@pytest.mark.parametrize(("amsgrad", "centre_loss"), [(True, 0.0), (False, 0.0), (True, 0.1)])
def test_a_training_is_a_plain_loop(packed, frontend, tmp_path, monkeypatch, amsgrad, centre_loss):
    """Own batches, own mix-up and own Adam, in double precision."""
    settings = changed(frontend, epochs=10, pre_emphasis=0.5, weight_decay=0.01, amsgrad=amsgrad)
    settings = changed(settings, centre_loss=centre_loss)
    single = load(packed, settings)  # int16 and a coefficient of 0.5 leave no rounding
    double = replace(single, scale=single.scale.double(), tags=single.tags.double())
    monkeypatch.setattr(Corpus, "load", lambda *_, **__: double)
    torch.set_default_dtype(torch.float64)
    try:
        weights, history, _ = train(tmp_path, settings, packed, seed=5)
        torch.manual_seed(5)
        network = SceneNetwork(parse(CELL), settings.network, 2, 5, 2)
        centres = torch.randn(2, 4)  # the next that is drawn, and never learned
    finally:
        torch.set_default_dtype(torch.float32)

    integers = torch.from_numpy(np.load(packed["waveforms"])).double()
    waves = 32_000 * double.scale[:, None, None] * (integers[:, :, 1:] - 0.5 * integers[:, :, :-1])
    truth = torch.eye(2, dtype=torch.float64)[double.labels]
    random, step, losses = np.random.default_rng(5), 0, []
    parameters = list(network.parameters())
    mean, square, largest = ([torch.zeros_like(p) for p in parameters] for _ in range(3))
    for epoch in range(1, 11):
        order = random.permutation(12)
        for rows in (order[:5], order[5:10]):
            share, partners = 1.0, rows
            if epoch >= 2:
                share = random.beta(1.0, 1.0)
                partners = rows[random.permutation(5)]
            wave, tag, target = (share * v[rows] + (1 - share) * v[partners] for v in (waves, double.tags, truth))
            code, scores = network(wave, tag)
            loss = -(target * scores.log_softmax(dim=1)).sum(dim=1).mean()
            for clip in range(5):
                for scene in range(2):
                    distance = ((code[clip] - centres[scene]) ** 2).sum()
                    loss = loss + centre_loss * target[clip, scene] * distance / 5
            gradients = torch.autograd.grad(loss, parameters)
            step += 1
            losses.append(loss.item())
            for p, gradient, m, v, top in zip(parameters, gradients, mean, square, largest, strict=True):
                decayed = gradient + 0.01 * p.detach()
                m.copy_(0.9 * m + 0.1 * decayed)
                v.copy_(0.999 * v + 0.001 * decayed**2)
                top.copy_(torch.maximum(top, v) if amsgrad else v)
                p.data -= 1e-3 * (m / (1 - 0.9**step)) / (torch.sqrt(top / (1 - 0.999**step)) + 1e-8)

    np.testing.assert_allclose([row["loss"] for row in history], np.reshape(losses, (10, 2)).mean(axis=1), rtol=1e-6)
    for name, values in network.state_dict().items():
        torch.testing.assert_close(weights[name], values, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("cell", FAMILIES)
def test_every_family_learns_two_tones(packed, frontend, tmp_path, cell):
    settings = changed(frontend, epochs=25, learning_rate=1e-2, mix_up_from_epoch=99)
    weights, history, codes = train(tmp_path, settings, packed, cell)
    assert history[-1]["loss"] < 0.4 * history[0]["loss"]
    assert history[-1]["train_accuracy"] == 1
    assert history[-1]["evaluate_accuracy"] == 1
    assert codes.shape == (1, 17, 9 if cell == "codecat" else 4)
    assert codes.dtype == np.float16
    network = SceneNetwork(parse(cell), settings.network, 2, 5, 2).eval()
    network.load_state_dict(weights)
    with torch.no_grad():
        expected = network(*load(packed, settings).batch(torch.arange(17))[:2])[0]
    np.testing.assert_allclose(codes[0], expected, rtol=2e-3, atol=1e-3)


def test_the_history(packed, frontend, tmp_path):
    _, history, _ = train(tmp_path, frontend, packed)
    assert [row["epoch"] for row in history] == [1, 2, 3, 4]
    keys = ["epoch", "loss", "train_accuracy", "learning_rate", "seconds", "clips_per_second", "peak_memory_mb"]
    assert [list(row) for row in history] == [keys] * 3 + [[*keys, "evaluate_accuracy"]]
    assert {row["learning_rate"] for row in history} == {1e-3}
    assert {row["train_accuracy"] for row in history} <= {n / 10 for n in range(11)}


def test_a_seed_repeats_itself_bit_by_bit(packed, frontend, tmp_path):
    first, again, other = (
        train(tmp_path / name, frontend, packed, seed=seed) for name, seed in [("a", 1), ("b", 1), ("c", 2)]
    )
    assert (tmp_path / "a/model.safetensors").read_bytes() == (tmp_path / "b/model.safetensors").read_bytes()
    assert [row["loss"] for row in first[1]] == [row["loss"] for row in again[1]]
    np.testing.assert_array_equal(first[2], again[2])
    assert not torch.equal(first[0]["output.weight"], other[0]["output.weight"])
    assert [row["loss"] for row in first[1]] != [row["loss"] for row in other[1]]


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


def test_a_killed_training_goes_on_bit_by_bit(packed, frontend, tmp_path, capsys):
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

whole, steps = trainer.batch_loss, []

def loss_and_stop(*arguments):
    steps.append(1)
    if len(steps) == 6:  # in the third epoch, of two batches each; twice, as SLURM does
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGTERM)
    return whole(*arguments)

trainer.batch_loss = loss_and_stop
cell, frontend, paths, log = sys.argv[1:]
paths = {name: Path(path) for name, path in json.loads(paths).items()}
with job(SimpleNamespace(log=[log])):
    train_cell(
        cell, 3, Frontend.model_validate_json(frontend), 4000, **paths, threads=1, checkpoint_interval=3600
    )
"""


def test_a_training_that_is_told_to_stop_in_an_epoch_loses_only_that_one(packed, frontend, tmp_path, capsys):
    folder, log = tmp_path / "stopped", tmp_path / "train.log"
    paths = json.dumps({name: str(path) for name, path in (packed | outputs(folder)).items()})
    stopped = subprocess.run(
        [sys.executable, "-c", STOPPED, CELL, frontend.model_dump_json(), paths, log],
        env=os.environ | {"CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        check=False,
    )
    assert stopped.returncode == 128 + SIGTERM, stopped.stderr.decode()
    assert [path.name for path in folder.iterdir()] == ["checkpoint.safetensors"]
    assert "the next attempt goes on from" in log.read_text()
    assert log.read_text().endswith("tagasc: stopped by SIGTERM\n")

    _, resumed, _ = train(folder, frontend, packed, seed=3)
    assert "going on after epoch 2" in capsys.readouterr().err
    _, whole, _ = train(tmp_path / "whole", frontend, packed, seed=3)
    assert (folder / "model.safetensors").read_bytes() == (tmp_path / "whole/model.safetensors").read_bytes()
    assert [row["loss"] for row in resumed] == [row["loss"] for row in whole]


def test_codes_are_kept_by_epoch_and_change_nothing(packed, frontend, tmp_path):
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


def test_a_killed_training_keeps_the_codes_of_its_first_epochs(packed, frontend, tmp_path):
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


def test_a_checkpoint_without_the_codes_so_far_is_not_used(packed, frontend, tmp_path, monkeypatch, capsys):
    given = {"codes_by_epoch": tmp_path / "codes-every1.npy", "code_epochs": [1, 2, 3, 4]}
    with monkeypatch.context() as patch:
        patch.setattr(Checkpoint, "remove", lambda _: None)
        train(tmp_path, frontend, packed, checkpoint_interval=0, **given)
    codes = (tmp_path / "codes-every1.npy").read_bytes()  # the unfinished file has become this one
    (tmp_path / "codes-every1.npy").unlink()
    train(tmp_path, frontend, packed, **given)
    assert "going on" not in capsys.readouterr().err
    assert (tmp_path / "codes-every1.npy").read_bytes() == codes


@pytest.mark.parametrize("cell", FAMILIES)
def test_bfloat16_learns_what_float32_learns(packed, frontend, tmp_path, cell):
    settings = changed(frontend, epochs=25, learning_rate=1e-2, mix_up_from_epoch=99)
    half = settings.model_copy(update={"network": settings.network.model_copy(update={"precision": "bfloat16"})})
    weights, history, codes = train(tmp_path / "half", half, packed, cell)
    reference = train(tmp_path / "single", settings, packed, cell)[1]
    assert {values.dtype for values in weights.values()} == {torch.float32, torch.int64}
    assert history[0]["loss"] == pytest.approx(reference[0]["loss"], rel=0.05)
    assert history[0]["loss"] != reference[0]["loss"]
    assert history[-1]["loss"] < 0.4 * history[0]["loss"]
    assert history[-1]["evaluate_accuracy"] == 1
    assert np.isfinite(codes).all()


def test_a_checkpoint_of_other_parameters_is_ignored(packed, frontend, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(Checkpoint, "remove", lambda _: None)
    train(tmp_path, changed(frontend, learning_rate=2e-3), packed, checkpoint_interval=0)
    assert (tmp_path / "checkpoint.safetensors").exists()
    train(tmp_path, frontend, packed)
    assert "checkpoint.safetensors belongs to other parameters or inputs" in capsys.readouterr().err
    train(tmp_path / "anew", frontend, packed)
    assert (tmp_path / "model.safetensors").read_bytes() == (tmp_path / "anew/model.safetensors").read_bytes()


def test_crops_train_but_codes_are_of_whole_clips(packed, frontend, tmp_path):
    settings = changed(frontend, crop=0.09)
    weights, history, codes = train(tmp_path / "crop", settings, packed)
    whole = train(tmp_path / "whole", frontend, packed)[1]
    assert history[0]["loss"] != whole[0]["loss"]
    network = SceneNetwork(parse(CELL), settings.network, 2, 5, 2).eval()
    network.load_state_dict(weights)
    with torch.no_grad():
        expected = network(*load(packed, settings).batch(torch.arange(17))[:2])[0]
    np.testing.assert_allclose(codes[0], expected, rtol=2e-3, atol=1e-3)
    longer = train(tmp_path / "longer", changed(frontend, crop=60), packed)[1]  # than the clips
    assert longer[0]["loss"] == whole[0]["loss"]


def test_a_loss_that_is_not_a_number(packed, frontend, tmp_path):
    with pytest.raises(
        InputError, match=r"loss of shared-heads2-layers1 is not a number in epoch [12], batch \d of \d; lower "
    ):
        train(tmp_path, changed(frontend, learning_rate=1e30), packed)
    assert not (tmp_path / "model.safetensors").exists()


def test_fewer_clips_than_a_batch(packed, frontend, tmp_path):
    with pytest.raises(InputError, match=r"training.batch: 13 is more than the 12 training clips; "):
        train(tmp_path, changed(frontend, batch=13), packed)
    train(tmp_path, changed(frontend, batch=12), packed)
