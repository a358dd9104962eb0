import json

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from sklearn.model_selection import KFold

from tagasc.corpora.packed import load_events
from tagasc.errors import InputError
from tagasc.tagger.checkpoint import Checkpoint
from tagasc.tagger.lwlrap import lwlrap
from tagasc.tagger.network import TwoHeadedResNet
from tagasc.tagger.prediction import tag_events
from tagasc.tagger.training import learning_rate, pools_of_fold, step_loss, train_fold


def train(folder, settings, packed, cycles=2, **keys):
    """Train fold 1, and return its snapshots and history."""
    snapshots = [folder / f"cycle{n}.safetensors" for n in range(cycles)]
    train_fold(1, settings, **packed, snapshots=snapshots, history=folder / "history.jsonl", threads=1, **keys)
    history = [json.loads(line) for line in (folder / "history.jsonl").read_text().splitlines()]
    return snapshots, history


@pytest.fixture
def soft_labels(tmp_path):
    soft = np.random.default_rng(0).dirichlet(np.ones(3), 6).astype(np.float32)
    np.save(tmp_path / "soft.npy", soft)
    return tmp_path / "soft.npy"


def test_the_learning_rate_restarts_like_torch(settings):
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=1e-3)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, T_0=63, eta_min=1e-6)
    for step in range(200):
        assert learning_rate(step, 63, settings) == pytest.approx(scheduler.get_last_lr()[0], rel=1e-9)
        optimizer.step()
        scheduler.step()
    assert [learning_rate(step, 63, settings) for step in (0, 63, 126)] == [1e-3] * 3
    assert 1e-6 < learning_rate(62, 63, settings) < 2e-6


def test_a_fold_holds_out_curated_clips_and_keeps_all_noisy_ones(settings, packed):
    events = load_events(*packed.values())
    settings = settings.model_copy(update={"folds": 3})
    held_out = []
    for fold, (train, test) in enumerate(KFold(3, shuffle=True, random_state=42).split(np.arange(10))):
        pools = pools_of_fold(events, fold, settings, None)
        assert pools.curated.rows.tolist() == train.tolist()
        assert pools.held_out.tolist() == test.tolist()
        assert pools.noisy.rows.tolist() == list(range(10, 16))
        np.testing.assert_array_equal(pools.curated.targets, events.targets[train])
        np.testing.assert_array_equal(pools.noisy.targets, events.targets[10:16])
        assert pools.soft is None
        held_out += test.tolist()
    assert sorted(held_out) == list(range(10))


def test_curated_and_noisy_clips_share_the_soft_pool(settings, packed, soft_labels):
    events = load_events(*packed.values())
    pools = pools_of_fold(events, 0, settings, soft_labels)
    assert pools.soft.rows.tolist() == [*pools.curated.rows, *range(10, 16)]
    np.testing.assert_array_equal(pools.soft.targets[:5], events.targets[pools.curated.rows])
    np.testing.assert_array_equal(pools.soft.targets[5:], np.load(soft_labels))
    np.testing.assert_allclose(pools.soft.probability, [1 / 10] * 5 + [1 / 12] * 6)
    uneven = pools_of_fold(events, 0, settings.model_copy(update={"soft_curated_share": 0.2}), soft_labels)
    np.testing.assert_allclose(uneven.soft.probability, [0.2 / 5] * 5 + [0.8 / 6] * 6)


def test_fewer_clips_than_folds(settings, packed):
    events = load_events(*packed.values())
    with pytest.raises(InputError, match=r"tagger\.folds: 11 folds need as many curated clips, and there are 10"):
        pools_of_fold(events, 0, settings.model_copy(update={"folds": 11}), None)


@pytest.mark.parametrize("double_sigmoid", [False, True])
@pytest.mark.parametrize("soft", [False, True])
def test_the_loss_of_a_step(settings, soft, double_sigmoid):
    settings = settings.model_copy(update={"noisy_double_sigmoid": double_sigmoid})
    torch.manual_seed(0)
    network = TwoHeadedResNet(settings, 3).double().eval()
    parts = [(torch.randn(n, 1, 16, 32).double(), torch.rand(n, 3).double()) for n in (2, 3, 4)]
    loss = step_loss(network, *parts[:2], parts[2] if soft else None, settings).item()
    heads = [network.curated_head, network.noisy_head, network.curated_head]
    scores = [head(network(images)).detach().numpy() for head, (images, _) in zip(heads, parts, strict=True)]
    curated, noisy, third = (1 / (1 + np.exp(-each)) for each in scores)
    if double_sigmoid:
        noisy = 1 / (1 + np.exp(-noisy))
    targets = [each.numpy() for _, each in parts]
    expected = -(targets[0] * np.log(curated) + (1 - targets[0]) * np.log(1 - curated)).mean()
    expected -= (targets[1] * np.log(noisy) + (1 - targets[1]) * np.log(1 - noisy)).mean()
    if soft:
        expected += 20 * ((third - targets[2]) ** 2).mean()
    assert loss == pytest.approx(expected, rel=1e-9)


def test_all_parts_of_a_step_share_the_batch_statistics(settings):
    network = TwoHeadedResNet(settings, 3)
    part = torch.randn(2, 1, 16, 32), torch.rand(2, 3)
    step_loss(network, part, part, part, settings)
    assert network.trunk.bn1.num_batches_tracked == 1


def test_stage_1_keeps_a_snapshot_of_each_cycle(settings, packed, tmp_path):
    settings = settings.model_copy(update={"cycle_epochs": 2})
    (first, last), history = train(tmp_path / "a", settings, packed)
    (only,), _ = train(tmp_path / "b", settings, packed, cycles=1)
    assert first.read_bytes() == only.read_bytes() != last.read_bytes()
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == [first.name, last.name, "history.jsonl"]
    assert [row["epoch"] for row in history] == [1, 2, 3, 4]
    keys = ["epoch", "loss", "learning_rate", "seconds"]
    assert [list(row) for row in history] == [keys] * 3 + [[*keys, "held_out_lwlrap"]]
    # 5 training clips are 2 batches of 4: an epoch ends with step 2 of the cycle's 4, or with the last.
    assert [row["learning_rate"] for row in history] == [learning_rate(n, 4, settings) for n in (1, 3, 1, 3)]

    events = load_events(*packed.values())
    _, held_out = list(KFold(2, shuffle=True, random_state=42).split(np.arange(10)))[1]
    network = TwoHeadedResNet.load(last, settings, 3, torch.device("cpu"))
    tags = tag_events([network], events, held_out, settings, torch.device("cpu"))
    assert history[-1]["held_out_lwlrap"] == pytest.approx(lwlrap(events.targets[held_out], tags))


def test_stage_1_learns_loud_bands(settings, packed, tmp_path):
    plain = {"mix_up_probability": 0.0, "mask_probability": 0.0, "head_dropout": [0.0, 0.0]}
    settings = settings.model_copy(update=plain | {"head_width": 32, "cycle_epochs": 15})
    history = train(tmp_path, settings, packed, cycles=1)[1]
    assert history[-1]["loss"] < 0.6 * history[0]["loss"]


def test_stage_2_goes_on_from_the_weights_of_stage_1(settings, packed, soft_labels, tmp_path):
    (start,), _ = train(tmp_path / "stage1", settings, packed, cycles=1)
    still = settings.model_copy(update={"learning_rate": 1e-9, "lowest_learning_rate": 0.0})
    files = {"start": start, "soft_labels": soft_labels}
    (snapshot,), history = train(tmp_path / "still", still, packed, cycles=1, **files)
    before, after = load_file(start), load_file(snapshot)
    for name in before:
        if "running" not in name and "num_batches" not in name:
            torch.testing.assert_close(after[name], before[name], rtol=0, atol=1e-7)
    unweighted = still.model_copy(update={"soft_label_weight": 0.0})
    without = train(tmp_path / "unweighted", unweighted, packed, cycles=1, **files)[1]
    assert without[0]["loss"] < history[0]["loss"] - 0.1

    (moved,), _ = train(tmp_path / "moved", settings, packed, cycles=1, **files)
    assert (load_file(moved)["trunk.conv1.weight"] - before["trunk.conv1.weight"]).abs().max() > 1e-4


def test_folds_and_seeds_differ(settings, packed, tmp_path):
    weights = []
    for fold, seed in [(0, 0), (1, 0), (0, 1)]:
        snapshot = tmp_path / f"{fold}{seed}.safetensors"
        paths = {"snapshots": [snapshot], "history": tmp_path / "history.jsonl"}
        train_fold(fold, settings.model_copy(update={"seed": seed}), **packed, **paths, threads=1)
        weights.append(load_file(snapshot)["curated_head.6.weight"])
    assert not any(torch.equal(weights[i], weights[j]) for i, j in [(0, 1), (0, 2), (1, 2)])


@pytest.mark.parametrize("interval", [0, 3600])  # written every time, or only because the training has to stop
def test_an_interrupted_training_goes_on_bit_by_bit(
    settings, packed, soft_labels, tmp_path, monkeypatch, capsys, interval
):
    def save_and_stop(*arguments):
        save(*arguments)
        raise KeyboardInterrupt

    save = Checkpoint.save
    TwoHeadedResNet(settings, 3).save(tmp_path / "start.safetensors")
    files = {"start": tmp_path / "start.safetensors", "soft_labels": soft_labels}
    monkeypatch.setattr(Checkpoint, "save", save_and_stop)
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path / "resumed", settings, packed, checkpoint_interval=interval, **files)
    monkeypatch.undo()
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert (tmp_path / "resumed/checkpoint.safetensors").exists()

    for declared in (tmp_path / "resumed").glob("cycle*"):
        declared.unlink()  # as Snakemake does before it repeats a job
    resumed, history = train(tmp_path / "resumed", settings, packed, **files)
    assert "going on after epoch 1" in capsys.readouterr().err
    assert not (tmp_path / "resumed/checkpoint.safetensors").exists()
    whole, expected = train(tmp_path / "whole", settings, packed, **files)
    assert [path.read_bytes() for path in resumed] == [path.read_bytes() for path in whole]
    for key in ("epoch", "loss", "learning_rate"):
        assert [row[key] for row in history] == [row[key] for row in expected]


def test_a_loss_that_is_not_a_number(settings, packed, tmp_path):
    settings = settings.model_copy(update={"learning_rate": 1e30, "lowest_learning_rate": 1e30})
    with pytest.raises(InputError, match=r"tagger's loss is not a number after epoch \d; lower tagger.learning_rate"):
        train(tmp_path, settings, packed)
