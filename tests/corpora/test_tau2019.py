import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

from tagasc.config import Audio
from tagasc.corpora.scene_split import city_problem
from tagasc.corpora.tau2019 import CITIES, CLIPS, CLIPS_BY_SCENE, list_paths, list_scenes, read_scenes
from tagasc.runtime.errors import InputError

TRAIN, EVALUATE = "evaluation_setup/fold1_train.csv", "evaluation_setup/fold1_evaluate.csv"


def test_the_published_counts_are_those_of_the_data_set():
    assert CLIPS == {"train": 9185, "evaluate": 4185, "unused": 1030}
    assert len(CLIPS_BY_SCENE) == CITIES == 10
    assert all(sum(clips) == 1440 for clips in CLIPS_BY_SCENE.values())


def test_the_lists_are_named_in_a_fixed_order(tmp_path):
    assert list_paths(tmp_path) == [tmp_path / name for name in ("meta.csv", TRAIN, EVALUATE)]


def test_clips_are_sorted_by_split_and_filename(audio, scenes_folder):
    clips, packed = read_scenes(scenes_folder, audio, "error")
    assert packed == audio
    assert clips.to_csv(index=False).splitlines() == [
        "filename,scene,city,location,split,source_label",
        "audio/bus-oslo-1-0-a.wav,bus,oslo,oslo-1,train,a",
        "audio/bus-tel-aviv-2-0-a.wav,bus,tel-aviv,tel-aviv-2,train,a",
        "audio/park-oslo-0-0-a.wav,park,oslo,oslo-0,train,a",
        "audio/park-oslo-0-1-a.wav,park,oslo,oslo-0,train,a",
        "audio/bus-oslo-4-0-a.wav,bus,oslo,oslo-4,evaluate,a",
        "audio/park-oslo-3-0-a.wav,park,oslo,oslo-3,evaluate,a",
        "audio/bus-oslo-1-1-a.wav,bus,oslo,oslo-1,unused,a",
    ]


@pytest.mark.parametrize("change", [("\ta\n", "\t\n"), (r"\t[^\t\n]*\n", "\n")], ids=["empty", "no column"])
def test_the_recording_device_need_not_be_known(scenes_folder, change):
    path = scenes_folder / "meta.csv"
    path.write_text(re.sub(*change, path.read_text()))
    assert list_scenes(scenes_folder)["source_label"].tolist() == [""] * 7


def test_lists_that_a_spreadsheet_has_saved_are_read(scenes_folder):
    expected = list_scenes(scenes_folder)
    for name in ("meta.csv", TRAIN, EVALUATE):
        path = scenes_folder / name
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b" \r\n") + b"\r\n")
    assert list_scenes(scenes_folder).equals(expected)


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("meta.csv", "\t", ",", "separated by commas; save it with tabs"),
        (TRAIN, "\t", ";", "separated by semicolons; save it with tabs"),
        ("meta.csv", "identifier", "identifer", "no column 'identifier'; did you mean 'identifer'?"),
        ("meta.csv", r"(?s).+", "", "is empty"),
        ("meta.csv", r"(?s)\n.+", "", "lists no clips"),
        (TRAIN, r"(?s)\n.+", "", "lists no clips"),
        (EVALUATE, r"(?s)\n.+", "", "lists no clips"),
        ("meta.csv", r"oslo-0\ta", "oslo-0\ta\tb", "line 2 has 5 columns, expected the header's 4"),
        ("meta.csv", r"oslo-0\ta", "oslo-0", "line 2 has 3 columns"),
        ("meta.csv", "oslo-0\t", "\t", "line 2 (audio/park-oslo-0-1-a.wav) has no identifier"),
        ("meta.csv", "oslo-0\t", "oslo\t", "identifier 'oslo' of audio/park-oslo-0-1-a.wav does not have the form"),
        ("meta.csv", "park", '"park', "cannot be read as a csv file"),
        (TRAIN, r"(audio.park-oslo-0-0.+\n)", r"\1\1", "lists audio/park-oslo-0-0-a.wav again; remove one of the two"),
        (
            "meta.csv",
            r"(audio.park-oslo-0-0.+\n)",
            r"\1\1",
            "lists audio/park-oslo-0-0-a.wav again; remove one of the two",
        ),
        ("meta.csv", r"audio.park-oslo-0-0.+\n", "", "audio/park-oslo-0-0-a.wav is not in meta.csv; did you mean"),
        (TRAIN, "wav\tpark", "wav\tbus", "audio/park-oslo-0-1-a.wav is bus, but park in meta.csv"),
        (EVALUATE, r"\Z", "audio/bus-oslo-1-0-a.wav\tbus\n", "bus-oslo-1-0-a.wav is also in the list for train"),
        (EVALUATE, r"\Z", "audio/bus-oslo-1-1-a.wav\tbus\n", "location oslo-1 is in both lists (audio/bus-oslo-1-0"),
        (TRAIN, r"audio.bus-tel.+\n", "", "audio/bus-oslo-1-0-a.wav is the only clip of scene 'bus', too few"),
        ("meta.csv", r"(oslo-1|tel-aviv-2)\ta", "oslo-0\ta", "all clips come from location oslo-0, which says"),
        (TRAIN, r"audio.bus.+\n", "", "no clip has the scene 'bus' of audio/bus-oslo-1-0-a.wav; add"),
    ],
)
def test_a_bad_list_is_refused(scenes_folder, file, old, new, message):
    path = scenes_folder / file
    path.write_text(re.sub(old, new, path.read_text()))
    with pytest.raises(InputError, match=re.escape(message)) as caught:
        list_scenes(scenes_folder)
    assert str(scenes_folder) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_list_in_another_encoding_is_refused(scenes_folder):
    (scenes_folder / "meta.csv").write_bytes("filename\tscène\n".encode("latin-1"))
    with pytest.raises(InputError, match=r"meta.csv: cannot be read as a csv file in UTF-8"):
        list_scenes(scenes_folder)


@pytest.mark.parametrize("file", ["meta.csv", TRAIN, EVALUATE])
def test_a_missing_list_is_refused(scenes_folder, file):
    (scenes_folder / file).unlink()
    with pytest.raises(InputError, match=f"{file}: does not exist"):
        list_scenes(scenes_folder)


def test_lists_of_a_single_scene_are_refused(scenes_folder):
    for file in ("meta.csv", TRAIN, EVALUATE):
        path = scenes_folder / file
        path.write_text("".join(line for line in path.read_text().splitlines(keepends=True) if "bus-" not in line))
    with pytest.raises(
        InputError, match=r"fold1_train.csv: all clips have the scene 'park', so there is nothing to cl"
    ):
        list_scenes(scenes_folder)


def test_a_missing_folder_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"scenes.folder: .+nowhere does not exist; name a folder with audio/"):
        list_scenes(tmp_path / "nowhere")


@pytest.mark.parametrize("on_mismatch", ["error", "convert"])
def test_missing_audio_files_are_counted(audio, scenes_folder, on_mismatch):
    for path in (scenes_folder / "audio").glob("bus-oslo-*"):
        path.unlink()
    with pytest.raises(InputError, match=r"bus-oslo-1-0-a.wav: does not exist; .*same holds for 2 other files\)$"):
        read_scenes(scenes_folder, audio, on_mismatch)


def test_the_first_clip_of_another_format_is_named(audio, scenes_folder):
    soundfile.write(scenes_folder / "audio/bus-oslo-1-0-a.wav", np.zeros((801, 2)), 8000, "PCM_24")
    for name in ("bus-oslo-4-0-a", "park-oslo-3-0-a"):
        soundfile.write(scenes_folder / f"audio/{name}.wav", np.zeros(1600), 16000, "PCM_24")
    expected = r"bus-oslo-4-0-a.wav: found 16000 Hz, 1 channel, 1600 samples, .* \(the same holds for 1 other file\)$"
    with pytest.raises(InputError, match=expected):
        read_scenes(scenes_folder, audio, "error")
    read_scenes(scenes_folder, audio, "convert")


def test_duration_auto_is_the_most_frequent_length_and_of_equals_the_longest(scenes_folder):
    lengths = {"bus-oslo-1-0": 500, "bus-oslo-1-1": 500, "bus-oslo-4-0": 501, "park-oslo-3-0": 900}
    for name, length in lengths.items():
        soundfile.write(scenes_folder / f"audio/{name}-a.wav", np.zeros((length, 2)), 8000, "PCM_24")
    auto = Audio(sample_rate=8000, channels=2, duration="auto")
    assert read_scenes(scenes_folder, auto, "convert")[1].samples == 800  # 3 of 7
    soundfile.write(scenes_folder / "audio/park-oslo-0-0-a.wav", np.zeros((900, 2)), 8000, "PCM_24")
    assert read_scenes(scenes_folder, auto, "convert")[1].samples == 900  # 2 clips, like those of 500 and 800
    with pytest.raises(
        InputError, match=r"found 8000 Hz, 2 channels, 500 samples, expected .* 900 samples; set scenes"
    ):
        read_scenes(scenes_folder, auto, "error")


def test_all_problems_of_the_lists_are_reported_with_the_number_of_their_kind(scenes_folder):
    meta, train, evaluate = (scenes_folder / name for name in ("meta.csv", TRAIN, EVALUATE))
    meta.write_text(meta.read_text().replace("oslo-0\ta", "oslo\ta").replace("\toslo-4", "\toslo-1"))
    train.write_text(train.read_text() + "park-1.wav\tpark\npark-2.wav\tpark\nx\n")
    evaluate.write_text("filename\taudio\n")
    errors = []
    assert len(list_scenes(scenes_folder, errors.append)) == 7
    assert [str(error).removeprefix(f"{scenes_folder}/") for error in errors] == [
        "meta.csv: identifier 'oslo' of audio/park-oslo-0-1-a.wav does not have the form city-location, as barcelona-0"
        "; it is split at its last hyphen, so write one (the same holds for 1 other clip)",
        f"{TRAIN}: line 8 has 1 columns, expected the header's 2; correct it",
        f"{TRAIN}: park-1.wav is not in meta.csv; add it there, or remove it here (the same holds for 1 other clip)",
        f"{EVALUATE}: no column 'scene_label'; expected a header with filename, scene_label",
    ]
    with pytest.raises(InputError, match="identifier 'oslo'"):
        list_scenes(scenes_folder)


def test_cities_with_a_single_location_each_are_questioned(scenes_folder):
    assert city_problem(list_scenes(scenes_folder), scenes_folder / "meta.csv") is None  # two cities
    places = [f"rain-on-{where}" for where in ("car-roof", "tent", "leaves", "window")]
    clips = pd.DataFrame({"location": [*places, "rain-on-tent"]})
    clips["city"] = clips["location"].str.rpartition("-")[0]
    assert city_problem(clips, Path("meta.csv")) is None  # three of the locations are in the city "rain-on"
    clips["location"] = [f"{name}-{number}" for number, name in enumerate(clips["location"])]
    clips["city"] = clips["location"].str.rpartition("-")[0]
    assert city_problem(clips, Path("meta.csv")) is None  # a city of four, rain-on-tent, has two
    problem = city_problem(clips[:4], Path("meta.csv"))
    assert problem == (
        "meta.csv: 4 of 4 cities have a single location; identifiers are split at their last hyphen, so that "
        "'rain-on-car-roof-0' is location 0 of the city rain-on-car-roof; write them as city-location, or disregard "
        "results by city"
    )
