"""Tagging of scenes in clips per second with a full network, against the network alone on ready spectrograms."""

import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from benchmarks.ceilings import fastest
from benchmarks.record import arguments, device, report
from tagasc.artifacts.events import LABELS
from tagasc.artifacts.scenes import CLIPS, WAVEFORMS
from tagasc.artifacts.weights import SNAPSHOTS, write_weights
from tagasc.config import Features, Mel, TaggerNetwork, Tagging
from tagasc.tagger.network import TwoHeadedResNet
from tagasc.tagger.tag_scenes import tag_scenes

SAMPLES, FRAMES, BANDS = 480_000, 1_271, 128


def prepare(folder: Path, clips: int) -> None:
    """Write packed random clips, 2 × 480,000 samples each, and a full network with random weights."""
    write_weights(SNAPSHOTS, folder / "snapshot.safetensors", TwoHeadedResNet(TaggerNetwork(), 80))
    waveforms = np.random.default_rng(0).integers(-32768, 32768, (clips, 2, SAMPLES), dtype=np.int16)
    WAVEFORMS.write(folder / "waveforms.npy", waveforms)
    rows = {"filename": [f"{n}.wav" for n in range(clips)], "scene": "bus", "city": "a", "location": "a-1"}
    CLIPS.write(folder / "clips.csv", pd.DataFrame(rows).assign(split="train", scale=1 / 32768))
    LABELS.write(folder / "labels.csv", pd.DataFrame({"label": [f"tag{n:02}" for n in range(80)]}))


def tag(folder: Path, threads: int) -> None:
    """Tag the clips of `prepare`."""
    tag_scenes(
        TaggerNetwork(),
        Features(),
        Tagging(),
        Mel(),
        48_000,
        clips=folder / "clips.csv",
        waveforms=folder / "waveforms.npy",
        labels=folder / "labels.csv",
        snapshots=[folder / "snapshot.safetensors"],
        output=folder / "tags.npz",
        threads=threads,
    )


def main() -> None:
    """Time the tagging of random clips with random weights."""
    parser = arguments(__doc__)
    parser.add_argument("--clips", type=int, default=48)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    where = device()
    spectrogram = torch.randn(16, 1, BANDS, FRAMES, device=where).contiguous(memory_format=torch.channels_last)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder, given.clips)
        network = TwoHeadedResNet.load(folder / "snapshot.safetensors", TaggerNetwork(), 80, where).eval()
        with torch.no_grad():
            network_alone = 16 / fastest(lambda: network.curated_head(network(spectrogram)), where, times=3)
        started = time.perf_counter()
        tag(folder, given.threads)
        tagging = given.clips / (time.perf_counter() - started)
    report(
        "tagging",
        f"{given.clips} clips, ResNet-34: {tagging:.2f} clips/s from int16 on (resampling, mel power and network); the "
        f"network alone {network_alone:.2f}; ratio {tagging / network_alone:.2f}",
        record=given.record,
    )


if __name__ == "__main__":
    main()
