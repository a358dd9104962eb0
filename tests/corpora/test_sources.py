"""Whether recordings have changed: decided by content, and in a time that planning can spend."""

import os
import shutil
import time

import pandas as pd
import pytest

from tagasc.artifacts.sources import SOURCES
from tagasc.config import Events
from tagasc.corpora.sources import Recordings, compare_sources, event_recordings, scene_recordings, write_sources

NAME = "audio/park-oslo-0-0-a.wav"


def digests(paths):
    """Return digests of files by their first bytes, independent of the packing."""
    return [path.read_bytes().hex()[:200] for path in paths]


def never(_):
    raise AssertionError("nothing has to be read")


@pytest.fixture
def recorded(scenes_folder, tmp_path):
    """Record the folder as packed; return the path of the record."""
    path, recordings = tmp_path / "sources.csv", scene_recordings(scenes_folder)
    write_sources(path, recordings, recordings.stats(), digests(recordings.paths.values()), 4)
    return path


def compare(path, folder, digest=digests):
    return compare_sources(path, scene_recordings(folder), digest)


def test_without_a_record_the_number_is_one(scenes_folder, tmp_path):
    assert compare(tmp_path / "sources.csv", scenes_folder, never).number == 1


def test_unchanged_recordings_are_not_read(recorded, scenes_folder):
    assert compare(recorded, scenes_folder, never).number == 4


def test_a_copy_elsewhere_with_other_times_is_read_once_and_is_the_same(recorded, scenes_folder, tmp_path):
    shutil.copytree(scenes_folder, tmp_path / "elsewhere", copy_function=shutil.copyfile)
    for path in (tmp_path / "elsewhere").rglob("*.wav"):
        os.utime(path, ns=(1, 1_600_000_000_123_456_789))
    assert compare(recorded, tmp_path / "elsewhere").number == 4
    assert compare(recorded, tmp_path / "elsewhere", never).number == 4
    assert set(SOURCES.read(recorded)["modified"]) == {0, 1_600_000_000_123_456_789}


def test_another_content_raises_the_number_until_it_is_put_back(recorded, scenes_folder):
    path = scenes_folder / NAME
    original, facts = path.read_bytes(), path.stat()
    path.write_bytes(original[::-1])
    for _ in range(2):
        changed = compare(recorded, scenes_folder)
        assert (changed.number, changed.changed, changed.lists) == (5, [NAME], False)
    path.write_bytes(original)
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    assert compare(recorded, scenes_folder, never).number == 4


def test_a_change_is_found_among_recordings_whose_times_alone_differ(recorded, scenes_folder):
    for path in scenes_folder.rglob("*.wav"):
        os.utime(path)
    (scenes_folder / NAME).write_bytes(b"other")
    assert compare(recorded, scenes_folder).changed == [NAME]
    asked = []
    compare(recorded, scenes_folder, lambda paths: asked.extend(paths) or digests(paths))
    assert asked == [scenes_folder / NAME]


def test_a_deleted_recording_is_a_change(recorded, scenes_folder):
    (scenes_folder / NAME).unlink()
    assert compare(recorded, scenes_folder, lambda paths: ["" for _ in paths]).changed == [NAME]


def test_lists_count_by_what_they_say(recorded, scenes_folder):
    meta = scenes_folder / "meta.csv"
    text = meta.read_text()
    header, *rows = text.splitlines(keepends=True)
    meta.write_text(header + "".join(sorted(rows)) + "\n")
    assert compare(recorded, scenes_folder, never).number == 4
    meta.write_text(text.replace("\ta\n", "\tb\n"))
    changed = compare(recorded, scenes_folder)
    assert (changed.number, changed.changed, changed.lists) == (5, [], True)


def test_a_clip_that_is_no_longer_listed_is_a_change(recorded, scenes_folder):
    recordings = scene_recordings(scenes_folder)
    fewer = Recordings({name: path for name, path in recordings.paths.items() if name != NAME}, recordings.lists)
    assert compare_sources(recorded, fewer, digests).changed == [NAME]


def test_dropped_events_do_not_count(events_folder, tmp_path):
    events = Events(drop=["0c.wav"])
    recordings = event_recordings(events, events_folder)
    assert len(recordings.paths) == 5
    write_sources(tmp_path / "sources.csv", recordings, recordings.stats(), ["x"] * 5, 1)
    (events_folder / "FSDKaggle2019.audio_train_curated/0c.wav").unlink()
    assert compare_sources(tmp_path / "sources.csv", event_recordings(events, events_folder), never).number == 1


def test_as_many_recordings_as_the_paper_has_are_compared_in_a_second(tmp_path):
    (tmp_path / "audio").mkdir()
    names = [f"audio/{number}.wav" for number in range(14_400)]
    for name in names:
        (tmp_path / name).touch()
    recordings = Recordings.of(tmp_path, pd.DataFrame({"filename": names}), [tmp_path / name for name in names])
    write_sources(tmp_path / "sources.csv", recordings, recordings.stats(), ["x"] * len(names), 1)
    started = time.process_time()
    assert compare_sources(tmp_path / "sources.csv", recordings, never).number == 1
    assert time.process_time() - started < 2  # 0.5 s, on a machine that does nothing else
