"""Soft pseudo-labels of the noisy clips, from the networks of stage 1."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tagasc.config import Tagger
from tagasc.corpora.device import choose_device
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
    device = choose_device(threads)
    events = load_events(clips, labels, mel)
    noisy = events.rows("noisy")
    total = np.zeros((noisy.stop - noisy.start, len(events.labels)), "float64")
    # One network at a time: 40 of them, as many as five folds and eight cycles leave, would fill a small GPU.
    for snapshot in snapshots:
        network = TwoHeadedResNet.load(snapshot, settings, len(events.labels), device)
        total += tag_events([network], events, noisy, settings, device)
    mean = (total / len(snapshots)).astype("float32")
    with written_whole(output) as partial:
        np.save(partial, sharpen(mean, settings.soft_label_power), allow_pickle=False)
