"""Tag vectors of the scene clips."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tqdm import trange

from tagasc.artifacts.events import read_labels
from tagasc.artifacts.scenes import read_scenes
from tagasc.artifacts.tags import Tags, write_tags
from tagasc.config import Features, Mel, TaggerNetwork, Tagging
from tagasc.runtime.device import choose_device
from tagasc.tagger.network import TwoHeadedResNet
from tagasc.tagger.scene_tagger import SceneTagger
from tagasc.training.precision import settle


def tag_scenes(
    network: TaggerNetwork,
    features: Features,
    tagging: Tagging,
    mel: Mel,
    sample_rate: int,
    *,
    clips: Path,
    waveforms: Path,
    labels: Path,
    snapshots: Sequence[Path],
    output: Path,
    threads: int,
) -> None:
    """Write the tag vector of every whole scene clip, averaged over the networks of the folds.

    Scenes are read batch by batch, so that memory does not grow with the corpus.

    Parameters
    ----------
    network, features, tagging
        Sections of the tagger's configuration.
    mel
        Section of the events' mel power.
    sample_rate
        Sample rate of the scenes, in Hz.
    clips, waveforms
        The packed scenes.
    labels
        The vocabulary of the events.
    snapshots
        Weights of the network of each fold.
    output
        Where to write the tag vectors.
    threads
        CPU threads.
    """
    device = choose_device(threads)
    network = settle(network, device, "tagger.network.precision")
    scenes = read_scenes(clips, waveforms)
    names = read_labels(labels)
    networks = [TwoHeadedResNet.load(path, network, len(names), device) for path in snapshots]
    tagger = SceneTagger(networks, features, tagging, mel, sample_rate)
    scale = scenes.clips["scale"].to_numpy(np.float32)
    count = tagger.clips_at_a_time(scenes.waveforms.shape[2])
    tags = []
    for first in trange(0, len(scale), count, desc="tagging scenes", unit="batch", mininterval=5):
        rows = slice(first, first + count)
        tags.append(tagger.tag(scenes.waveforms[rows], scale[rows]))
    filenames = scenes.clips["filename"].tolist()
    write_tags(output, Tags(np.concatenate(tags), names, filenames, network.precision))
