"""Recordings that are odd but valid, at the paper's rates: silence, and 0.3 s, the shortest event of FSDKaggle2019."""

import numpy as np
import pandas as pd
import pytest
import soundfile
import torch

from tagasc.config import Events, Scenes
from tagasc.corpora.packed import load_events
from tagasc.corpora.packing import pack_events, pack_scenes
from tagasc.tagger.cache import load_tags
from tagasc.tagger.network import TwoHeadedResNet
from tagasc.tagger.prediction import tag_events
from tagasc.tagger.tagging import tag_scenes
from tagasc.tagger.training import train_fold

CPU = torch.device("cpu")
LABELS = ["bark", "rain", "siren"]


@pytest.fixture
def packed_odd(tmp_path):
    """Pack events of 0.3 s and 1 s, one of each silent, with each of three labels."""
    random, folder = np.random.default_rng(0), tmp_path / "events"
    (folder / "FSDKaggle2019.meta").mkdir(parents=True)
    for subset in ("train_curated", "train_noisy", "test"):
        (folder / f"FSDKaggle2019.audio_{subset}").mkdir()
        rows = "fname,labels\n"
        for number, (samples, level) in enumerate([(13230, 0.1), (13230, 0), (44100, 0), (44100, 0.1)]):
            name = f"FSDKaggle2019.audio_{subset}/{number}.wav"
            soundfile.write(folder / name, random.normal(0, 1, samples) * level, 44100, "PCM_16")
            rows += f"{number}.wav,{LABELS[number % 3]}\n"
        (folder / f"FSDKaggle2019.meta/{subset}_post_competition.csv").write_text(rows)
    files = [tmp_path / f"events-{name}" for name in ("clips.csv", "labels.csv", "mel.npy")]
    pack_events(Events(), folder, *files, 1)
    return dict(zip(("clips", "labels", "mel"), files, strict=True))


def valid(tags):
    return bool(((tags >= 0) & (tags <= 1)).all())


def test_events_are_trained_on_and_tagged(settings, packed_odd, tmp_path):
    snapshot = tmp_path / "network.safetensors"
    train_fold(0, settings, **packed_odd, snapshots=[snapshot], history=tmp_path / "history.jsonl", threads=1)
    events = load_events(*packed_odd.values())
    assert events.clips["frames"].tolist() == [39, 39, 128, 128] * 3
    assert [row for row in range(12) if not events.power(row).any()] == [1, 2, 5, 6, 9, 10]
    network = TwoHeadedResNet.load(snapshot, settings, 3, CPU)
    tags = tag_events([network], events, slice(0, 12), settings, CPU)
    assert valid(tags)
    assert np.unique(tags, axis=0).shape[0] > 3


@pytest.mark.parametrize("seconds", [0.3, 2.0])
def test_scenes_are_tagged(settings, packed_odd, snapshots, tmp_path, seconds):
    folder, random, samples = tmp_path / "scenes", np.random.default_rng(0), round(48000 * seconds)
    (folder / "evaluation_setup").mkdir(parents=True)
    meta, names = "filename\tscene_label\tidentifier\n", ["silent.wav", "noise.wav", "click.wav"]
    click = np.zeros((samples, 2))
    click[0] = 1 / 2**23  # the least that 24 bits can hold
    for name, waveform in zip(names, [np.zeros((samples, 2)), random.normal(0, 0.1, (samples, 2)), click], strict=True):
        soundfile.write(folder / name, waveform, 48000, "PCM_24")
        meta += f"{name}\tbus\toslo-{name[0]}\n"
    (folder / "meta.csv").write_text(meta)
    lists = pd.DataFrame({"filename": names, "scene_label": "bus"})
    lists[:2].to_csv(folder / "evaluation_setup/fold1_train.csv", sep="\t", index=False)
    lists[2:].to_csv(folder / "evaluation_setup/fold1_evaluate.csv", sep="\t", index=False)
    scenes = {"clips": tmp_path / "scenes.csv", "waveforms": tmp_path / "waveforms.npy"}
    pack_scenes(Scenes(duration=seconds), folder, *scenes.values(), 1)
    files = scenes | {"labels": packed_odd["labels"], "snapshots": snapshots, "output": tmp_path / "tags.npz"}
    tag_scenes(settings, Events(), 48000, **files, threads=1)
    vectors = load_tags(tmp_path / "tags.npz", names).vectors
    assert valid(vectors)
    assert np.abs(vectors[1] - vectors[0]).max() > 0.01
