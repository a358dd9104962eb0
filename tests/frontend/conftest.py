import json

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import load_file

from tagasc.artifacts.scenes import CLIPS, WAVEFORMS
from tagasc.artifacts.tags import Tags, write_tags
from tagasc.config import Frontend, Network, Training
from tagasc.frontend.dataset import SceneDataset
from tagasc.frontend.train_cell import train_cell
from tagasc.paper.grid import parse
from tests.fakes.cuda import fake_gpu  # noqa: F401 - a fixture


@pytest.fixture(autouse=True)
def one_cpu_thread(monkeypatch):
    """Use one CPU thread: on the CPU, the same number of threads gives the same result bit for bit.

    Torch computes in bfloat16 on any processor; without instructions for it, it takes longer.
    """
    torch.set_num_threads(1)
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    monkeypatch.setattr("tagasc.runtime.precision.multiplies_in_bfloat16", lambda _: True)


@pytest.fixture(scope="session")
def pack():
    """Write 17 stereo clips at 4 kHz and their tags. The scenes are noisy tones of 300 and 1100 Hz."""

    def write(folder, samples):
        random = np.random.default_rng(0)
        scene = np.arange(17) % 2
        tone = np.sin(2 * np.pi * np.array([300, 1100])[scene, None] * np.arange(samples) / 4000)
        waveforms = random.normal(0, 2000, (17, 2, samples)) + 8000 * tone[:, None]
        WAVEFORMS.write(folder / "waveforms.npy", waveforms)
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
        CLIPS.write(folder / "clips.csv", clips)
        vectors = random.uniform(0, 1, (17, 5)).astype(np.float32)
        write_tags(folder / "tags.npz", Tags(vectors, list("abcde"), names))
        return {"clips": folder / "clips.csv", "waveforms": folder / "waveforms.npy", "tags": folder / "tags.npz"}

    return write


@pytest.fixture
def packed(tmp_path, pack):
    """Pack clips of 0.1 s."""
    return pack(tmp_path, 400)


@pytest.fixture
def frontend():
    """Return settings of a network of 8 filters, and of batches of 5: of 12 training clips, each epoch drops 2."""
    return Frontend(
        network=Network(filters=8, blocks=3, code_size=4, precision="float32"),
        training=Training(epochs=4, batch_size=5, learning_rate=1e-3, mixup_from_epoch=2, mixup_alpha=1.0),
    )


@pytest.fixture
def outputs():
    """Return the paths of a training's outputs in a folder."""

    def name(folder):
        files = {"model": "model.safetensors", "history": "history.jsonl", "codes": "codes.npy"}
        return {name: folder / file for name, file in files.items()}

    return name


@pytest.fixture
def train(outputs):
    """Train a cell, and return its weights, history and codes."""

    def run(folder, frontend, packed, cell="shared-heads2-layers1", seed=0, **keys):
        train_cell(parse(cell), seed, frontend, 4000, **packed, **outputs(folder), threads=1, **keys)
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
def load_dataset():
    """Load the packed scenes on the CPU."""

    def load(packed, frontend):
        keys = {"preemphasis": frontend.training.preemphasis, "gain": frontend.training.gain}
        return SceneDataset.load(**packed, **keys, device=torch.device("cpu"))

    return load
