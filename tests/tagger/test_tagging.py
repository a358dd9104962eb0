import tracemalloc
import weakref

import librosa
import numpy as np
import pandas as pd
import pytest
import torch

from tagasc.config import Events, Mel
from tagasc.corpora.packed import load_events
from tagasc.errors import InputError
from tagasc.tagger import tagging
from tagasc.tagger.cache import Tags, load_tags, save_tags
from tagasc.tagger.network import TwoHeadedResNet
from tagasc.tagger.prediction import tag_events, tag_power
from tagasc.tagger.soft_labels import sharpen, write_soft_labels
from tagasc.tagger.tagging import tag_scenes

CPU = torch.device("cpu")
EVENTS = Events(sample_rate=8000, mel=Mel(n_fft=256, hop=80, bands=16, low=20, high=2500))


def write_scenes(folder, samples):
    """Write five stereo clips at 8 kHz; the second is silent, and parts of the fourth are below the lowest level."""
    waveforms = np.random.default_rng(0).normal(0, 1, (5, 2, samples)) * np.array([300, 0, 3000, 3, 900])[:, None, None]
    np.save(folder / "waveforms.npy", waveforms.astype(np.int16))
    clips = pd.DataFrame({"filename": [f"{n}.wav" for n in range(5)], "scene": "bus", "city": "oslo"})
    clips = clips.assign(location="oslo-0", split="train", scale=np.array([0.2, 0.4, 0.6, 0.1, 1]) / 32768)
    clips.to_csv(folder / "scenes.csv", index=False)
    return {"clips": folder / "scenes.csv", "waveforms": folder / "waveforms.npy"}


def tags_of(folder, settings, packed, scenes, snapshots, rate=8000):
    files = scenes | {"labels": packed["labels"], "snapshots": snapshots, "output": folder / "tags.npz"}
    tag_scenes(settings, EVENTS, rate, **files, threads=1)
    return load_tags(folder / "tags.npz", [f"{n}.wav" for n in range(5)])


def test_scenes_are_tagged_whole_by_the_mean_of_the_folds(settings, packed, snapshots, tmp_path):
    scenes = write_scenes(tmp_path, 4000)
    tags = tags_of(tmp_path, settings, packed, scenes, snapshots)
    assert tags.labels == ["bark", "rain", "siren"]
    assert tags.vectors.shape == (5, 3)
    single = [tags_of(tmp_path, settings, packed, scenes, [path]).vectors for path in snapshots]
    np.testing.assert_allclose(tags.vectors, np.mean(single, axis=0), atol=1e-6)
    assert np.abs(single[0] - single[1]).max() > 0.05

    scale, waveforms = pd.read_csv(scenes["clips"])["scale"], np.load(scenes["waveforms"])
    network = TwoHeadedResNet.load(snapshots[0], settings, 3, CPU).eval()
    for clip in (0, 2, 3, 4):
        mono = waveforms[clip].mean(axis=0) * scale[clip]
        power = librosa.feature.melspectrogram(
            y=mono, sr=8000, n_fft=256, hop_length=80, n_mels=16, fmin=20, fmax=2500, pad_mode="reflect"
        )
        level = librosa.power_to_db(power, ref=1.0, amin=1e-10, top_db=80.0)
        level = np.pad(level, ((0, 0), (2, 2)), constant_values=level.min())
        image = torch.tensor((level - level.mean()) / level.std()).float()[None, None]
        expected = network.curated_head(network(image)).sigmoid().detach()[0]
        np.testing.assert_allclose(single[0][clip], expected, atol=1e-3)


@pytest.mark.parametrize(("samples", "rate"), [(4000, 8000), (100, 8000), (1, 8000), (4000, 6000), (700, 44100)])
def test_silent_short_and_resampled_clips_have_tags(settings, packed, snapshots, tmp_path, samples, rate):
    tags = tags_of(tmp_path, settings, packed, write_scenes(tmp_path, samples), snapshots, rate).vectors
    assert tags.shape == (5, 3)
    assert ((tags >= 0) & (tags <= 1)).all()
    assert len(np.unique(tags, axis=0)) > 1 or samples == 1


def many_scenes(folder, clips, samples):
    """Write stereo noise at 8 kHz."""
    waveforms = np.random.default_rng(0).integers(-3000, 3000, (clips, 2, samples)).astype(np.int16)
    np.save(folder / "waveforms.npy", waveforms)
    table = pd.DataFrame({"filename": [f"{n}.wav" for n in range(clips)], "scene": "bus", "city": "oslo"})
    table = table.assign(location="oslo-0", split="train", scale=1 / 32768)
    table.to_csv(folder / "scenes.csv", index=False)
    return {"clips": folder / "scenes.csv", "waveforms": folder / "waveforms.npy"}


def test_memory_does_not_grow_with_the_corpus(settings, packed, snapshots, tmp_path, monkeypatch):
    """Mel power lives for a batch or two, and so do waveforms, which NumPy counts."""
    held, most = weakref.WeakSet(), []

    def watched(networks, power, given):
        held.add(power)
        most.append(sum(len(each) for each in held))
        return tag_power(networks, power, given)

    monkeypatch.setattr(tagging, "tag_power", watched)
    peaks = []
    for clips in (16, 96):
        files = many_scenes(tmp_path, clips, 800) | {"labels": packed["labels"], "snapshots": snapshots[:1]}
        most.clear()
        tracemalloc.start()
        tag_scenes(settings, EVENTS, 8000, **files, output=tmp_path / "tags.npz", threads=1)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert load_tags(tmp_path / "tags.npz", [f"{n}.wav" for n in range(clips)]).vectors.shape == (clips, 3)
        assert settings.batch <= max(most) <= 2 * settings.batch
    assert peaks[1] - peaks[0] < (96 - 16) * 2 * 800  # less than a byte for each further sample


@pytest.mark.parametrize(("seconds", "together"), [(0.1, 4), (0.5, 2), (30, 1)])
def test_fewer_of_the_longer_clips_are_tagged_together(
    settings, packed, snapshots, tmp_path, monkeypatch, seconds, together
):
    """A training batch has 4 × 32 frames; 0.1 s have 11, 0.5 s 51 and 30 s 3001."""
    counts = []

    def counted(networks, power, given):
        counts.append(len(power))
        return tag_power(networks, power, given)

    monkeypatch.setattr(tagging, "tag_power", counted)
    scenes = many_scenes(tmp_path, 5, int(8000 * seconds))
    tags = tags_of(tmp_path, settings, packed, scenes, snapshots[:1])
    assert counts == {4: [4, 1], 2: [2, 2, 1], 1: [1] * 5}[together]
    alone = tags_of(tmp_path, settings.model_copy(update={"batch": 1}), packed, scenes, snapshots[:1])
    np.testing.assert_allclose(tags.vectors, alone.vectors, atol=1e-5)


def test_a_sound_has_the_same_tags_at_another_rate(settings, packed, snapshots, tmp_path):
    scenes = write_scenes(tmp_path, 8000)
    frequency, phase = np.random.default_rng(0).uniform([[0], [0]], [[2500], [2 * np.pi]], (2, 400))[..., None]
    sounds = [300 * np.sin(2 * np.pi * frequency * np.arange(n) / n + phase).sum(axis=0) for n in (8000, 16000)]
    tags = []
    for sound, rate in [(sounds[0], 8000), (sounds[1], 16000), (sounds[1], 8000)]:
        np.save(scenes["waveforms"], np.tile(sound.astype(np.int16), (5, 2, 1)))
        tags.append(tags_of(tmp_path, settings, packed, scenes, snapshots, rate).vectors)
    right, mistaken = np.abs(tags[1] - tags[0]).max(), np.abs(tags[2] - tags[0]).max()
    assert right < 0.1 * mistaken


def test_clips_of_any_length_are_tagged_in_their_order(settings, packed, snapshots):
    events = load_events(*packed.values())
    networks = [TwoHeadedResNet.load(path, settings, 3, CPU) for path in snapshots]
    rows = [17, 3, 12, 4, 0]
    together = tag_events(networks, events, rows, settings, CPU)
    alone = [tag_events(networks, events, [row], settings, CPU)[0] for row in rows]
    np.testing.assert_allclose(together, alone, atol=1e-5)
    assert np.ptp(together, axis=0).max() > 0.01


def test_sharpening_squares_and_normalises():
    tags = np.array([[0.5, 0.1, 0.4], [0.0, 0.2, 0.2], [1e-20, 3e-20, 0.0]], np.float32)
    sharp = sharpen(tags, 2.0)
    np.testing.assert_allclose(sharp[:2], [[25 / 42, 1 / 42, 16 / 42], [0, 0.5, 0.5]], rtol=1e-6)
    np.testing.assert_allclose(sharp[2], [0.1, 0.9, 0], rtol=1e-6)
    np.testing.assert_allclose(sharpen(tags, 1.0)[0], tags[0], rtol=1e-6)


def test_soft_labels_are_the_sharpened_mean_of_the_snapshots(settings, packed, snapshots, tmp_path):
    write_soft_labels(settings, **packed, snapshots=snapshots, output=tmp_path / "soft.npy", threads=1)
    events = load_events(*packed.values())
    networks = [TwoHeadedResNet.load(path, settings, 3, CPU) for path in snapshots]
    squared = tag_events(networks, events, range(10, 16), settings, CPU).astype(float) ** 2
    np.testing.assert_allclose(np.load(tmp_path / "soft.npy"), squared / squared.sum(1, keepdims=True), rtol=1e-4)


def test_the_cache_returns_tags_by_filename(tmp_path):
    vectors = np.random.default_rng(0).random((3, 2)).astype(np.float32)
    save_tags(tmp_path / "tags.npz", Tags(vectors, ["bark", "rain"], ["a.wav", "b.wav", "c.wav"]))
    tags = load_tags(tmp_path / "tags.npz", ["c.wav", "a.wav"])
    np.testing.assert_array_equal(tags.vectors, vectors[[2, 0]])
    assert tags.vectors.dtype == np.float32
    assert (tags.labels, tags.filenames) == (["bark", "rain"], ["c.wav", "a.wav"])


def test_a_clip_without_tags(tmp_path):
    save_tags(tmp_path / "tags.npz", Tags(np.zeros((1, 2), np.float32), ["bark", "rain"], ["a.wav"]))
    with pytest.raises(InputError, match=r"tags\.npz: no tag vector for b\.wav \(2 clips in all\); expected one row"):
        load_tags(tmp_path / "tags.npz", ["a.wav", "b.wav", "c.wav"])


@pytest.mark.parametrize("value", [np.nan, np.inf, -0.1, 1.1])
def test_a_tag_that_is_no_probability(tmp_path, value):
    vectors = np.array([[0, 1], [0.5, 0.5], [0.5, value]], np.float32)
    save_tags(tmp_path / "tags.npz", Tags(vectors, ["bark", "rain"], ["a.wav", "b.wav", "c.wav"]))
    with pytest.raises(
        InputError, match=rf"tags\.npz: tag 'rain' of c\.wav is {value:g}, expected a value in \[0, 1\]"
    ):
        load_tags(tmp_path / "tags.npz", ["c.wav", "b.wav"])
    assert load_tags(tmp_path / "tags.npz", ["b.wav", "a.wav"]).vectors.shape == (2, 2)


@pytest.mark.parametrize("missing", ["tags", "labels", "filenames"])
def test_a_cache_without_an_array(tmp_path, missing):
    arrays = {"tags": np.zeros((1, 1)), "labels": np.array(["bark"]), "filenames": np.array(["a.wav"])}
    np.savez(tmp_path / "tags.npz", **{name: array for name, array in arrays.items() if name != missing})
    with pytest.raises(InputError, match=rf"tags\.npz: has no array '{missing}'"):
        load_tags(tmp_path / "tags.npz", ["a.wav"])


def test_a_cache_of_another_shape(tmp_path):
    save_tags(tmp_path / "tags.npz", Tags(np.zeros((2, 3), np.float32), ["bark", "rain"], ["a.wav", "b.wav"]))
    with pytest.raises(InputError, match=r"tags\.npz: tags have shape \(2, 3\), expected \(2 filenames, 2 labels\)"):
        load_tags(tmp_path / "tags.npz", ["a.wav"])
