"""The tag vectors of the scene clips."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torchaudio.functional import resample
from tqdm import trange

from tagasc.config import Events, Tagger
from tagasc.corpora.device import choose_device
from tagasc.corpora.mel import MelPower
from tagasc.corpora.packed import load_labels, load_scenes
from tagasc.tagger.cache import Tags, save_tags
from tagasc.tagger.network import TwoHeadedResNet
from tagasc.tagger.prediction import clips_at_a_time, tag_power


def tag_scenes(
    settings: Tagger,
    events: Events,
    sample_rate: int,
    *,
    clips: Path,
    waveforms: Path,
    labels: Path,
    snapshots: Sequence[Path],
    output: Path,
    threads: int,
) -> None:
    """Write the tag vector of every scene clip: the mean over the folds' networks, on the whole clip.

    Scenes are averaged over their channels and resampled from ``sample_rate`` to the events' rate, both in Hz. They are
    read a batch at a time, so memory does not grow with the corpus.
    """
    device = choose_device(threads)
    scenes = load_scenes(clips, waveforms)
    names = load_labels(labels)
    networks = [TwoHeadedResNet.load(path, settings, len(names), device) for path in snapshots]
    mel_power = MelPower(events.mel, events.sample_rate).to(device)
    scale = scenes.clips["scale"].to_numpy("float32")
    samples = -(-scenes.waveforms.shape[2] * events.sample_rate // sample_rate)
    count = clips_at_a_time(mel_power.frames(samples), settings)
    tags = []
    for first in trange(0, len(scale), count, desc="tagging scenes", unit="batch", mininterval=5):
        rows = slice(first, first + count)
        mono = torch.from_numpy(scenes.waveforms[rows].astype("float32").mean(axis=1)).to(device)
        mono *= torch.from_numpy(scale[rows]).to(device)[:, None]
        power = mel_power(resample(mono, sample_rate, events.sample_rate))
        tags.append(tag_power(networks, power, settings).cpu().numpy())
    save_tags(output, Tags(np.concatenate(tags), names, scenes.clips["filename"].tolist()))
