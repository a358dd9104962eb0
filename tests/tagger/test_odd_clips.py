"""Odd but valid recordings at the paper's rates: silence, and 0.3 s, the shortest event of FSDKaggle2019."""

import numpy as np
import pandas as pd
import pytest
import soundfile

from tagasc.artifacts.events import read_events
from tagasc.artifacts.tags import read_tags
from tagasc.config import Audio, Mel
from tagasc.corpora.pack_events import pack_events
from tagasc.corpora.pack_scenes import pack_scenes
from tagasc.tagger.tag_scenes import tag_scenes
from tagasc.tagger.train_fold import train_fold

LABELS = ["bark", "rain", "siren"]


@pytest.fixture
def packed_odd(tmp_path):
    """Pack events of 0.3 s and 1 s; one of each is silent, and there are three labels."""
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
    names = {"clips": "clips.csv", "labels": "labels.csv", "mel_power": "mel_power.npy"}
    files = {key: tmp_path / f"events-{name}" for key, name in names.items()}
    pack_events(Mel(), "error", [], folder, *files.values(), 1)
    return files


def valid(tags):
    return bool(((tags >= 0) & (tags <= 1)).all())


def test_events_are_trained_on_and_tagged(settings, packed_odd, ensemble, tmp_path):
    sections = settings.network, settings.features, settings.folds, settings.training
    snapshot, history = tmp_path / "snapshot1.safetensors", tmp_path / "history.jsonl"
    train_fold(0, *sections, **packed_odd, snapshots=[snapshot], history=history, threads=1)
    events = read_events(*packed_odd.values())
    assert events.clips["frames"].tolist() == [39, 39, 128, 128] * 3
    assert [row for row in range(12) if not events.power(row).any()] == [1, 2, 5, 6, 9, 10]
    tags = ensemble([snapshot]).tag_events(events, range(12))
    assert valid(tags)
    assert np.unique(tags, axis=0).shape[0] > 3


@pytest.mark.parametrize("seconds", [0.3, 2.0])
def test_scenes_are_tagged(settings, packed_odd, snapshots, tmp_path, seconds):
    folder, random, samples = tmp_path / "scenes", np.random.default_rng(0), round(48000 * seconds)
    (folder / "evaluation_setup").mkdir(parents=True)
    click = np.zeros((samples, 2))
    click[0] = 1 / 2**23  # the smallest value of 24 bits
    waveforms = {"silent": np.zeros((samples, 2)), "click": click}
    waveforms |= {name: random.normal(0, 0.1, (samples, 2)) for name in ("noise", "noise1", "noise2")}
    names = [f"{name}.wav" for name in waveforms]
    for name, waveform in zip(names, waveforms.values(), strict=True):
        soundfile.write(folder / name, waveform, 48000, "PCM_24")
    clips = pd.DataFrame({"filename": names, "scene_label": ["bus", "bus", "tram", "tram", "tram"]})
    clips.assign(identifier=[f"oslo-{n}" for n in range(5)]).to_csv(folder / "meta.csv", sep="\t", index=False)
    for split, rows in {"train": clips[:4], "evaluate": clips[4:]}.items():
        rows.to_csv(folder / f"evaluation_setup/fold1_{split}.csv", sep="\t", index=False)
    scenes = {"clips": tmp_path / "scenes.csv", "waveforms": tmp_path / "waveforms.npy"}
    pack_scenes(Audio(duration=seconds), "error", folder, *scenes.values(), 1)
    files = scenes | {"labels": packed_odd["labels"], "snapshots": snapshots, "output": tmp_path / "tags.npz"}
    tag_scenes(settings.network, settings.features, settings.tagging, Mel(), 48000, **files, threads=1)
    vectors = read_tags(tmp_path / "tags.npz", names).vectors
    assert valid(vectors)
    assert np.abs(vectors[2] - vectors[0]).max() > 0.01
