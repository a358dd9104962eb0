"""What `tagasc check` finds before anything runs."""

import numpy as np
import pytest
import soundfile

from tagasc.config import Experiment
from tagasc.corpora.check import check_events, check_scenes


@pytest.fixture
def experiment(scenes, events):
    """Return an experiment on the folders TAU and FSD of the current folder, in which nothing stops a run."""
    own = {"source": "folder", "on_mismatch": "convert"}
    given = Experiment().model_dump()
    given["data"] = "."
    given["scenes"] = scenes.model_dump() | own | {"folder": "TAU"}
    given["events"] = events.model_dump() | own | {"folder": "FSD"}
    given["frontend"]["network"]["blocks"] = 3
    given["frontend"]["training"]["batch_size"] = 4
    given["tagger"]["folds"]["n_splits"] = 2
    return Experiment(**given)


@pytest.fixture(autouse=True)
def folders(scenes_folder, events_folder, monkeypatch):
    monkeypatch.chdir(scenes_folder.parent)
    return scenes_folder, events_folder


def changed(experiment, **keys):
    """Return the experiment with other values of keys, written section__key."""
    given = experiment.model_dump()
    for path, value in keys.items():
        *sections, key = path.split("__")
        place = given
        for section in sections:
            place = place[section]
        place[key] = value
    return Experiment(**given)


def replace(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_a_table_shows_the_scenes_and_their_formats(experiment):
    for name, shape, rate in (("bus-oslo-1-0", (1200, 2), 16000), ("park-oslo-0-0", (700,), 8000)):
        soundfile.write(f"TAU/audio/{name}-a.wav", np.zeros(shape), rate, "PCM_16")
    found, clips = check_scenes(changed(experiment, scenes__audio__duration="auto"))
    assert found.facts == [
        "Scenes in TAU",
        "scene  train  evaluate  unused  locations  cities",
        "bus        2         1       1          3       2",
        "park       2         1       0          2       1",
        "all        4         2       1          5       2",
        "identifier: 'oslo-1' is read as location 1 of the city oslo",
        "length: 0.075 to 0.1 s, most often 0.1 s (5 clips); packed as 0.1 s (duration: auto)",
        "sample rate: 8000 Hz (6), 16000 Hz (1)",
        "channels: 2 (6), 1 (1); packed as stereo at 8000 Hz",
        "format: WAV PCM_24 (5), WAV PCM_16 (2)",
        "clips resampled: 1",
        "clips doubled from one channel to two: 1",
        "clips padded: 2",
        "longest padding in ms: 25",
    ]
    assert found.stops == []
    assert len(clips) == 7


def test_a_table_shows_the_events(experiment):
    found = check_events(experiment)
    assert found.facts == [
        "Events in FSD",
        "subset   clips  labels",
        "curated      2       3",
        "noisy        2       2",
        "test         1       2",
        "3 labels of the curated clips are the tags",
        "length: 0.013 to 0.037 s, most often 0.025 s (2 clips)",
        "sample rate: 8000 Hz",
        "channels: 1; packed as mono at 8000 Hz",
        "format: WAV PCM_16",
    ]
    assert found.stops == []
    assert len(found.weakens) == 1
    assert "fewer curated clips than the 2 folds for Bark, NA, Rain; some networks" in found.weakens[0]


def test_every_problem_that_stops_a_run_is_found(experiment, folders):
    scenes, events = folders
    replace(
        scenes / "evaluation_setup/fold1_train.csv", "audio/bus-oslo-1-0-a.wav\tbus", "audio/bus-oslo-1-0-a.wav\tbuss"
    )
    replace(scenes / "meta.csv", "\toslo-3\t", "\toslo-0\t")
    (scenes / "audio/bus-oslo-4-0-a.wav").unlink()
    (scenes / "audio/bus-oslo-1-0-a.wav").write_bytes(b"")
    for name in ("park-oslo-0-0", "park-oslo-0-1"):
        soundfile.write(scenes / f"audio/{name}-a.wav", np.zeros(1600), 16000, "PCM_24")
    (events / "FSDKaggle2019.meta/test_post_competition.csv").unlink()
    replace(events / "FSDKaggle2019.meta/train_noisy_post_competition.csv", "c.wav,Rain", "c.wav,Rian")
    strict = changed(
        experiment,
        scenes__on_mismatch="error",
        scenes__audio__duration="auto",
        frontend__network__blocks=4,
        frontend__training__batch_size=5,
        tagger__folds__n_splits=3,
    )
    stops = [*check_scenes(strict)[0].stops, *check_events(strict).stops]
    expected = [
        "fold1_train.csv: audio/bus-oslo-1-0-a.wav is buss, but bus in meta.csv",
        "fold1_train.csv: location oslo-0 is in both lists",
        "audio/bus-oslo-1-0-a.wav: is empty (0 bytes)",
        "audio/bus-oslo-4-0-a.wav: does not exist",
        "audio/park-oslo-0-0-a.wav: found 16000 Hz, 1 channel, 1600 samples",
        "frontend.network.blocks: 4 blocks leave no frame of 0.09 s",
        "frontend.training.batch_size: 5 is more than the 4 training clips",
        "test_post_competition.csv: does not exist",
        "label 'Rian' of c.wav is not a label of the curated clips; did you mean 'Rain'",
        "tagger.folds.n_splits: 3 folds need at least as many curated clips, and there are 2",
    ]
    assert len(stops) == len(expected)
    assert all(part in stop for part, stop in zip(expected, stops, strict=True)), stops
    assert stops[4].endswith("(the same holds for 1 other file)")


def test_lists_that_cannot_be_read_are_named(experiment, folders):
    (folders[0] / "meta.csv").write_text("filename,scene_label,identifier\n")
    found, clips = check_scenes(experiment)
    assert clips is None
    assert found.facts == []
    assert found.stops == ["TAU/meta.csv: its columns are separated by commas; save it with tabs instead"]
    elsewhere = changed(experiment, scenes__folder="nowhere", events__folder="nowhere")
    assert "scenes.folder: nowhere does not exist" in check_scenes(elsewhere)[0].stops[0]
    assert "events.folder: nowhere does not exist" in check_events(elsewhere).stops[0]


def test_what_weakens_the_results_is_found(experiment, folders):
    scenes = folders[0]
    for name, length in (("bus-oslo-1-0", 200), ("park-oslo-0-0", 3000)):
        soundfile.write(scenes / f"audio/{name}-a.wav", np.zeros((length, 2)), 4000, "PCM_24")
    replace(scenes / "evaluation_setup/fold1_evaluate.csv", "audio/park-oslo-3-0-a.wav\tpark\n", "")
    for number in range(9):
        name = f"audio/bus-rome-7-{number}-a.wav"
        (scenes / name).write_bytes((scenes / "audio/bus-tel-aviv-2-0-a.wav").read_bytes())
        for file, ending in (("meta.csv", "\trome-7\ta"), ("evaluation_setup/fold1_train.csv", "")):
            with (scenes / file).open("a") as list_of_clips:
                list_of_clips.write(f"{name}\tbus{ending}\n")
    found, _ = check_scenes(experiment)
    assert found.stops == []
    expected = [
        "fold1_train.csv: one location only for park; a network may learn the place instead of the scene",
        "fold1_evaluate.csv: one location only for bus; their accuracy says little",
        "fold1_evaluate.csv: no clip of park; add clips",
        "fold1_train.csv: bus has 11 clips and park has 2; look at class-averaged accuracy",
        "TAU: 30 % of the recorded audio will be cut off, because 1 of 16 recordings are longer than 0.1 s; cut them",
        "TAU: 2 of 16 recordings have a lower sample rate than 8000 Hz, so that a network can tell recorders apart; "
        "set scenes.audio.sample_rate: 4000",
    ]
    assert len(found.weakens) == len(expected)
    assert all(part in line for part, line in zip(expected, found.weakens, strict=True)), found.weakens


def test_a_copy_of_the_data_set_must_have_its_counts(experiment):
    copies = changed(experiment, scenes__source="copy", events__source="copy")
    assert "TAU: clips in train: found 4, expected 9185" in check_scenes(copies)[0].stops
    assert "FSD: curated clips: found 3, expected 4970" in check_events(copies).stops


@pytest.mark.parametrize(("source", "words"), [("download", "downloads 35.6 GB"), ("demo", "synthesises them in")])
def test_recordings_that_are_not_there_yet_are_announced(experiment, source, words):
    later = changed(experiment, scenes__source=source, events__source=source, scenes__folder="new")
    found, clips = check_scenes(later)
    assert clips is None
    assert words in found.facts[0]
    assert "new" in found.facts[0]
    assert check_events(later).stops == found.stops == []
