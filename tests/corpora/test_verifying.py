"""Folders held against what the data sets' pages publish, and 14,400 clips through reader, checks and packing."""

import csv
import json
import os
import shutil

import numpy as np
import pytest
import soundfile

from tagasc.config import Scenes
from tagasc.corpora.events import event_path, list_events
from tagasc.corpora.packed import load_scenes
from tagasc.corpora.packing import pack_scenes
from tagasc.corpora.published import FSD_CLIPS, TAU_CLIPS, count_events
from tagasc.corpora.scenes import list_scenes
from tagasc.corpora.verifying import verify_events, verify_scenes
from tagasc.errors import InputError

TINY = Scenes(source="copy", duration=100 / 48000)


def counted(path):
    with path.open() as file:
        return {row["what"]: (row["found"], row["published"]) for row in csv.DictReader(file)}


def test_the_published_counts_are_those_of_the_data_sets():
    splits = [sum(clips) for clips in zip(*TAU_CLIPS.values(), strict=True)]
    assert splits == [9185, 4185, 1030]
    assert all(sum(clips) == 1440 for clips in TAU_CLIPS.values())
    assert sum(FSD_CLIPS.values()) == 29_266


@pytest.mark.parametrize("verify", ["quick", "full"])
def test_a_whole_copy_of_the_scenes(tau_stand_in, tmp_path, verify):
    verify_scenes(TINY.model_copy(update={"verify": verify}), tau_stand_in, tmp_path / "verified.csv", 1)
    counts = counted(tmp_path / "verified.csv")
    assert all(found == published for found, published in counts.values())
    assert counts["clips"] == ("14400", "14400")
    assert counts["locations in evaluate"] == ("149", "149")
    assert counts["clips of park in unused"] == ("108", "108")
    assert len(counts) == 1 + 2 * 3 + 1 + 30


def test_14400_clips_are_packed_and_so_they_are_by_a_second_job_if_the_first_is_killed(
    tau_stand_in, tmp_path, capsys, killed
):
    whole, files = ([tmp_path / name / file for file in ("clips.csv", "waveforms.npy")] for name in ("whole", "out"))
    pack_scenes(TINY, tau_stand_in, *whole, 2)
    packed = load_scenes(*whole)
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
    settings = f"Scenes.model_validate_json({TINY.model_dump_json()!r})"
    paths = ", ".join(f"Path({str(path)!r})" for path in (tau_stand_in, *files))
    code = f"""
from pathlib import Path
from tagasc.config import Scenes
from tagasc.corpora import filling, packing

filling.SAVE_EVERY = 0.1
packing.pack_scenes({settings}, {paths}, 2)
"""
    killed(code, state.exists)
    done = len(json.loads(state.read_text())["scales"])
    assert 0 < done < 14_400
    assert not list(files[1].parent.glob("[!.]*"))
    pack_scenes(TINY, tau_stand_in, *files, 2)
    assert f"{done} of 14400 clips are packed already" in capsys.readouterr().out
    assert [file.read_bytes() for file in files] == [file.read_bytes() for file in whole]


@pytest.fixture
def copy(tau_stand_in, tmp_path):
    """A copy of the lists, whose audio is linked to the whole one's."""
    folder = tmp_path / "TAU"
    shutil.copytree(tau_stand_in, folder, copy_function=os.link)
    for path in [folder / "meta.csv", *(folder / "evaluation_setup").iterdir()]:
        text = path.read_text()
        path.unlink()
        path.write_text(text)
    return folder


def drop(path, name):
    path.write_text("".join(line for line in path.read_text().splitlines(keepends=True) if name not in line))


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
    assert line.startswith(f"{copy}: clips: 14399, not 14400; clips in evaluate: 4184, not 4185; ")
    assert line.endswith("fetch or copy the data set again, or set scenes.source: folder for recordings of your own")
    assert "more, which the log names" in line
    assert "\n" not in line
    log = capsys.readouterr().out.splitlines()
    assert {
        "clips: 14399, not 14400",
        "clips in evaluate: 4184, not 4185",
        f"clips of {scene} in evaluate: {TAU_CLIPS[scene][1] - 1}, not {TAU_CLIPS[scene][1]}",
        f"{train} is missing",
        f"{unused} is in no list",
        "audio/bus-oslo-999-0-a.wav is in no list",
    } <= set(log)
    assert not (tmp_path / "verified.csv").exists()


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
    with pytest.raises(
        InputError, match=r"bus-oslo-4-0-a\.wav is missing; .*bus-oslo-1-0.*; copy what is missing or dam"
    ):
        verify_scenes(own, scenes_folder, report, workers)
    log = capsys.readouterr().out
    assert "7 clips listed, 6 there, 3 differences" in log
    assert log.count("cannot be decoded") == 2
    assert not report.exists()


def test_recordings_of_ones_own_have_no_counts_to_keep(scenes, scenes_folder, events, events_folder, tmp_path):
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
    }


def test_the_events_of_a_copy_are_counted(events, events_folder, tmp_path, capsys):
    event_path(events_folder, "noisy", "c.wav").unlink()
    with pytest.raises(
        InputError, match=r"curated clips: 3, not 4970; .*, which the log names; .* events\.source: folder"
    ):
        verify_events(events.model_copy(update={"source": "copy"}), events_folder, tmp_path / "verified.csv", 1)
    assert {
        "noisy clips: 2, not 19815",
        "test clips: 1, not 4481",
        "labels: 4, not 80",
        "FSDKaggle2019.audio_train_noisy/c.wav is missing",
    } <= set(capsys.readouterr().out.splitlines())


def test_the_published_counts_of_the_events(tmp_path):
    folder = tmp_path / "FSD"
    (folder / "FSDKaggle2019.meta").mkdir(parents=True)
    for subset, name in (("curated", "train_curated"), ("noisy", "train_noisy"), ("test", "test")):
        rows = [f"{number:08x}.wav,Label{number % 80}\n" for number in range(FSD_CLIPS[subset])]
        path = folder / f"FSDKaggle2019.meta/{name}_post_competition.csv"
        path.write_text("fname,labels\n" + "".join(rows))
    counts = count_events(list_events(folder, drop=[]), published=True)
    assert [count.difference for count in counts] == [None] * 5
    drop(folder / "FSDKaggle2019.meta/train_noisy_post_competition.csv", "Label79")
    counts = count_events(list_events(folder, drop=[]), published=True)
    assert [count.difference for count in counts if count.difference] == [
        "noisy clips: 19568, not 19815",
        "clips: 29019, not 29266",
    ]
