"""Soft pseudo-labels of the noisy clips, predicted by the networks of stage 1."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tagasc.artifacts.events import read_events
from tagasc.artifacts.soft_labels import SOFT_LABELS
from tagasc.config import Features, SoftLabels, TaggerNetwork, TaggerTraining
from tagasc.runtime.device import choose_device
from tagasc.runtime.errors import InputError
from tagasc.tagger.ensemble import Ensemble
from tagasc.tagger.network import TwoHeadedResNet
from tagasc.training.precision import settle


def make_soft_labels(
    network: TaggerNetwork,
    features: Features,
    training: TaggerTraining,
    soft_labels: SoftLabels,
    *,
    clips: Path,
    labels: Path,
    mel_power: Path,
    snapshots: Sequence[Path],
    output: Path,
    threads: int,
) -> None:
    """Write soft labels: the noisy clips' tag vectors, averaged over all snapshots and sharpened.

    Parameters
    ----------
    network, features, training, soft_labels
        Sections of the configuration.
    clips, labels, mel_power
        The packed events.
    snapshots
        Weights of all folds at the end of all cycles.
    output
        Where to write the soft labels.
    threads
        CPU threads.
    """
    device = choose_device(threads)
    network = settle(network, device, "tagger.network.precision")
    events = read_events(clips, labels, mel_power)
    noisy = np.arange(len(events.clips))[events.rows("noisy")]
    # All networks at once: noisy clips are read once, and the paper's 40 networks take 4 GB.
    models = [TwoHeadedResNet.load(snapshot, network, len(events.labels), device) for snapshot in snapshots]
    tags = Ensemble(models, features, training.batch_frames, soft_labels.padding).tag_events(events, noisy)
    SOFT_LABELS.write(output, sharpen(tags, soft_labels.power))


def sharpen(tags: NDArray[np.float32], power: float) -> NDArray[np.float32]:
    """Return tag vectors (clips, classes) raised to a power, each normalised to sum 1.

    Raises
    ------
    InputError
        If a vector is zero, so that it cannot be normalised.
    """
    raised = tags.astype(np.float64) ** power
    total = raised.sum(axis=1, keepdims=True)
    if zero := int((total == 0).sum()):
        raise InputError(
            f"tagger.soft_labels.power: with {power:g}, all soft labels of {zero} of {len(tags)} noisy clips are 0; "
            f"choose a smaller power"
        )
    return (raised / total).astype(np.float32)
