"""Planning whether a corpus is packed again: what is verified first, and which number the job takes over."""

import os

import numpy as np
import pytest
import soundfile

from tagasc.artifacts.settings import write_settings
from tagasc.artifacts.sources import SOURCES
from tagasc.config import Events, Experiment, Folds, Frontend, Network, Scenes, Tagger
from tagasc.corpora.pack_events import pack_events
from tagasc.corpora.pack_scenes import pack_scenes
from tagasc.corpora.repacking import marked_failure, plan_revision, planned_revision, record_packing
from tagasc.corpora.sources import event_recordings, scene_recordings
from tagasc.runtime.errors import InputError

NAME = "audio/park-oslo-0-0-a.wav"


@pytest.fixture
def experiment(scenes_folder, events_folder, audio, mel):
    return Experiment(
        name="mine",
        scenes=Scenes(name="s", source="folder", folder=str(scenes_folder), audio=audio),
        events=Events(name="e", source="folder", folder=str(events_folder), mel=mel, drop=["0c.wav"]),
        tagger=Tagger(folds=Folds(n_splits=2)),
        frontend=Frontend(network=Network(blocks=3)),
    )


@pytest.fixture
def pack(tmp_path):
    """Return a function that packs a corpus of an experiment, as the job does, and returns the results tree."""
    results = tmp_path / "results"

    def run(experiment, section="scenes", revision=None):
        revision = revision or plan_revision(experiment, section, results)
        if section == "scenes":
            scenes, folder, packed = experiment.scenes, experiment.scenes_folder, results / "corpora/s"
            recordings = scene_recordings(folder)
            facts = recordings.stats()
            paths = packed / "clips.csv", packed / "waveforms.npy"
            digests = pack_scenes(scenes.audio, scenes.on_mismatch, folder, *paths, 1)
        else:
            events, folder, packed = experiment.events, experiment.events_folder, results / "corpora/e"
            recordings = event_recordings(events, folder)
            facts = recordings.stats()
            paths = packed / "clips.csv", packed / "labels.csv", packed / "mel_power.npy"
            digests = pack_events(events.mel, events.on_mismatch, events.drop, folder, *paths, 1)
        record_packing(experiment, section, recordings, facts, digests, revision, results)
        return results

    return run


def other_sound(path):
    soundfile.write(path, np.random.default_rng(9).normal(0, 0.1, (800, 2)), 8000, "PCM_24")


@pytest.mark.parametrize("section", ["scenes", "events"])
def test_what_was_packed_is_recognised(pack, experiment, section):
    results = pack(experiment, section)
    assert plan_revision(experiment, section, results) == planned_revision(experiment, section, results) == 1
    digest = (results / f"corpora/{section[0]}/digest.txt").read_text()
    pack(experiment, section)
    assert (results / f"corpora/{section[0]}/digest.txt").read_text() == digest


def test_another_recording_is_packed_again_and_the_job_takes_the_number_over(pack, experiment, scenes_folder, capsys):
    results = pack(experiment)
    first = (results / "corpora/s/digest.txt").read_text()
    original = (scenes_folder / NAME).read_bytes()
    other_sound(scenes_folder / NAME)
    for _ in range(2):
        assert plan_revision(experiment, "scenes", results) == planned_revision(experiment, "scenes", results) == 2
        said = capsys.readouterr().err.splitlines()[-1]
        what = f"1 of 7 recordings has changed, for instance {NAME}"
        assert said == f"tagasc: {scenes_folder}: {what}; the corpus is packed again"
    pack(experiment)
    assert set(SOURCES.read(results / "corpora/s/sources.csv")["revision"]) == {2}
    assert plan_revision(experiment, "scenes", results) == 2
    assert (results / "corpora/s/digest.txt").read_text() != first
    (scenes_folder / NAME).write_bytes(original)
    pack(experiment)
    assert (results / "corpora/s/digest.txt").read_text() == first


@pytest.mark.parametrize(
    ("section", "name", "line"),
    [
        ("scenes", NAME, f"{NAME} is not audio that libsndfile can read"),
        ("events", "FSDKaggle2019.audio_train_curated/a.wav", "a.wav is not audio that libsndfile can read"),
    ],
)
def test_a_bad_recording_is_reported_before_the_former_corpus_is_lost(pack, experiment, section, name, line):
    results = pack(experiment, section)
    folder = getattr(experiment, f"{section}_folder")
    original, facts = (folder / name).read_bytes(), (folder / name).stat()
    (folder / name).write_bytes(b"garbage " * 100)
    with pytest.raises(InputError, match=line):
        plan_revision(experiment, section, results)
    (folder / name).unlink()
    with pytest.raises(InputError, match=f"{name}|does not exist"):
        plan_revision(experiment, section, results)
    (folder / name).write_bytes(original)
    os.utime(folder / name, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    assert plan_revision(experiment, section, results) == 1


def test_a_recording_that_ends_early_is_decoded_when_planning(pack, experiment, scenes_folder):
    results = pack(experiment)
    whole = scenes_folder / NAME
    flac = np.random.default_rng(0).normal(0, 0.1, (800, 2))
    soundfile.write(whole.with_suffix(".flac"), flac, 8000)
    content = whole.with_suffix(".flac").read_bytes()
    whole.write_bytes(content[: len(content) // 2])  # its header is right
    with pytest.raises(InputError, match=r"park-oslo-0-0-a\.wav: (cannot be decoded|ends after)"):
        plan_revision(experiment, "scenes", results)


def test_a_malformed_list_is_reported_even_before_the_first_packing(experiment, scenes_folder, tmp_path):
    (scenes_folder / "meta.csv").write_text("filename\tscene_label\n")
    with pytest.raises(InputError, match=r"meta\.csv"):
        plan_revision(experiment, "scenes", tmp_path)


def test_other_settings_are_tried_before_the_former_corpus_is_lost(pack, experiment):
    results = pack(experiment)
    audio = experiment.scenes.audio.model_copy(update={"sample_rate": 16000})
    changed = experiment.model_copy(update={"scenes": experiment.scenes.model_copy(update={"audio": audio})})
    with pytest.raises(InputError, match=r"found 8000 Hz.*expected 16000 Hz.*scenes\.on_mismatch: convert"):
        plan_revision(changed, "scenes", results)


def test_another_experiment_does_not_overwrite_other_recordings(pack, experiment, scenes_folder):
    results = pack(experiment)
    other = experiment.model_copy(update={"name": "other"})
    assert plan_revision(other, "scenes", results) == 1
    other_sound(scenes_folder / NAME)
    with pytest.raises(InputError, match=r"since experiment 'mine' packed the corpus s; give scenes\.name"):
        plan_revision(other, "scenes", results)
    assert plan_revision(experiment, "scenes", results) == 2


def test_a_failed_packing_is_planned_again(pack, experiment):
    results = pack(experiment)
    with pytest.raises(KeyboardInterrupt), marked_failure(experiment, "scenes", results):
        raise KeyboardInterrupt
    planned = plan_revision(experiment, "scenes", results)
    assert planned == 2
    with marked_failure(experiment, "scenes", results):
        pack(experiment, revision=planned_revision(experiment, "scenes", results))
    assert plan_revision(experiment, "scenes", results) == planned


def test_a_corpus_without_a_record_is_packed_again(pack, experiment):
    results = pack(experiment)
    (results / "corpora/s/sources.csv").unlink()
    number = plan_revision(experiment, "scenes", results)
    assert number > 1
    assert planned_revision(experiment, "scenes", results) == number


def test_recordings_that_a_rule_will_write_are_not_looked_at(tmp_path):
    assert plan_revision(Experiment(data=str(tmp_path)), "scenes", tmp_path / "results") == 1
    write_settings(Experiment(), "scenes.name", tmp_path / "results")
    assert plan_revision(Experiment(data=str(tmp_path)), "scenes", tmp_path / "results") == 1
