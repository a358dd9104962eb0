"""Folders of raw recordings: which of them a rule may write into, and what the receipts say."""

import pytest

from tagasc.config import DemoScenes, Events, Scenes
from tagasc.corpora.receipts import (
    SYNTHESISED,
    UNPACKED,
    check_claim,
    claim,
    events_statement,
    is_current,
    scenes_statement,
    update_receipt,
)
from tagasc.runtime.errors import InputError

LISTS = ("meta.csv", "evaluation_setup/fold1_train.csv", "evaluation_setup/fold1_evaluate.csv")


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("lost", [None, *LISTS])
def test_a_folder_of_a_user_is_never_claimed(scenes_folder, lost):
    if lost:
        (scenes_folder / lost).unlink()
    before = contents(scenes_folder)
    with pytest.raises(InputError, match=r"TAU: holds files that were not unpacked by tagasc.*'source' to copy"):
        claim(scenes_folder, "mine")
    assert contents(scenes_folder) == before


def test_a_missing_an_empty_and_a_marked_folder_are_claimed(tmp_path):
    check_claim(tmp_path / "missing")
    (tmp_path / "empty").mkdir()
    claim(tmp_path / "empty", "statement\n")
    assert (tmp_path / "empty" / UNPACKED).read_text() == "statement\n"
    (tmp_path / "empty/meta.csv").touch()
    claim(tmp_path / "empty", "statement\n")


@pytest.mark.parametrize("source", ["download", "demo"])
def test_a_receipt_lasts_as_long_as_the_lists(scenes_folder, tmp_path, source):
    scenes, receipt = Scenes(source=source), tmp_path / "unpacked.txt"
    marker = scenes_folder / (SYNTHESISED if source == "demo" else UNPACKED)
    update_receipt(scenes, scenes_folder, receipt)
    assert not receipt.exists()  # without a marker, the folder is somebody's
    marker.write_text(scenes_statement(scenes))
    update_receipt(scenes, scenes_folder, receipt)
    assert receipt.read_text() == scenes_statement(scenes)
    assert is_current(scenes, receipt)
    (scenes_folder / LISTS[2]).rename(tmp_path / "list")
    update_receipt(scenes, scenes_folder, receipt)
    assert not receipt.exists()
    assert not is_current(scenes, receipt)
    (tmp_path / "list").rename(scenes_folder / LISTS[2])
    update_receipt(scenes, scenes_folder, receipt)
    assert is_current(scenes, receipt)


def test_recordings_of_another_demo_are_not_taken_for_this_one(scenes_folder, tmp_path):
    former, wanted = Scenes(source="demo"), Scenes(source="demo", demo=DemoScenes(train=9))
    (scenes_folder / SYNTHESISED).write_text(scenes_statement(former))
    update_receipt(wanted, scenes_folder, tmp_path / "unpacked.txt")
    assert not (tmp_path / "unpacked.txt").exists()


def test_receipts_of_a_users_folder_are_left_alone(tmp_path):
    (tmp_path / "unpacked.txt").write_text("by a former download")
    update_receipt(Scenes(source="copy"), tmp_path / "missing", tmp_path / "unpacked.txt")
    assert (tmp_path / "unpacked.txt").exists()
    assert is_current(Events(source="folder"), tmp_path / "missing.txt")


def test_a_statement_names_everything_that_decides_the_recordings():
    demo = Events(source="demo")
    assert '"curated": 36' in events_statement(demo)
    assert "44100" in events_statement(demo)
    assert events_statement(Events(source="demo", drop=[])) == events_statement(demo)
