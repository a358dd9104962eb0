import numpy as np
import pandas as pd
import pytest
import torch

from tagasc.config import Tagger
from tagasc.tagger.network import TwoHeadedResNet


@pytest.fixture(autouse=True)
def one_cpu_thread(monkeypatch):
    """Results are repeatable bit by bit on the CPU, for the same number of threads."""
    torch.set_num_threads(1)
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)


@pytest.fixture
def settings():
    """Two folds, batches of 4, and slices of 32 frames; every epoch is a cycle."""
    return Tagger(
        layers=[1, 1, 1, 1],
        head_width=8,
        folds=2,
        batch=4,
        slice_frames=32,
        cycle_epochs=1,
        mask_half_width=[2, 4],
        tag_padding=2,
    )


@pytest.fixture
def packed(tmp_path):
    """Write 10 curated, 6 noisy and 4 test clips of 10 to 60 frames; each of 3 labels is loud in 5 of 16 bands."""
    random = np.random.default_rng(0)
    subsets = ["curated"] * 10 + ["noisy"] * 6 + ["test"] * 4
    labels = ["bark", "rain", "bark,siren", "siren"] * 5
    frames = random.integers(10, 61, 20)
    mel = random.uniform(0.01, 0.1, (frames.sum(), 16))
    for row, start in enumerate(frames.cumsum() - frames):
        for label in labels[row].split(","):
            band = 5 * ["bark", "rain", "siren"].index(label)
            mel[start : start + frames[row], band : band + 5] *= 100
    clips = pd.DataFrame(
        {
            "filename": [f"{n}.wav" for n in range(20)],
            "subset": subsets,
            "labels": labels,
            "start": frames.cumsum() - frames,
            "frames": frames,
            "scale": random.uniform(0.5, 1.0, 20),
        }
    )
    clips.to_csv(tmp_path / "clips.csv", index=False)
    pd.DataFrame({"label": ["bark", "rain", "siren"]}).to_csv(tmp_path / "labels.csv", index=False)
    np.save(tmp_path / "mel.npy", mel.astype(np.float16))
    return {"clips": tmp_path / "clips.csv", "labels": tmp_path / "labels.csv", "mel": tmp_path / "mel.npy"}


@pytest.fixture
def snapshots(settings, tmp_path):
    """The weights of two untrained networks for 3 labels, spread so that their tags differ from clip to clip."""
    paths = []
    for fold in range(2):
        torch.manual_seed(fold)
        network = TwoHeadedResNet(settings, 3)
        for _ in range(20):
            network(torch.randn(4, 1, 16, 40))
        torch.nn.init.normal_(network.curated_head[6].weight, 0, 5)
        paths.append(tmp_path / f"fold{fold}.safetensors")
        network.save(paths[-1])
    return paths
