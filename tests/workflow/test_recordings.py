"""Recordings that change, move, break or belong to somebody: what is repeated, and what is never lost."""

import os
import re
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.slow, pytest.mark.workflow]

NAME = "data/demo-scenes/audio/airport-barcelona-0-0-a.wav"


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def planned(process):
    assert process.returncode == 0, process.stderr
    return {rule: int(count) for rule, count in re.findall(r"^(\w+) +(\d+)$", process.stdout, re.MULTILINE)}


def error(process):
    assert process.returncode == 1
    (line,) = {line for line in process.stderr.splitlines() if line.startswith("tagasc: error: ")}
    assert "Traceback" not in process.stderr
    return line


@pytest.fixture
def finished(tiny, tmp_path, snakemake):
    """Return a copy of the finished experiment, and a function that runs snakemake there."""
    folder = shutil.copytree(tiny[0], tmp_path / "copy", symlinks=True)
    shutil.rmtree(folder / ".snakemake/locks", ignore_errors=True)
    files = [ROOT / "demo/experiment.yaml", folder / "tiny.yaml"]
    return folder, lambda *arguments: snakemake(folder, "-c2", *arguments, configfiles=files)


def test_content_decides_and_not_place_time_or_order(finished):
    folder, run = finished
    recording, meta = folder / NAME, folder / "data/demo-scenes/meta.csv"
    for path in (folder / "data").rglob("*"):
        os.utime(path)
    header, *rows = meta.read_text().splitlines(keepends=True)
    meta.write_text(header + "".join(reversed(rows)))
    assert "Nothing to be done" in run("-n").stdout

    (folder / "data").rename(folder / "elsewhere")
    moved = planned(run("-n", "--config", "data=elsewhere"))
    assert set(moved) == {"write_config", "write_overview", "everything", "total"}  # both show the key
    assert "Nothing to be done" in run("-n").stdout  # even without the recordings
    (folder / "elsewhere").rename(folder / "data")

    shutil.copyfile(recording.with_name("airport-barcelona-0-1-a.wav"), recording)
    process = run("-n")
    assert planned(process)["train_cell"] == 4
    assert "1 of 78 recordings has changed, for instance audio/airport-barcelona-0-0-a.wav" in process.stderr


def test_a_recording_or_list_that_breaks_costs_nothing(finished):
    folder, run = finished
    for path in (folder / NAME, folder / "data/demo-scenes/evaluation_setup/fold1_train.csv"):
        before = contents(folder / "results")
        whole = path.read_bytes()
        path.write_bytes(b"garbage\n" * (len(whole) // 8))
        assert path.name in error(run())
        assert contents(folder / "results") == before
        path.write_bytes(whole)
        assert "Nothing to be done" in run("-n").stdout


def test_packing_the_same_recordings_again_trains_nothing(finished):
    folder, run = finished
    waveforms = folder / "results/corpora/demo-scenes/waveforms.npy"
    written = waveforms.stat().st_mtime_ns
    assert run("--force", "pack_scenes").returncode == 0
    assert waveforms.stat().st_mtime_ns > written
    assert "Nothing to be done" in run("-n").stdout


def test_a_packing_that_fails_is_repeated_by_the_next_run(finished):
    folder, run = finished
    shutil.copyfile((folder / NAME).with_name("airport-barcelona-0-1-a.wav"), folder / NAME)
    obstacle = folder / "results/corpora/demo-scenes/.partial-waveforms.npy"
    obstacle.mkdir()
    assert run("pack_scenes").returncode == 1
    obstacle.rmdir()
    for target in ("table5", "everything"):
        assert planned(run("-n", target))["pack_scenes"] == 1
    assert run("pack_scenes").returncode == 0
    assert "pack_scenes" not in planned(run("-n"))


@pytest.mark.parametrize("source", ["demo", "download"])
@pytest.mark.parametrize("lost", [None, "meta.csv", "evaluation_setup/fold1_evaluate.csv"])
def test_nothing_in_a_users_folder_is_overwritten_or_deleted(tiny, snakemake, tmp_path, source, lost):
    mine = tmp_path / "mine"
    shutil.copytree(tiny[0] / "data/demo-scenes", mine)
    (mine / "synthesised.txt").unlink()
    if lost:
        (mine / lost).unlink()
    before = contents(mine)
    for demo in (4, 5):  # a changed key, too
        given = f"scenes={{source: {source}, folder: {mine}, demo: {{train: {demo}}}}}"
        process = snakemake(tmp_path, "-c1", "pack_scenes", "--config", given)
        assert re.search(r"was not synthesised|were not unpacked by tagasc", error(process))
        assert contents(mine) == before


def test_packing_scenes_needs_no_events(finished):
    _, run = finished
    absent = ["--config", "events={source: folder, folder: /nowhere, name: none}", "tagger={name: none}"]
    assert run("-n", "pack_scenes", *absent).returncode == 0
    assert "events.folder: /nowhere/FSDKaggle2019.meta/" in error(run("-n", *absent))


def test_another_experiment_with_other_settings_is_refused_and_overwrites_nothing(finished):
    folder, run = finished
    before = contents(folder / "results")
    line = error(run("--config", "name=other", "scenes={audio: {sample_rate: 16000}}"))
    assert "scenes.audio.sample_rate: is 16000, but 8000 in experiment 'tiny'" in line
    assert "give scenes.name another value (in use: demo-events, demo-scenes)" in line
    assert "tagger.stage2_cycles: is 2" in error(run("--config", "name=other", "tagger={stage2_cycles: 2}"))
    shutil.copyfile((folder / NAME).with_name("airport-barcelona-0-1-a.wav"), folder / NAME)
    assert "since experiment 'tiny' packed the corpus demo-scenes" in error(run("-n", "--config", "name=other"))
    assert contents(folder / "results") == before


def test_a_file_of_tags_is_imported_by_content_and_checked_first(finished):
    folder, run = finished
    clips = (folder / "results/corpora/demo-scenes/clips.csv").read_text().splitlines()[1:]
    rows = [f"{clip.split(',')[0]},0.{number:02}" for number, clip in enumerate(clips)]
    file, cache = folder / "mine.csv", folder / "results/tags/mine/demo-scenes.npz"
    good = "\n".join(["filename,Bell", *rows, ""])
    target = ["results/tags/mine/demo-scenes.npz", "--config", "name=mine"]
    named = [*target, "tagger={name: mine, kind: file, path: mine.csv}"]
    file.write_text(good)
    assert run(*named).returncode == 0
    imported = cache.read_bytes()
    file.write_text(good.replace(",0.01", ",1.5"))
    assert "is 1.5; expected a number in [0, 1]" in error(run(*named))
    assert cache.read_bytes() == imported
    file.write_text(good)
    assert "Nothing to be done" in run("-n", *named).stdout
    file.rename(folder / "moved.csv")
    moved = [*target, "tagger={name: mine, kind: file, path: moved.csv}"]
    assert "Nothing to be done" in run("-n", *moved).stdout
    (folder / "moved.csv").write_text(good.replace(",0.01", ",0.5"))
    assert planned(run("-n", *moved)) == {"import_tags": 1, "total": 1}
    other = [word.replace("name=mine", "name=other") for word in moved]
    assert "differs from the file that experiment 'mine' imported" in error(run("-n", *other))
