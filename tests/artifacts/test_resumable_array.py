import json
import os
from types import SimpleNamespace

import numpy as np
import pytest

from tagasc.artifacts import resumable_array
from tagasc.artifacts.array import ArrayFile
from tagasc.artifacts.resumable_array import PackedClip, open_resumable
from tagasc.runtime.errors import InputError

pytestmark = pytest.mark.usefixtures("without_records")

ARRAY = ArrayFile(path="corpora/<corpus>/x.npy", rule="pack_x", meaning="", dtype=np.int16, axes=["clips", "values"])
STATE = ".partial-x.npy.json"


@pytest.fixture
def files(tmp_path):
    """Write the files of four clips."""
    paths = [tmp_path / f"{name}.wav" for name in "abcd"]
    for path in paths:
        path.write_bytes(b"clip")
    return paths


def fill(path, files, settings="settings", rows=4, columns=2, stop_at=None):
    """Write the first two values of each row, stop with an error before one row, and return how many were present."""
    with open_resumable(ARRAY, path, (rows, columns), settings, files) as array, array.path.open("r+b") as file:
        present = len(array.clips)
        for row in range(present, rows):
            if row == stop_at:
                raise KeyboardInterrupt
            file.seek(array.offset + 2 * columns * row)
            file.write(np.array([row, -row], np.int16).tobytes())
            file.flush()
            array.add([PackedClip(0.5 * row, 2 * columns, f"bytes {row}", str(row))])
    assert array.scales == [0.5 * row for row in range(rows)]
    assert array.digests == [str(row) for row in range(rows)]
    return present


def test_an_array_is_written_and_renamed(tmp_path, files):
    assert fill(tmp_path / "out/x.npy", files) == 0
    assert np.load(tmp_path / "out/x.npy").tolist() == [[0, 0], [1, -1], [2, -2], [3, -3]]
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["x.npy"]


def test_an_interrupted_array_is_continued(tmp_path, files, capsys):
    with pytest.raises(KeyboardInterrupt):
        fill(tmp_path / "out/x.npy", files, stop_at=3)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {".partial-x.npy", STATE}
    assert fill(tmp_path / "out/x.npy", files) == 3
    assert "3 of 4 clips are packed already" in capsys.readouterr().out
    assert np.load(tmp_path / "out/x.npy").tolist() == [[0, 0], [1, -1], [2, -2], [3, -3]]
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["x.npy"]


@pytest.mark.parametrize(
    ("change", "present"),
    [
        ("nothing", 2),
        ("size of a written clip", 0),
        ("time of a written clip", 0),
        ("size of a later clip", 2),
        ("settings", 0),
        ("shape", 0),
        ("no data", 0),
        ("empty data", 0),
        ("no state", 0),
        ("state cut short", 0),
    ],
)
def test_written_clips_are_kept_only_if_they_would_be_the_same(tmp_path, files, change, present):
    path, settings, rows = tmp_path / "x.npy", "settings", 4
    with pytest.raises(KeyboardInterrupt):
        fill(path, files, stop_at=2)
    match change:
        case "size of a written clip":
            files[1].write_bytes(b"another clip")
        case "time of a written clip":
            os.utime(files[1], ns=(1, 1))
        case "size of a later clip":
            files[2].write_bytes(b"another clip")
        case "settings":
            settings = "other settings"
        case "shape":
            rows = 3
        case "no data":
            (tmp_path / ".partial-x.npy").unlink()
        case "empty data":
            (tmp_path / ".partial-x.npy").write_bytes(b"")
        case "no state":
            (tmp_path / STATE).unlink()
        case "state cut short":
            (tmp_path / STATE).write_text((tmp_path / STATE).read_text()[:-5])
    assert fill(path, files[:rows], settings, rows) == present
    assert np.load(path).tolist() == [[row, -row] for row in range(rows)]


def test_the_state_never_names_clips_that_are_not_on_the_disk(tmp_path, files, monkeypatch):
    monkeypatch.setattr(resumable_array, "SAVE_EVERY", 0)
    named, fsync = [], os.fsync

    def record(number):
        state = tmp_path / STATE
        named.append(len(json.loads(state.read_text())["clips"]) if state.exists() else 0)
        fsync(number)

    monkeypatch.setattr(os, "fsync", record)
    fill(tmp_path / "x.npy", files)
    assert sorted(set(named)) == [0, 1, 2, 3, 4]


def test_too_little_disk_space_is_reported_before_and_after_an_interruption(tmp_path, files, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=10))
        with pytest.raises(
            InputError, match=r"are needed for the packed corpus, .*, or link results/corpora to a larg"
        ):
            fill(tmp_path / "x.npy", files)
    with pytest.raises(KeyboardInterrupt):
        fill(tmp_path / "x.npy", files, columns=1 << 20, stop_at=1)
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=1000))
    with pytest.raises(InputError, match=r"8\.4 MB are needed for the rest of the packed corpus"):
        fill(tmp_path / "x.npy", files, columns=1 << 20)
    assert not (tmp_path / "x.npy").exists()
