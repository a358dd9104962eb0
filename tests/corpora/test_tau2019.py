import re

import numpy as np
import pytest
import soundfile

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
    clips = read_scenes(scenes_folder, audio, "error")
    assert clips.to_csv(index=False).splitlines() == [
        "filename,scene,city,location,split",
        "audio/bus-oslo-1-0-a.wav,bus,oslo,oslo-1,train",
        "audio/bus-tel-aviv-2-0-a.wav,bus,tel-aviv,tel-aviv-2,train",
        "audio/park-oslo-0-0-a.wav,park,oslo,oslo-0,train",
        "audio/park-oslo-0-1-a.wav,park,oslo,oslo-0,train",
        "audio/bus-oslo-4-0-a.wav,bus,oslo,oslo-4,evaluate",
        "audio/park-oslo-3-0-a.wav,park,oslo,oslo-3,evaluate",
        "audio/bus-oslo-1-1-a.wav,bus,oslo,oslo-1,unused",
    ]


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
        (TRAIN, r"(audio.park-oslo-0-0.+\n)", r"\1\1", "lists audio/park-oslo-0-0-a.wav twice"),
        ("meta.csv", r"(audio.park-oslo-0-0.+\n)", r"\1\1", "lists audio/park-oslo-0-0-a.wav twice"),
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
    with pytest.raises(InputError, match=r"scenes.folder: .+nowhere is not a folder"):
        list_scenes(tmp_path / "nowhere")


@pytest.mark.parametrize("on_mismatch", ["error", "convert"])
def test_missing_audio_files_are_counted(audio, scenes_folder, on_mismatch):
    for path in (scenes_folder / "audio").glob("bus-oslo-*"):
        path.unlink()
    with pytest.raises(InputError, match=r"bus-oslo-1-0-a.wav: is missing, and so are 2 other listed"):
        read_scenes(scenes_folder, audio, on_mismatch)


def test_changed_clips_are_counted(audio, scenes_folder, capsys):
    soundfile.write(scenes_folder / "audio/bus-oslo-1-0-a.wav", np.zeros((801, 2)), 8000, "PCM_24")
    soundfile.write(scenes_folder / "audio/bus-oslo-4-0-a.wav", np.zeros(1600), 16000, "PCM_24")
    with pytest.raises(InputError, match=r"bus-oslo-4-0-a.wav: found 16000 Hz, 1 channel, 1600 samples"):
        read_scenes(scenes_folder, audio, "error")
    read_scenes(scenes_folder, audio, "convert")
    assert capsys.readouterr().out.splitlines() == [
        "1 of 7 clips: one or two samples too long or too short, cropped or zero-padded",
        "1 of 7 clips: converted in rate, channels or length",
    ]
