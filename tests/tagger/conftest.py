import numpy as np
import pandas as pd
import pytest
import torch

from tagasc.artifacts.events import CLIPS, LABELS, MEL_POWER, read_events
from tagasc.artifacts.weights import SNAPSHOTS, write_weights
from tagasc.config import Features, Folds, Tagger, TaggerNetwork, TaggerTraining, Tagging
from tagasc.tagger.augmentation import Augmentation
from tagasc.tagger.clip_power import ClipPower
from tagasc.tagger.ensemble import Ensemble
from tagasc.tagger.log_mel import LogMel
from tagasc.tagger.network import TwoHeadedResNet
from tests.fakes.cuda import fake_gpu  # noqa: F401 - a fixture


@pytest.fixture(autouse=True)
def one_cpu_thread(monkeypatch):
    """Compute on one CPU thread: results are then the same bit for bit."""
    torch.set_num_threads(1)
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")


@pytest.fixture
def settings():
    """Return settings with two folds, batches of 4, and slices of 32 frames; every epoch is a cycle."""
    return Tagger(
        network=TaggerNetwork(layers=[1, 1, 1, 1], head_width=8, precision="float32"),
        folds=Folds(n_splits=2),
        training=TaggerTraining(batch_size=4, slice_frames=32, cycle_epochs=1, mask_half_width=[2, 4]),
        tagging=Tagging(padding=2, batch_frames=128),
    )


@pytest.fixture
def packed(tmp_path):
    """Write 10 curated, 6 noisy and 4 test clips of 10 to 60 frames; each of 3 labels is loud in 5 of 16 bands."""
    random = np.random.default_rng(0)
    labels = ["bark", "rain", "bark,siren", "siren"] * 5
    frames = random.integers(10, 61, 20)
    mel_power = random.uniform(0.01, 0.1, (frames.sum(), 16))
    for row, start in enumerate(frames.cumsum() - frames):
        for label in labels[row].split(","):
            band = 5 * ["bark", "rain", "siren"].index(label)
            mel_power[start : start + frames[row], band : band + 5] *= 100
    clips = {
        "filename": [f"{n}.wav" for n in range(20)],
        "subset": ["curated"] * 10 + ["noisy"] * 6 + ["test"] * 4,
        "labels": labels,
        "start": frames.cumsum() - frames,
        "frames": frames,
        "scale": random.uniform(0.5, 1.0, 20),
    }
    names = {"clips": "clips.csv", "labels": "labels.csv", "mel_power": "mel_power.npy"}
    files = {key: tmp_path / name for key, name in names.items()}
    CLIPS.write(files["clips"], pd.DataFrame(clips))
    LABELS.write(files["labels"], pd.DataFrame({"label": ["bark", "rain", "siren"]}))
    MEL_POWER.write(files["mel_power"], mel_power)
    return files


@pytest.fixture
def events(packed):
    return read_events(*packed.values())


@pytest.fixture
def augment(events, settings):
    """Return a function that draws clips at positions of a pool, and returns their spectrograms and targets."""

    def run(pool, positions):
        power = ClipPower.load(events, settings.network, pool.training, torch.device("cpu"), 1)
        augmentation = Augmentation(power, pool.training.slice_frames, LogMel(Features()))
        (draws,) = augmentation.load([pool.draw(np.asarray(positions))])
        return augmentation.spectrograms(draws), draws.targets

    return run


@pytest.fixture
def snapshots(settings, tmp_path):
    """Write the weights of two untrained networks for 3 labels, spread so that their tags differ between clips."""
    paths = []
    for fold in range(2):
        torch.manual_seed(fold)
        network = TwoHeadedResNet(settings.network, 3)
        for _ in range(20):
            network(torch.randn(4, 1, 16, 40))
        torch.nn.init.normal_(network.curated_head[6].weight, 0, 5)
        paths.append(tmp_path / f"fold{fold}.safetensors")
        write_weights(SNAPSHOTS, paths[-1], network)
    return paths


@pytest.fixture
def ensemble(settings):
    """Return a function that loads an ensemble of snapshots."""

    def load(paths, padding=0, batch_frames=128):
        networks = [TwoHeadedResNet.load(path, settings.network, 3, torch.device("cpu")) for path in paths]
        return Ensemble(networks, Features(), batch_frames, padding)

    return load
