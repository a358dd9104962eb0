"""Folders compared with the published counts, and 14,400 clips that are listed, verified and packed."""

import csv
import json
import os
import shutil

import numpy as np
import pytest
import soundfile

from tagasc.artifacts.scenes import read_scenes
from tagasc.config import Audio, Scenes
from tagasc.corpora import fsdkaggle2019, tau2019
from tagasc.corpora.fsdkaggle2019 import count_events, event_path, list_events
from tagasc.corpora.pack_scenes import pack_scenes
from tagasc.corpora.tau2019 import list_scenes
from tagasc.corpora.verify import verify_events, verify_scenes
from tagasc.runtime.errors import InputError

TINY = Scenes(source="copy", audio=Audio(duration=100 / 48000))


def counted(path):
    with path.open() as file:
        return {row["what"]: (row["found"], row["published"]) for row in csv.DictReader(file)}


@pytest.mark.slow
@pytest.mark.parametrize("verify", ["quick", "full"])
def test_a_complete_copy_of_the_scenes_has_the_published_counts(tau_stand_in, tmp_path, verify):
    verify_scenes(TINY.model_copy(update={"verify": verify}), tau_stand_in, tmp_path / "verified.csv", 1)
    counts = counted(tmp_path / "verified.csv")
    published = {what: number for what, number in counts.items() if number[1]}
    assert all(found == expected for found, expected in published.values())
    assert counts["clips"] == ("14400", "14400")
    assert counts["locations in evaluate"] == ("149", "149")
    assert counts["clips of park in unused"] == ("108", "108")
    assert len(published) == 1 + 2 * 3 + 1 + 30
    assert {found for what, (found, _) in counts.items() if what not in published} == {"0"}


@pytest.mark.slow
def test_14400_clips_are_packed_and_a_killed_job_is_continued(tau_stand_in, tmp_path, capsys, killed):
    whole, files = ([tmp_path / name / file for file in ("clips.csv", "waveforms.npy")] for name in ("whole", "out"))
    pack_scenes(TINY.audio, "error", tau_stand_in, *whole, 2)
    packed = read_scenes(*whole)
    assert packed.waveforms.shape == (14_400, 2, 100)
    assert [packed.rows(split) for split in ("train", "evaluate", "unused")] == [
        slice(0, 9185),
        slice(9185, 13_370),
        slice(13_370, 14_400),
    ]
    for row in (0, 9185, 14_399):
        recording = soundfile.read(tau_stand_in / packed.clips["filename"][row])[0].T
        np.testing.assert_allclose(packed.waveforms[row] * packed.clips["scale"][row], recording, atol=1e-4)

    state = files[1].with_name(".partial-waveforms.npy.json")
    settings = f"Audio.model_validate_json({TINY.audio.model_dump_json()!r}), 'error'"
    paths = ", ".join(f"Path({str(path)!r})" for path in (tau_stand_in, *files))
    code = f"""
from pathlib import Path
from tagasc.artifacts import resumable_array
from tagasc.config import Audio
from tagasc.corpora.pack_scenes import pack_scenes

resumable_array.SAVE_EVERY = 0.1
pack_scenes({settings}, {paths}, 2)
"""
    killed(code, state.exists)
    done = len(json.loads(state.read_text())["clips"])
    assert 0 < done < 14_400
    assert not list(files[1].parent.glob("[!.]*"))
    pack_scenes(TINY.audio, "error", tau_stand_in, *files, 2)
    assert f"{done} of 14400 clips are packed already" in capsys.readouterr().out
    assert [file.read_bytes() for file in files] == [file.read_bytes() for file in whole]


@pytest.fixture
def copy(tau_stand_in, tmp_path):
    """Copy the lists, and link the audio files."""
    folder = tmp_path / "TAU"
    shutil.copytree(tau_stand_in, folder, copy_function=os.link)
    for path in [folder / "meta.csv", *(folder / "evaluation_setup").iterdir()]:
        text = path.read_text()
        path.unlink()
        path.write_text(text)
    return folder


def drop(path, name):
    path.write_text("".join(line for line in path.read_text().splitlines(keepends=True) if name not in line))


@pytest.mark.slow
def test_every_difference_is_named(copy, tmp_path, capsys):
    clips = list_scenes(copy)
    train, unused = clips["filename"][7], clips["filename"][14_000]
    evaluate = clips["filename"][9185]
    (copy / train).unlink()
    (copy / "audio/bus-oslo-999-0-a.wav").touch()
    drop(copy / "evaluation_setup/fold1_evaluate.csv", evaluate)
    drop(copy / "meta.csv", unused)
    with pytest.raises(InputError) as caught:
        verify_scenes(TINY, copy, tmp_path / "verified.csv", 1)
    line, scene = str(caught.value), clips["scene"][9185]
    expected = tau2019.CLIPS_BY_SCENE[scene][1]
    assert line.startswith(
        f"{copy}: clips: found 14399, expected 14400; clips in evaluate: found 4184, expected 4185; "
    )
    assert line.endswith("fetch or copy the data set again, or set scenes.source: folder for recordings of your own")
    assert "more, listed in the log" in line
    assert "\n" not in line
    log = capsys.readouterr().out.splitlines()
    assert {
        "clips: found 14399, expected 14400",
        "clips in evaluate: found 4184, expected 4185",
        f"clips of {scene} in evaluate: found {expected - 1}, expected {expected}",
        f"{train} does not exist",
        f"{unused} is in no list",
        "audio/bus-oslo-999-0-a.wav is in no list",
    } <= set(log)
    assert not (tmp_path / "verified.csv").exists()


@pytest.mark.slow
def test_lists_that_share_a_location_are_refused(copy, tmp_path):
    clips = list_scenes(copy)
    place = clips["location"][0]
    name = clips["filename"][9185]
    meta = copy / "meta.csv"
    meta.write_text(
        meta.read_text().replace(
            f"{name}\t{clips['scene'][9185]}\t{clips['location'][9185]}", f"{name}\t{clips['scene'][9185]}\t{place}"
        )
    )
    with pytest.raises(InputError, match=rf"location {place} is in both lists \(.+ in train, {name} in evaluate\)"):
        verify_scenes(TINY, copy, tmp_path / "verified.csv", 1)


@pytest.mark.parametrize("workers", [1, 2])
def test_full_names_every_clip_that_does_not_decode(scenes, scenes_folder, tmp_path, capsys, workers):
    for name in ("bus-oslo-1-0-a", "park-oslo-3-0-a"):
        path = scenes_folder / f"audio/{name}.wav"
        soundfile.write(path, np.random.default_rng(0).normal(0, 0.1, (800, 2)), 8000, "PCM_24", format="FLAC")
        path.write_bytes(path.read_bytes()[:-1000])
    (scenes_folder / "audio/bus-oslo-4-0-a.wav").unlink()
    report = tmp_path / "verified.csv"
    own = scenes.model_copy(update={"source": "folder", "verify": "full"})
    with pytest.raises(InputError, match=r"bus-oslo-4-0-a\.wav does not exist; .*bus-oslo-1-0.*; copy missing or dam"):
        verify_scenes(own, scenes_folder, report, workers)
    log = capsys.readouterr().out
    assert "7 clips listed, 6 readable, 3 differences" in log
    assert log.count("cannot be decoded") == 2
    assert not report.exists()


def test_own_recordings_have_no_published_counts(scenes, scenes_folder, events, events_folder, tmp_path):
    (scenes_folder / "audio/not-on-a-list.wav").touch()
    for verify in ("quick", "full"):
        own = {"source": "folder", "verify": verify}
        verify_scenes(scenes.model_copy(update=own), scenes_folder, tmp_path / "scenes.csv", 1)
        verify_events(events.model_copy(update=own), events_folder, tmp_path / "events.csv", 1)
    assert counted(tmp_path / "scenes.csv")["locations in train"] == ("3", "")
    assert counted(tmp_path / "events.csv") == {
        "curated clips": ("3", ""),
        "noisy clips": ("2", ""),
        "test clips": ("1", ""),
        "clips": ("6", ""),
        "labels": ("4", ""),
        "clips resampled": ("0", ""),
        "clips mixed down to fewer channels": ("0", ""),
        "clips doubled from one channel to two": ("0", ""),
    }


def test_conversions_are_counted_by_kind_in_the_log_and_the_table(scenes, scenes_folder, tmp_path, capsys):
    own = scenes.model_copy(update={"source": "folder", "on_mismatch": "convert"})
    for name, shape, rate in (
        ("bus-oslo-1-0", (801, 2), 8000),
        ("bus-oslo-1-1", (1200, 2), 16000),
        ("bus-oslo-4-0", (700,), 8000),
        ("park-oslo-3-0", (2000, 4), 8000),
    ):
        soundfile.write(scenes_folder / f"audio/{name}-a.wav", np.zeros(shape), rate, "PCM_24")
    assert verify_scenes(own, scenes_folder, tmp_path / "verified.csv", 1) == 800
    expected = {
        "clips resampled": 1,
        "clips mixed down to fewer channels": 1,
        "clips doubled from one channel to two": 1,
        "clips cropped": 1,
        "clips padded": 2,
        "longest padding in ms": 25,  # 1200 samples at 16 kHz are 600 at 8 kHz
        "clips mended by one or two samples": 1,
    }
    assert list(counted(tmp_path / "verified.csv").items())[-7:] == [
        (what, (str(number), "")) for what, number in expected.items()
    ]
    out, err = capsys.readouterr()
    assert out.splitlines()[1:] == [f"{what}: {number}" for what, number in expected.items()]
    assert "warning" not in err  # 300 of 5600 samples are padding


def test_much_padding_is_a_warning_that_names_the_key(scenes, scenes_folder, tmp_path, capsys):
    for name in ("bus-oslo-1-0", "bus-oslo-1-1", "bus-oslo-4-0"):
        soundfile.write(scenes_folder / f"audio/{name}-a.wav", np.zeros((600, 2)), 8000, "PCM_24")
    own = scenes.model_copy(update={"source": "folder", "on_mismatch": "convert"})
    auto = own.model_copy(update={"audio": own.audio.model_copy(update={"duration": "auto"})})
    for settings, remedy in ((own, "a shorter length, or to auto"), (auto, "a shorter length")):
        assert verify_scenes(settings, scenes_folder, tmp_path / "verified.csv", 1) == 800
        out, err = capsys.readouterr()
        assert [line for line in err.splitlines() if "warning" in line] == [
            f"tagasc: warning: {scenes_folder}: 11 % of the packed clips will be silence, because 3 of 7 recordings "
            f"are shorter than 0.1 s and are padded; set scenes.audio.duration to {remedy}"
        ]
        assert ("the most frequent length is 0.1 s" in out) == (settings is auto)


def test_unreadable_clips_are_reported_together_before_clips_of_another_format(scenes, scenes_folder, tmp_path):
    (scenes_folder / "audio/bus-oslo-1-0-a.wav").write_bytes(b"")
    (scenes_folder / "audio/bus-oslo-1-1-a.wav").write_bytes(b"no audio")
    soundfile.write(scenes_folder / "audio/bus-oslo-4-0-a.wav", np.zeros(1600), 16000, "PCM_24")
    own = scenes.model_copy(update={"source": "folder"})
    with pytest.raises(
        InputError, match=r"1-0-a\.wav is empty \(0 bytes\); .*1-1-a\.wav is not audio .*copy missing or"
    ):
        verify_scenes(own, scenes_folder, tmp_path / "verified.csv", 1)
    for name in ("bus-oslo-1-0", "bus-oslo-1-1"):
        soundfile.write(scenes_folder / f"audio/{name}-a.wav", np.zeros((800, 2)), 8000, "PCM_24")
    with pytest.raises(InputError, match=r"4-0-a.wav: found 16000 Hz, 1 channel, .* convert, or correct scenes.audio$"):
        verify_scenes(own, scenes_folder, tmp_path / "verified.csv", 1)
    assert not (tmp_path / "verified.csv").exists()


def test_all_differences_of_a_copy_of_the_events_are_reported(events, events_folder, tmp_path, capsys):
    event_path(events_folder, "noisy", "c.wav").unlink()
    with pytest.raises(
        InputError, match=r"curated clips: found 3, expected 4970; .*, listed in the log; .* events\.source: folder"
    ):
        verify_events(events.model_copy(update={"source": "copy"}), events_folder, tmp_path / "verified.csv", 1)
    assert {
        "noisy clips: found 2, expected 19815",
        "test clips: found 1, expected 4481",
        "labels: found 4, expected 80",
        "FSDKaggle2019.audio_train_noisy/c.wav does not exist",
    } <= set(capsys.readouterr().out.splitlines())


def test_events_are_compared_with_the_published_counts(tmp_path):
    folder = tmp_path / "FSD"
    (folder / "FSDKaggle2019.meta").mkdir(parents=True)
    for subset, name in (("curated", "train_curated"), ("noisy", "train_noisy"), ("test", "test")):
        rows = [f"{number:08x}.wav,Label{number % 80}\n" for number in range(fsdkaggle2019.CLIPS[subset])]
        path = folder / f"FSDKaggle2019.meta/{name}_post_competition.csv"
        path.write_text("fname,labels\n" + "".join(rows))
    counts = count_events(list_events(folder), published=True)
    assert [count.difference for count in counts] == [None] * 5
    drop(folder / "FSDKaggle2019.meta/train_noisy_post_competition.csv", "Label79")
    counts = count_events(list_events(folder), published=True)
    assert [count.difference for count in counts if count.difference] == [
        "noisy clips: found 19568, expected 19815",
        "clips: found 29019, expected 29266",
    ]
