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

CLIPS, SAMPLES, FRAMES, BANDS = 48, 480_000, 1_271, 128


def main() -> None:
    """Tag random clips of 2 × 480,000 samples with random weights."""
    given = arguments(__doc__).parse_args()
    torch.set_num_threads(given.threads)
    where, settings = device(), Tagger()
    network = TwoHeadedResNet(settings, 80).to(where).eval()
    spectrogram = torch.randn(16, 1, BANDS, FRAMES, device=where).contiguous(memory_format=torch.channels_last)
    with torch.no_grad():
        bare = 16 / fastest(lambda: network.curated_head(network(spectrogram)), where, times=3)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        network.save(folder / "snapshot.safetensors")
        waveforms = np.random.default_rng(0).integers(-32768, 32768, (CLIPS, 2, SAMPLES), dtype=np.int16)
        np.save(folder / "waveforms.npy", waveforms)
        rows = {"filename": [f"{n}.wav" for n in range(CLIPS)], "scene": "bus", "city": "a", "location": "a-1"}
        pd.DataFrame(rows | {"split": "train", "scale": 1 / 32768}).to_csv(folder / "clips.csv", index=False)
        pd.DataFrame({"label": [f"tag{n}" for n in range(80)]}).to_csv(folder / "labels.csv", index=False)
        started = time.perf_counter()
        tag_scenes(
            settings,
            Events(),
            48_000,
            clips=folder / "clips.csv",
            waveforms=folder / "waveforms.npy",
            labels=folder / "labels.csv",
            snapshots=[folder / "snapshot.safetensors"],
            output=folder / "tags.npz",
            threads=given.threads,
        )
        own = CLIPS / (time.perf_counter() - started)
    report(
        "tagging",
        f"{CLIPS} clips, ResNet-34: {own:.2f} clips/s from int16 on (resampling, mel power and network); the network "
        f"alone {bare:.2f}; ratio {own / bare:.2f}",
        record=given.record,
    )


if __name__ == "__main__":
    main()
