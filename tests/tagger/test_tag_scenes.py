import tracemalloc
import weakref

import librosa
import numpy as np
import pandas as pd
import pytest
import torch

from tagasc.artifacts.scenes import CLIPS, WAVEFORMS
from tagasc.artifacts.tags import read_tags
from tagasc.config import Mel, Tagging
from tagasc.tagger.ensemble import Ensemble
from tagasc.tagger.network import TwoHeadedResNet
from tagasc.tagger.scene_tagger import SceneTagger
from tagasc.tagger.tag_scenes import tag_scenes

MEL = Mel(sample_rate=8000, n_fft=256, hop_length=80, n_mels=16, f_min=20, f_max=2500)


def write_scenes(folder, waveforms, scale):
    """Write packed scenes of 8 kHz."""
    clips = pd.DataFrame({"filename": [f"{n}.wav" for n in range(len(waveforms))], "scene": "bus", "city": "oslo"})
    CLIPS.write(folder / "scenes.csv", clips.assign(location="oslo-0", split="train", scale=scale))
    WAVEFORMS.write(folder / "waveforms.npy", waveforms)


@pytest.fixture
def five_scenes(tmp_path):
    """Return a function that writes five clips: one is silent, and parts of the fourth are below the lowest level."""
    levels = np.array([300, 0, 3000, 3, 900])[:, None, None]

    def write(samples):
        waveforms = np.random.default_rng(0).normal(0, 1, (5, 2, samples)) * levels
        write_scenes(tmp_path, waveforms, np.array([0.2, 0.4, 0.6, 0.1, 1]) / 32768)

    return write


@pytest.fixture
def tag(settings, packed, tmp_path):
    """Return a function that tags the packed scenes."""

    def run(snapshots, rate=8000, tagging=settings.tagging, clips=5):
        tag_scenes(
            settings.network,
            settings.features,
            tagging,
            MEL,
            rate,
            clips=tmp_path / "scenes.csv",
            waveforms=tmp_path / "waveforms.npy",
            labels=packed["labels"],
            snapshots=snapshots,
            output=tmp_path / "tags.npz",
            threads=1,
        )
        return read_tags(tmp_path / "tags.npz", [f"{n}.wav" for n in range(clips)])

    return run


def write_noise(folder, clips, samples):
    write_scenes(folder, np.random.default_rng(0).integers(-3000, 3000, (clips, 2, samples)), 1 / 32768)


def test_whole_scenes_are_tagged_by_the_mean_of_the_folds(settings, snapshots, five_scenes, tag, tmp_path):
    five_scenes(4000)
    tags = tag(snapshots)
    assert tags.labels == ["bark", "rain", "siren"]
    assert tags.vectors.shape == (5, 3)
    assert tags.precision == "float32"
    single = [tag([path]).vectors for path in snapshots]
    np.testing.assert_allclose(tags.vectors, np.mean(single, axis=0), atol=1e-6)
    assert np.abs(single[0] - single[1]).max() > 0.05

    scale, waveforms = CLIPS.read(tmp_path / "scenes.csv")["scale"], WAVEFORMS.read(tmp_path / "waveforms.npy")
    network = TwoHeadedResNet.load(snapshots[0], settings.network, 3, torch.device("cpu")).eval()
    for clip in (0, 2, 3, 4):
        mono = waveforms[clip].mean(axis=0) * scale[clip]
        power = librosa.feature.melspectrogram(
            y=mono, sr=8000, n_fft=256, hop_length=80, n_mels=16, fmin=20, fmax=2500, pad_mode="reflect"
        )
        level = librosa.power_to_db(power, ref=1.0, amin=1e-10, top_db=80.0)
        level = np.pad(level, ((0, 0), (2, 2)), constant_values=max(level.max() - 80, -100))
        spectrogram = torch.tensor((level - level.mean()) / level.std()).float()[None, None]
        expected = network.curated_head(network(spectrogram)).sigmoid().detach()[0]
        np.testing.assert_allclose(single[0][clip], expected, atol=1e-3)


@pytest.mark.parametrize(("samples", "rate"), [(4000, 8000), (100, 8000), (1, 8000), (4000, 6000), (700, 44100)])
def test_silent_short_and_resampled_clips_have_tags(snapshots, five_scenes, tag, samples, rate):
    five_scenes(samples)
    vectors = tag(snapshots, rate).vectors
    assert vectors.shape == (5, 3)
    assert ((vectors >= 0) & (vectors <= 1)).all()
    assert len(np.unique(vectors, axis=0)) > 1 or samples == 1


def test_memory_does_not_grow_with_the_corpus(snapshots, tag, tmp_path, monkeypatch):
    """Mel power lives for one or two batches. So do waveforms; NumPy's memory shows it."""
    held, most = weakref.WeakSet(), []
    tag_power = Ensemble.tag_power

    def watched(ensemble, power):
        held.add(power)
        most.append(sum(len(each) for each in held))
        return tag_power(ensemble, power)

    monkeypatch.setattr(Ensemble, "tag_power", watched)
    monkeypatch.setattr(SceneTagger, "one_by_one", False)  # as on a GPU
    peaks = []
    for clips in (16, 96):
        write_noise(tmp_path, clips, 800)
        most.clear()
        tracemalloc.start()
        vectors = tag(snapshots[:1], tagging=Tagging(batch_frames=44), clips=clips).vectors  # 4 clips of 11 frames
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert vectors.shape == (clips, 3)
        assert 4 <= max(most) <= 8
    assert peaks[1] - peaks[0] < (96 - 16) * 2 * 800  # less than one byte per additional sample


@pytest.mark.parametrize(("seconds", "batches"), [(0.1, [5]), (0.5, [2, 2, 1]), (30, [1] * 5)])
def test_fewer_long_clips_are_tagged_at_a_time(snapshots, tag, tmp_path, monkeypatch, seconds, batches):
    """At most 128 frames are tagged at a time; 0.1 s have 11 frames, 0.5 s 51 and 30 s 3001."""
    counts = []
    tag_power = Ensemble.tag_power

    def counted(ensemble, power):
        counts.append(len(power))
        return tag_power(ensemble, power)

    monkeypatch.setattr(Ensemble, "tag_power", counted)
    monkeypatch.setattr(SceneTagger, "one_by_one", False)  # as on a GPU
    write_noise(tmp_path, 5, int(8000 * seconds))
    tags = tag(snapshots[:1])
    assert counts == batches
    alone = tag(snapshots[:1], tagging=Tagging(padding=2, batch_frames=1))
    np.testing.assert_allclose(tags.vectors, alone.vectors, atol=1e-5)


def test_a_sound_has_the_same_tags_at_another_rate(snapshots, tag, tmp_path):
    frequency, phase = np.random.default_rng(0).uniform([[0], [0]], [[2500], [2 * np.pi]], (2, 400))[..., None]
    sounds = [300 * np.sin(2 * np.pi * frequency * np.arange(n) / n + phase).sum(axis=0) for n in (8000, 16000)]
    tags = []
    for sound, rate in [(sounds[0], 8000), (sounds[1], 16000), (sounds[1], 8000)]:
        write_scenes(tmp_path, np.tile(sound, (5, 2, 1)), np.array([0.2, 0.4, 0.6, 0.1, 1]) / 32768)
        tags.append(tag(snapshots, rate).vectors)
    right, wrong = np.abs(tags[1] - tags[0]).max(), np.abs(tags[2] - tags[0]).max()
    assert right < 0.1 * wrong


def test_on_a_cpu_the_tags_of_a_clip_do_not_depend_on_the_others(snapshots, tag, tmp_path):
    write_noise(tmp_path, 5, 4000)
    together = tag(snapshots, tagging=Tagging(padding=2, batch_frames=10_000)).vectors
    alone = tag(snapshots, tagging=Tagging(padding=2, batch_frames=1)).vectors
    assert (together == alone).all()
