"""Tagging of scenes in clips a second with a full network, against the network alone on spectrograms that are there."""

import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from benchmarks.ceilings import fastest
from benchmarks.record import arguments, device, report
from tagasc.config import Events, Tagger
from tagasc.tagger.network import TwoHeadedResNet
from tagasc.tagger.tagging import tag_scenes

SAMPLES, FRAMES, BANDS = 480_000, 1_271, 128


def prepare(folder: Path, clips: int) -> None:
    """Write a packed corpus of random clips, 2 × 480,000 samples each, and a full network with random weights."""
    TwoHeadedResNet(Tagger(), 80).save(folder / "snapshot.safetensors")
    waveforms = np.random.default_rng(0).integers(-32768, 32768, (clips, 2, SAMPLES), dtype=np.int16)
    np.save(folder / "waveforms.npy", waveforms)
    rows = {"filename": [f"{n}.wav" for n in range(clips)], "scene": "bus", "city": "a", "location": "a-1"}
    pd.DataFrame(rows | {"split": "train", "scale": 1 / 32768}).to_csv(folder / "clips.csv", index=False)
    pd.DataFrame({"label": [f"tag{n}" for n in range(80)]}).to_csv(folder / "labels.csv", index=False)


def tag(folder: Path, threads: int) -> None:
    """Tag what `prepare` has left."""
    tag_scenes(
        Tagger(),
        Events(),
        48_000,
        clips=folder / "clips.csv",
        waveforms=folder / "waveforms.npy",
        labels=folder / "labels.csv",
        snapshots=[folder / "snapshot.safetensors"],
        output=folder / "tags.npz",
        threads=threads,
    )


def main() -> None:
    """Tag random clips with random weights."""
    parser = arguments(__doc__)
    parser.add_argument("--clips", type=int, default=48)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    where = device()
    spectrogram = torch.randn(16, 1, BANDS, FRAMES, device=where).contiguous(memory_format=torch.channels_last)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder, given.clips)
        network = TwoHeadedResNet.load(folder / "snapshot.safetensors", Tagger(), 80, where).eval()
        with torch.no_grad():
            bare = 16 / fastest(lambda: network.curated_head(network(spectrogram)), where, times=3)
        started = time.perf_counter()
        tag(folder, given.threads)
        own = given.clips / (time.perf_counter() - started)
    report(
        "tagging",
        f"{given.clips} clips, ResNet-34: {own:.2f} clips/s from int16 on (resampling, mel power and network); the "
        f"network alone {bare:.2f}; ratio {own / bare:.2f}",
        record=given.record,
    )


if __name__ == "__main__":
    main()
