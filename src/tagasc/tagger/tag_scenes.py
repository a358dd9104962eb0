"""Tag vectors of the scene clips."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torchaudio.functional import resample
from tqdm import trange

from tagasc.artifacts.events import read_labels
from tagasc.artifacts.scenes import read_scenes
from tagasc.artifacts.tags import Tags, write_tags
from tagasc.audio.mel_power import MelPower
from tagasc.config import Features, Mel, TaggerNetwork, Tagging
from tagasc.runtime.device import choose_device
from tagasc.tagger.ensemble import Ensemble
from tagasc.tagger.network import TwoHeadedResNet


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

    The channels of a scene are averaged, and the scene is resampled to the rate of the events. Scenes are read batch by
    batch, so that memory does not grow with the corpus.

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
    scenes = read_scenes(clips, waveforms)
    names = read_labels(labels)
    networks = [TwoHeadedResNet.load(path, network, len(names), device) for path in snapshots]
    ensemble = Ensemble(networks, features, tagging.batch_frames, tagging.padding)
    mel_power = MelPower(mel).to(device)
    scale = scenes.clips["scale"].to_numpy(np.float32)
    samples = -(-scenes.waveforms.shape[2] * mel.sample_rate // sample_rate)
    count = ensemble.clips_at_a_time(mel_power.frames(samples))
    tags = []
    for first in trange(0, len(scale), count, desc="tagging scenes", unit="batch", mininterval=5):
        rows = slice(first, first + count)
        mono = torch.from_numpy(scenes.waveforms[rows].astype(np.float32).mean(axis=1)).to(device)
        mono *= torch.from_numpy(scale[rows]).to(device)[:, None]
        tags.append(ensemble.tag_power(mel_power(resample(mono, sample_rate, mel.sample_rate))))
    write_tags(output, Tags(np.concatenate(tags), names, scenes.clips["filename"].tolist()))
