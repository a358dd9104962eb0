"""Codes of random crops of the training clips, on which Jung et al. (2019) [22] fit their support vector machines."""

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.random import SeedSequence, default_rng

from tagasc.artifacts.codes import CROP_CODES, CROP_CODES_BY_EPOCH, read_crop_codes
from tagasc.frontend.network import SceneNetwork
from tagasc.paper.grid import parse
from tagasc.training.session import TrainingSession

CELL = "shared-heads2-layers1"
TRAIN, BATCH, SAMPLES = 12, 5, 400


@pytest.fixture
def train_with_crops(packed, train):
    """Train a cell that also writes codes of crops, by epoch if epochs are given; return weights, codes and both."""

    def run(folder, frontend, seed=0, epochs=()):
        last, every = folder / "codes-crops.npy", folder / "codes-crops-every1.npy"
        optional = {"codes_by_epoch": folder / "codes-every1.npy", "crop_codes_by_epoch": every} if epochs else {}
        weights, _, codes = train(
            folder, frontend, packed, CELL, seed, crop_codes=last, code_epochs=list(epochs), **optional
        )
        by_epoch = read_crop_codes(CROP_CODES_BY_EPOCH, every, (len(epochs), TRAIN, 4)) if epochs else None
        return weights, codes, read_crop_codes(CROP_CODES, last, (1, TRAIN, 4))[0], by_epoch

    return run


def without_code(codes):
    return np.flatnonzero(np.isnan(codes).all(axis=1)).tolist()


@pytest.mark.parametrize(("crop", "length"), [(0.085, 340), ("auto", 360)])
def test_codes_are_those_of_random_crops(packed, frontend, tmp_path, train_with_crops, changed, crop, length):
    """They equal an own computation with numpy's waveforms. ``auto`` is 10 ms, 40 samples, less than a clip."""
    settings = changed(frontend, crop=crop)
    weights, _, codes, _ = train_with_crops(tmp_path / "trained", settings, seed=7)
    random = default_rng(SeedSequence(7, spawn_key=(4,)))
    order = random.permutation(TRAIN)
    kept, dropped = order[:10], order[10:]
    starts = random.integers(0, SAMPLES - 1 - length + 1, 10)
    assert without_code(codes) == sorted(dropped)

    scale = pd.read_csv(packed["clips"])["scale"].to_numpy()[:, None, None]
    wave = np.load(packed["waveforms"]) * scale
    wave = 32_000 * (wave[:, :, 1:] - settings.training.preemphasis * wave[:, :, :-1])
    crops = np.stack([wave[clip, :, start : start + length] for clip, start in zip(kept, starts, strict=True)])
    network = SceneNetwork(parse(CELL), settings.network, 2, 5, 2)
    network.load_state_dict(weights)
    tags = torch.from_numpy(np.load(packed["tags"])["tags"][kept])
    with torch.no_grad():
        expected = network.eval()(torch.from_numpy(crops).float(), tags)[0]
    np.testing.assert_allclose(codes[kept], expected, rtol=2e-3, atol=1e-3)


def test_without_crops_they_are_codes_of_whole_clips(frontend, tmp_path, train_with_crops, changed):
    _, codes, crops, _ = train_with_crops(tmp_path, changed(frontend, crop=None))
    known = np.isfinite(crops).all(axis=1)
    assert known.sum() == 10
    np.testing.assert_allclose(crops[known], codes[0, :TRAIN][known], rtol=2e-3, atol=1e-3)


def test_each_epoch_has_crops_of_its_own_and_the_training_stays_as_it_is(
    packed, frontend, tmp_path, train, train_with_crops, changed
):
    plain_weights, _, plain_codes = train(tmp_path / "plain", frontend, packed, CELL)
    weights, codes, last, every = train_with_crops(tmp_path / "crops", frontend, epochs=[1, 2, 3, 4])
    for name, values in plain_weights.items():
        assert torch.equal(values, weights[name])
    np.testing.assert_array_equal(codes, plain_codes)
    np.testing.assert_array_equal(every[3], last)
    assert [len(without_code(of_epoch)) for of_epoch in every] == [2, 2, 2, 2]
    assert len({tuple(without_code(of_epoch)) for of_epoch in every}) > 1
    # The codes of an epoch are those with which a training of that many epochs ends.
    _, _, shorter, _ = train_with_crops(tmp_path / "shorter", changed(frontend, epochs=2))
    np.testing.assert_array_equal(every[1], shorter)


@pytest.fixture
def stop(monkeypatch):
    """Stop trainings after their second epoch, until the returned function is called."""
    save = TrainingSession._save

    def save_and_stop(session):
        save(session)
        if len(session.history) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(TrainingSession, "_save", save_and_stop)
    return lambda: monkeypatch.setattr(TrainingSession, "_save", save)


def test_a_stopped_training_keeps_the_codes_of_its_first_epochs(frontend, tmp_path, capsys, train_with_crops, stop):
    with pytest.raises(KeyboardInterrupt):
        train_with_crops(tmp_path / "stopped", frontend, epochs=[1, 2, 3, 4])
    stop()
    *_, last, every = train_with_crops(tmp_path / "stopped", frontend, epochs=[1, 2, 3, 4])
    assert "continuing after epoch 2" in capsys.readouterr().err
    *_, expected_last, expected = train_with_crops(tmp_path / "whole", frontend, epochs=[1, 2, 3, 4])
    np.testing.assert_array_equal(every, expected)
    np.testing.assert_array_equal(last, expected_last)


def test_a_checkpoint_without_crops_is_ignored_if_those_of_its_epochs_are_needed(
    packed, frontend, tmp_path, capsys, train, train_with_crops, stop
):
    epochs, folder = [1, 2, 3, 4], tmp_path / "stopped"
    with pytest.raises(KeyboardInterrupt):
        train(folder, frontend, packed, CELL, codes_by_epoch=folder / "codes-every1.npy", code_epochs=epochs)
    stop()
    *_, every = train_with_crops(folder, frontend, epochs=epochs)
    assert "continuing" not in capsys.readouterr().err
    assert np.isfinite(every).all(axis=2).sum(axis=1).tolist() == [10, 10, 10, 10]
