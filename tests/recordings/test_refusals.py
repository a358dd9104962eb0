"""What `tagasc init` refuses, in one line and before it writes anything."""

import shutil

import pytest

from tagasc.config.loading import load_files
from tagasc.runtime.errors import InputError


def refusal(init, tmp_path, **given):
    """Return the one line with which a call is refused. It leaves everything as it was."""
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(InputError) as error:
        init(**given)
    assert sorted(tmp_path.rglob("*")) == before
    line = str(error.value)
    assert "\n" not in line
    assert str(tmp_path / ".partial") not in line
    return line


def test_identical_files_on_both_sides_are_refused(plain, init, tmp_path):
    shutil.copyfile(plain / "park/oslo-0/a.wav", plain / "tram/oslo-5/a.wav")
    line = refusal(init, tmp_path, evaluate_on=["oslo-0", "oslo-4"])
    assert line.startswith(f"{plain}/tram/oslo-5/a.wav and {plain}/park/oslo-0/a.wav are the same recording")
    _, lines = init(evaluate_on=["oslo-1", "oslo-4"])
    (warning,) = [line for line in lines if "are the same recording" in line]
    assert "in the scenes 'park' and 'tram'; delete one of them" in warning


def test_unreadable_files_are_refused_together(plain, init, tmp_path):
    for name in ("park/oslo-0/c.wav", "park/oslo-1/c.wav", "tram/oslo-3/c.m4a"):
        (plain / name).write_bytes(b"garbage" * 100)
    line = refusal(init, tmp_path)
    assert line.startswith(f"{plain}/park/oslo-0/c.wav: is not audio that libsndfile can read")
    assert "2 other files" in line


def test_a_recording_that_cannot_be_cut_leaves_nothing(plain, init, write, tmp_path):
    path = write("park/oslo-1/long.flac", 4.0)
    content = bytearray(path.read_bytes())
    content[len(content) // 2 :] = bytes(len(content) - len(content) // 2)
    path.write_bytes(content)
    assert str(path) in refusal(init, tmp_path, clip=1.0)
    assert plain.is_dir()


@pytest.mark.usefixtures("plain")
def test_an_existing_folder_is_not_touched(init, tmp_path):
    (tmp_path / "new").mkdir()
    (tmp_path / "new/thesis.txt").write_text("mine")
    assert "is a folder that is not empty, and nothing is overwritten" in refusal(init, tmp_path)
    assert (tmp_path / "new/thesis.txt").read_text() == "mine"
    (tmp_path / "new/thesis.txt").unlink()
    init()
    assert "is a folder that is not empty" in refusal(init, tmp_path)
    (tmp_path / "file").touch()
    assert "is there already" in refusal(init, tmp_path, output="file")
    for inside in ("mine", "mine/new"):
        assert "whose folders are the scenes" in refusal(init, tmp_path, output=inside)


def test_other_layouts_are_refused_with_what_was_expected(init, tmp_path, write):
    expected = "expected FOLDER/scene/location/file, for example park/oslo-3/morning.wav"
    assert "mine: does not exist; " + expected in refusal(init, tmp_path)
    (tmp_path / "mine").mkdir()
    assert "holds no audio files (it is empty); " + expected in refusal(init, tmp_path)
    (tmp_path / "mine/notes.txt").write_text("x")
    assert "(Left out: 1 file that is not audio (1 .txt)); " + expected in refusal(init, tmp_path)
    write("park/oslo-1/a.wav")
    assert "holds one scene only, 'park', so there is nothing to classify; " + expected in refusal(init, tmp_path)
    write("a.wav")
    assert "a.wav: stands in no scene folder; " in refusal(init, tmp_path)


def test_too_few_clips_or_locations_are_refused(init, tmp_path, write):
    write("park/oslo-1/a.wav")
    for name in "abc":
        write(f"tram/oslo-2/{name}.wav")
    assert "mine/park: gives one clip, too few to learn a scene from" in refusal(init, tmp_path)
    write("park/oslo-1/b.wav")
    assert "no location can be set aside for evaluation" in refusal(init, tmp_path)


@pytest.mark.parametrize("name", ["a\tb.wav", "a\nb.wav", b"a\xffb.wav".decode("utf-8", "surrogateescape")])
def test_names_that_lists_cannot_hold_are_refused(plain, init, tmp_path, name):
    (plain / "park/oslo-0/a.wav").rename(plain / "park/oslo-0" / name)
    line = refusal(init, tmp_path)
    assert "holds a tab, a line break" in line
    line.encode()


@pytest.mark.usefixtures("plain")
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"clip": 0.0}, "--clip: 0 s is not possible"),
        ({"clip": 0.01}, "--clip: 0.01 s at 8000 Hz are too short for a network; choose at least 0.051 s"),
        ({"evaluate": 1.0}, "--evaluate: 1 is not a share between 0 and 1"),
        ({"seed": -1}, "--seed: -1 is negative"),
        ({"cells": ["codecta"]}, "did you mean 'codecat'?"),
        ({"name": "a/b"}, "configuration: name: input should be letters, digits"),
        ({"output": "a{b}"}, "configuration: data: input should be a path without braces"),
        ({"output": "a$b"}, "a$b holds a $, which would start a variable"),
        ({"events": "a", "tags": "b"}, "--events: is for a tagger that is trained"),
    ],
)
def test_wrong_options_are_refused(init, tmp_path, options, words):
    for key in {"events", "tags"} & set(options):
        options[key] = tmp_path / options[key]
    assert words in refusal(init, tmp_path, **options)


@pytest.mark.usefixtures("plain")
def test_wrong_evaluation_locations_are_refused(init, tmp_path):
    line = refusal(init, tmp_path, evaluate_on=["olso-1"])
    assert line.startswith("--evaluate-on: there is no location 'olso-1' in ")
    assert "did you mean 'oslo-1'?" in line
    line = refusal(init, tmp_path, evaluate_on=["oslo-0", "oslo-1", "oslo-2"])
    assert "leaves no training clips of scene 'park'" in line


@pytest.mark.usefixtures("plain")
def test_names_that_differ_in_spelling_only_are_refused(init, tmp_path, write):
    write("Park/oslo-8/a.wav")
    assert "mine: the scenes 'Park' and 'park' differ only in spelling" in refusal(init, tmp_path)


def test_very_low_rates_are_refused(plain, init, tmp_path, write):
    write("park/oslo-0/a.wav", rate=999)
    assert "has a sample rate of 999 Hz, expected at least 1000 Hz" in refusal(init, tmp_path)
    write("park/oslo-0/a.wav", rate=1000)
    assert load_files([init()[0] / "experiment.yaml"], []).scenes.audio.sample_rate == 1000
    write("park/oslo-0/a.wav", rate=65537)
    assert "a.wav: has the unusual sample rate 65537 Hz" in refusal(init, tmp_path, output="other")
    assert plain.is_dir()


def test_a_full_disk_is_noticed_before_cutting(plain, init, tmp_path, write, monkeypatch):
    write("park/oslo-1/long.wav", 4.0)
    free = shutil.disk_usage(tmp_path)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: free)
    assert "are needed for the clips of long recordings" in refusal(init, tmp_path, clip=1.0)
    assert plain.is_dir()


@pytest.mark.usefixtures("plain")
def test_a_wrong_folder_of_events_is_refused(init, tmp_path):
    assert "events.folder: " in refusal(init, tmp_path, events=tmp_path / "events")
