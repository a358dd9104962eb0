import json

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import load_file

from tagasc.config import Frontend, Network, Training
from tagasc.frontend.corpus import Corpus
from tagasc.frontend.training import train_cell
from tagasc.tagger.cache import Tags, save_tags


@pytest.fixture(autouse=True)
def one_cpu_thread(monkeypatch):
    """Results are repeatable bit by bit on the CPU, for the same number of threads."""
    torch.set_num_threads(1)
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)


@pytest.fixture
def packed(tmp_path):
    """Write 17 stereo clips of 0.1 s at 4 kHz, and their tags; the scenes are noisy tones of 300 and 1100 Hz."""
    random = np.random.default_rng(0)
    scene = np.arange(17) % 2
    tone = np.sin(2 * np.pi * np.array([300, 1100])[scene, None] * np.arange(400) / 4000)
    waveforms = random.normal(0, 2000, (17, 2, 400)) + 8000 * tone[:, None]
    np.save(tmp_path / "waveforms.npy", waveforms.astype(np.int16))
    names = [f"{n}.wav" for n in range(17)]
    clips = pd.DataFrame(
        {
            "filename": names,
            "scene": np.array(["bus", "park"])[scene],
            "city": "oslo",
            "location": [f"oslo-{n}" for n in range(17)],
            "split": ["train"] * 12 + ["evaluate"] * 4 + ["unused"],
            "scale": random.uniform(0.5, 1.0, 17) / 32768,
        }
    )
    clips.to_csv(tmp_path / "clips.csv", index=False)
    vectors = random.uniform(0, 1, (17, 5)).astype(np.float32)
    save_tags(tmp_path / "tags.npz", Tags(vectors, list("abcde"), names))
    return {"clips": tmp_path / "clips.csv", "waveforms": tmp_path / "waveforms.npy", "tags": tmp_path / "tags.npz"}


@pytest.fixture
def frontend():
    """A network of 8 filters, and batches of 5: of the 12 training clips 2 are left over in each epoch."""
    return Frontend(
        network=Network(filters=8, blocks=3, code=4),
        training=Training(epochs=4, batch=5, learning_rate=1e-3, mix_up_from_epoch=2, mix_up_alpha=1.0),
    )


@pytest.fixture
def outputs():
    """Name the files of a training in a folder."""

    def name(folder):
        files = {"model": "model.safetensors", "history": "history.jsonl", "codes": "codes.npy"}
        return {name: folder / file for name, file in files.items()}

    return name


@pytest.fixture
def train(outputs):
    """Train a cell, and return its weights, history and codes."""

    def run(folder, frontend, packed, cell="shared-heads2-layers1", seed=0, **keys):
        train_cell(cell, seed, frontend, 4000, **packed, **outputs(folder), threads=1, **keys)
        history = [json.loads(line) for line in (folder / "history.jsonl").read_text().splitlines()]
        return load_file(folder / "model.safetensors"), history, np.load(folder / "codes.npy")

    return run


@pytest.fixture
def changed():
    """Change keys of the training section."""

    def change(frontend, **keys):
        return frontend.model_copy(update={"training": frontend.training.model_copy(update=keys)})

    return change


@pytest.fixture
def load_corpus():
    """Load the packed corpus on the CPU."""

    def load(packed, frontend):
        keys = {"pre_emphasis": frontend.training.pre_emphasis, "gain": frontend.training.gain}
        return Corpus.load(**packed, **keys, device=torch.device("cpu"))

    return load
