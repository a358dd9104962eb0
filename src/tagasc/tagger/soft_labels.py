"""Soft pseudo-labels of the noisy clips, from the networks of stage 1."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from tagasc.config import Tagger
from tagasc.corpora.packed import load_events
from tagasc.tagger.network import TwoHeadedResNet
from tagasc.tagger.prediction import tag_events
from tagasc.writing import written_whole


def sharpen(tags: NDArray[np.float32], power: float) -> NDArray[np.float32]:
    """Return tag vectors (clips, classes) raised to a power and normalised to sum 1 a clip."""
    raised = tags.astype("float64") ** power
    return (raised / raised.sum(axis=1, keepdims=True)).astype("float32")


def write_soft_labels(
    settings: Tagger, *, clips: Path, labels: Path, mel: Path, snapshots: Sequence[Path], output: Path, threads: int
) -> None:
    """Average the tag vectors of the noisy clips over folds and snapshots, sharpen them, and write (clips, classes)."""
    torch.set_num_threads(threads)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    events = load_events(clips, labels, mel)
    noisy = np.flatnonzero(events.clips["subset"].to_numpy() == "noisy").tolist()
    total = np.zeros((len(noisy), len(events.labels)), "float64")
    # One network at a time: 40 of them, as many as five folds and eight cycles leave, would fill a small GPU.
    for snapshot in snapshots:
        network = TwoHeadedResNet.load(snapshot, settings, len(events.labels), device)
        total += tag_events([network], events, noisy, settings, device)
    with written_whole(output) as partial, partial.open("wb") as file:
        np.save(
            file, sharpen((total / len(snapshots)).astype("float32"), settings.soft_label_power), allow_pickle=False
        )
