import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from sklearn.model_selection import KFold

from tagasc.artifacts.events import MEL_POWER
from tagasc.artifacts.history import TAGGER_HISTORY, read_history
from tagasc.artifacts.soft_labels import SOFT_LABELS
from tagasc.artifacts.weights import SNAPSHOTS, write_weights
from tagasc.runtime.errors import InputError
from tagasc.tagger.folds import split_fold
from tagasc.tagger.lwlrap import lwlrap
from tagasc.tagger.network import TwoHeadedResNet
from tagasc.tagger.train_fold import SecondStage, train_fold
from tagasc.training.session import CHECKPOINT, TrainingSession


@pytest.fixture
def train(settings, packed):
    """Return a function that trains a fold and returns its snapshots and history; keys change the training section."""

    def run(folder, fold=1, cycles=2, network=settings.network, second_stage=None, interval=60.0, **keys):
        snapshots = [folder / f"snapshot{cycle}.safetensors" for cycle in range(1, cycles + 1)]
        train_fold(
            fold,
            network,
            settings.features,
            settings.folds,
            settings.training.model_copy(update=keys),
            **packed,
            snapshots=snapshots,
            history=folder / "history.jsonl",
            threads=1,
            second_stage=second_stage,
            checkpoint_interval=interval,
        )
        return snapshots, read_history(TAGGER_HISTORY, folder / "history.jsonl")

    return run


@pytest.fixture
def second_stage(settings, tmp_path):
    """Return stage 2's inputs: random weights and random soft labels."""
    torch.manual_seed(0)
    write_weights(SNAPSHOTS, tmp_path / "start.safetensors", TwoHeadedResNet(settings.network, 3))
    SOFT_LABELS.write(tmp_path / "soft.npy", np.random.default_rng(0).dirichlet(np.ones(3), 6))
    return SecondStage(settings.stage2, tmp_path / "start.safetensors", tmp_path / "soft.npy")


def test_stage_1_writes_a_snapshot_at_the_end_of_each_cycle(settings, events, train, ensemble, tmp_path):
    (first, last), history = train(tmp_path / "a", cycle_epochs=2)
    (only,), _ = train(tmp_path / "b", cycles=1, cycle_epochs=2)
    assert first.read_bytes() == only.read_bytes() != last.read_bytes()
    assert sorted(path.name for path in (tmp_path / "a").glob("[!.]*")) == ["history.jsonl", first.name, last.name]
    assert [row["epoch"] for row in history] == [1, 2, 3, 4]
    keys = ["epoch", "loss", "learning_rate", "seconds", "device", "precision"]
    assert [list(row) for row in history] == [keys] * 3 + [[*keys, "held_out_lwlrap"]]
    # 5 training clips are one batch: two steps of descent, the step at the end, and the first step of a restart.
    assert [row["learning_rate"] for row in history] == pytest.approx([1e-3, 5.005e-4, 1e-6, 1e-3])

    _, held_out = split_fold(events, 1, settings.folds)
    tags = ensemble([last]).tag_events(events, held_out)
    assert history[-1]["held_out_lwlrap"] == pytest.approx(lwlrap(events.targets[held_out], tags))


def test_stage_1_learns_loud_bands(settings, train, tmp_path):
    network = settings.network.model_copy(update={"head_width": 32, "head_dropout": [0.0, 0.0]})
    keys = {"mixup_probability": 0.0, "mask_probability": 0.0, "cycle_epochs": 30}
    _, history = train(tmp_path, cycles=1, network=network, **keys)
    assert history[-1]["loss"] < 0.6 * history[0]["loss"]


@pytest.mark.parametrize(
    ("wanted", "multiplies", "used"),
    [("auto", True, "bfloat16"), ("auto", False, "float32"), ("float32", True, "float32")],
)
def test_the_precision_is_settled_and_recorded(settings, train, tmp_path, monkeypatch, wanted, multiplies, used):
    monkeypatch.setattr("tagasc.runtime.precision.multiplies_in_bfloat16", lambda _: multiplies)
    network = settings.network.model_copy(update={"precision": wanted})
    _, history = train(tmp_path, cycles=1, network=network)
    assert {row["precision"] for row in history} == {used}


def test_stage_2_continues_from_the_weights_of_stage_1(settings, train, second_stage, tmp_path):
    (start,), _ = train(tmp_path / "stage1", cycles=1)
    second_stage = SecondStage(second_stage.settings, start, second_stage.soft_labels)
    still = {"cycles": 1, "learning_rate": 1e-9, "min_learning_rate": 0.0}
    (snapshot,), history = train(tmp_path / "still", second_stage=second_stage, **still)
    before, after = load_file(start), load_file(snapshot)
    for name in before:
        if "running" not in name and "num_batches" not in name:
            torch.testing.assert_close(after[name], before[name], rtol=0, atol=1e-7)
    weightless = settings.stage2.model_copy(update={"soft_label_weight": 0.0})
    weightless = SecondStage(weightless, start, second_stage.soft_labels)
    _, without = train(tmp_path / "weightless", second_stage=weightless, **still)
    assert without[0]["loss"] < history[0]["loss"] - 0.1

    (moved,), _ = train(tmp_path / "moved", cycles=1, second_stage=second_stage)
    assert (load_file(moved)["trunk.conv1.weight"] - before["trunk.conv1.weight"]).abs().max() > 1e-4


def test_folds_and_seeds_differ(train, tmp_path):
    weights = []
    for fold, seed in [(0, 0), (1, 0), (0, 1)]:
        (snapshot,), _ = train(tmp_path / f"{fold}-{seed}", fold, cycles=1, seed=seed)
        weights.append(load_file(snapshot)["curated_head.6.weight"])
    assert not any(torch.equal(weights[i], weights[j]) for i, j in [(0, 1), (0, 2), (1, 2)])


@pytest.fixture
def pools(monkeypatch):
    """Return a dictionary that a training fills with its augmented pools, and then stops."""
    found = {}

    def keep(given, *others):  # noqa: ARG001 - the arguments of Batches
        found.update(zip(("curated", "noisy", "soft"), given, strict=False))
        raise InterruptedError

    monkeypatch.setattr("tagasc.tagger.train_fold.Batches", keep)
    return found


def silent_frames(pool, clips):
    """Return how many of the frames of slices of these rows are silent at most."""
    draws = pool.draw(np.flatnonzero(np.isin(pool.pool.rows, clips)).repeat(20))
    return int(pool.training.slice_frames - draws.kept.min())


@pytest.mark.parametrize(("crop", "cropped"), [("all", ["curated", "noisy", "soft"]), ("soft", ["soft"])])
def test_stage_2_crops_slices_of_all_batches(settings, events, train, second_stage, pools, tmp_path, crop, cropped):
    given = settings.stage2.model_copy(update={"crop": crop} if crop == "soft" else {})  # all is the default
    second_stage = SecondStage(given, second_stage.start, second_stage.soft_labels)
    with pytest.raises(InterruptedError):
        train(tmp_path / "run", second_stage=second_stage, mixup_probability=0.0)
    long = np.flatnonzero(events.clips["frames"] >= 32)  # a slice of 32 frames shows no silence unless it is cropped
    assert [kind for kind, pool in pools.items() if silent_frames(pool, long)] == cropped


def test_stage_1_does_not_crop(events, train, pools, tmp_path):
    with pytest.raises(InterruptedError):
        train(tmp_path / "run", mixup_probability=0.0)
    long = np.flatnonzero(events.clips["frames"] >= 32)
    assert "soft" not in pools
    assert [silent_frames(pools[kind], long) for kind in ("curated", "noisy")] == [0, 0]


@pytest.mark.parametrize("by_fold", [True, False])
@pytest.mark.parametrize("fold", [0, 1])
def test_only_soft_labelled_clips_leave_out_noisy_clips_of_the_fold(
    settings, events, train, second_stage, pools, tmp_path, fold, by_fold
):
    given = settings.stage2.model_copy(update={} if by_fold else {"noisy_by_fold": False})  # true is the default
    second_stage = SecondStage(given, second_stage.start, second_stage.soft_labels)
    with pytest.raises(InterruptedError):
        train(tmp_path / "run", fold, second_stage=second_stage)
    curated, _ = split_fold(events, fold, settings.folds)
    kept = list(KFold(2, shuffle=True, random_state=42).split(np.arange(6)))[fold][0] if by_fold else np.arange(6)
    assert pools["curated"].pool.rows.tolist() == curated.tolist()
    assert pools["noisy"].pool.rows.tolist() == list(range(10, 16))
    assert pools["soft"].pool.rows.tolist() == [*curated, *(10 + kept)]
    expected = [*events.targets[curated], *SOFT_LABELS.read(second_stage.soft_labels)[kept]]
    np.testing.assert_array_equal(pools["soft"].pool.targets, expected)


def test_batches_of_one_clip_need_shared_statistics(train, tmp_path):
    message = (
        r"^tagger\.training\.separate_batches: fold 1 .* 5 curated and 6 noisy clips in batches of 1, and .* false"
    )
    with pytest.raises(InputError, match=message):
        train(tmp_path / "run", batch_size=1)
    train(tmp_path / "run", batch_size=1, cycles=1, separate_batches=False)


# Checkpoints are written after every epoch, or only when the process stops.
@pytest.mark.parametrize(("interval", "keys"), [(0, {}), (3600, {"batch_size": 2}), (0, {"separate_batches": False})])
def test_an_interrupted_training_ends_in_the_same_bits(
    train, second_stage, tmp_path, monkeypatch, capsys, interval, keys
):
    def save_and_stop(session):
        save(session)
        raise KeyboardInterrupt

    save = TrainingSession._save
    with monkeypatch.context() as context:
        context.setattr(TrainingSession, "_save", save_and_stop)
        with pytest.raises(KeyboardInterrupt):
            train(tmp_path / "resumed", second_stage=second_stage, interval=interval, **keys)
    names = {path.name for path in (tmp_path / "resumed").glob("[!.]*")}
    assert names == {CHECKPOINT, "unfinished-snapshot1.safetensors"}

    resumed, history = train(tmp_path / "resumed", second_stage=second_stage, **keys)
    assert "continuing after epoch 1" in capsys.readouterr().err
    assert not (tmp_path / "resumed" / CHECKPOINT).exists()
    whole, expected = train(tmp_path / "whole", second_stage=second_stage, **keys)
    assert [path.read_bytes() for path in resumed] == [path.read_bytes() for path in whole]
    for key in ("epoch", "loss", "learning_rate"):
        assert [row[key] for row in history] == [row[key] for row in expected]


def test_a_loss_that_is_not_a_number(train, tmp_path):
    message = (
        r"^tagger\.training\.learning_rate: with 1e\+30, the loss of stage 1, fold \d, is not a number in epoch \d, "
        r"batch \d of \d, and the data are finite; choose a lower one$"
    )
    with pytest.raises(InputError, match=message):
        train(tmp_path, learning_rate=1e30, min_learning_rate=1e30)


def test_a_loss_that_is_not_a_number_names_a_clip_whose_mel_power_is_not_finite(train, packed, tmp_path):
    mel_power = MEL_POWER.read(packed["mel_power"]).copy()
    mel_power[100:] = np.inf
    MEL_POWER.write(packed["mel_power"], mel_power)
    message = r"mel_power\.npy: holds values of \d\.wav that are not finite; .*\(the loss of stage 1, fold \d, is not a"
    with pytest.raises(InputError, match=message):
        train(tmp_path / "run")


def test_soft_labels_that_are_not_finite_are_refused(train, second_stage, tmp_path):
    SOFT_LABELS.write(second_stage.soft_labels, np.full((6, 3), np.nan))
    with pytest.raises(InputError, match=r"soft.npy: holds values outside \[0, 1\].*make_soft_labels"):
        train(tmp_path / "run", second_stage=second_stage)


def test_soft_labels_of_other_clips_are_refused(train, second_stage, tmp_path):
    SOFT_LABELS.write(second_stage.soft_labels, np.ones((5, 3)))
    with pytest.raises(InputError, match=r"soft.npy: has the shape \(5, 3\), expected \(6, 3\).*make_soft_labels"):
        train(tmp_path / "run", second_stage=second_stage)
