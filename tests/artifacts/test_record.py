import os

import numpy as np
import pytest

from tagasc.artifacts.artifact import Artifact
from tagasc.artifacts.codes import CODES
from tagasc.artifacts.digest import short_digest
from tagasc.artifacts.record import Part, Record, content_digest, read_record, record_path, write_record
from tagasc.artifacts.resumable_array import PackedClip, open_resumable
from tagasc.artifacts.scenes import WAVEFORMS
from tagasc.artifacts.verification import find_files, verify
from tagasc.runtime.errors import InputError

FILE = Artifact(path="experiments/<name>/cells/<cell>/seed<k>/x.txt", rule="make_x", meaning="")


@pytest.fixture
def path(tmp_path):
    """Write a file of the results tree."""
    path = tmp_path / "cells/codecat/seed0/x.txt"
    FILE.write_text(path, "some text")
    return path


def test_a_file_as_it_was_written_passes(path):
    FILE.check(path)
    os.utime(path, ns=(1, 1))
    FILE.check(path)


@pytest.mark.parametrize("text", ["", "some tex", "some texT", "some text "])
def test_a_changed_file_is_an_error(path, text):
    path.write_text(text)
    with pytest.raises(InputError, match=r"x\.txt: has changed since it was written; delete it, and rule make_x"):
        FILE.check(path)


def test_a_file_that_cannot_be_reached_is_not_to_be_deleted(path):
    path.unlink()
    path.parent.rename(path.parent.with_name("seed1"))
    path.parent.write_text("")
    with pytest.raises(InputError, match=r"seed0: a file or a dangling link is where a folder is needed"):
        FILE.check(path)


def test_a_file_that_is_written_again_passes(path):
    FILE.write_text(path, "other text")
    FILE.check(path)


def test_the_file_of_another_run_is_an_error(path):
    other = path.parents[1] / "seed1/x.txt"
    FILE.write_text(other, "text of another run")
    other.replace(path)
    with pytest.raises(InputError, match="has changed"):
        FILE.check(path)
    record_path(other).replace(record_path(path))
    with pytest.raises(InputError, match=r"is a copy of cells/codecat/seed1/x\.txt; delete it"):
        FILE.check(path)


def test_an_experiment_can_be_renamed(tmp_path, path):
    (tmp_path / "renamed").mkdir()
    moved = (tmp_path / "cells").replace(tmp_path / "renamed/cells")
    FILE.check(moved / "codecat/seed0" / path.name)


def test_a_file_without_a_record_passes(path):
    record_path(path).unlink()
    FILE.check(path)


@pytest.mark.parametrize("text", ["", "cells/codecat/seed0/x.txt\n", "x\n9\n", "x\nnine 123\n", "x\n9 1\n3 1\n"])
def test_a_damaged_record_is_an_error(path, text):
    record_path(path).write_text(text)
    with pytest.raises(InputError, match=r"its record \.x\.txt\.digest is damaged; delete it"):
        FILE.check(path)


def test_a_failed_write_leaves_the_old_file_and_its_record(path):
    def fail():
        with FILE.atomic_write(path) as partial:
            partial.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    FILE.check(path)


def test_a_kill_after_the_rename_raises_no_false_alarm(path, monkeypatch):
    def kill(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("tagasc.artifacts.artifact.write_record", kill)
    with pytest.raises(KeyboardInterrupt):
        FILE.write_text(path, "new text")
    assert path.read_text() == "new text"
    FILE.check(path)


def test_files_have_the_mode_of_the_umask(tmp_path):
    before = os.umask(0o027)
    try:
        CODES.write(tmp_path / "codes.npy", np.zeros((1, 2, 3)))
    finally:
        os.umask(before)
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o640}


@pytest.fixture
def packed(tmp_path):
    """Write an array of 100 clips, as packing does."""
    files = [tmp_path / f"{number}.wav" for number in range(100)]
    for file in files:
        file.touch()
    path = tmp_path / "scenes/waveforms.npy"
    with open_resumable(WAVEFORMS, path, (100, 2, 50), "settings", files) as array, array.path.open("r+b") as file:
        for number in range(100):
            data = np.full((2, 50), number, np.int16).tobytes()
            file.seek(array.offset + number * len(data))
            file.write(data)
            file.flush()
            array.add([PackedClip(1.0, len(data), short_digest(data), "source")])
    return path


def test_zeros_in_a_large_array_are_found(packed):
    WAVEFORMS.check(packed)
    packed.write_bytes(packed.read_bytes()[:128] + bytes(20_000))
    with pytest.raises(InputError, match=r"waveforms\.npy: has changed since it was written"):
        WAVEFORMS.read(packed)


def test_any_byte_of_a_large_array_can_be_checked(packed):
    content = packed.read_bytes()
    parts = read_record(packed).parts
    assert [part.end for part in parts] == [128 + 200 * number for number in range(101)]
    for position in (0, 127, 128, 9_999, len(content) - 1):
        changed = bytearray(content)
        changed[position] ^= 1
        packed.write_bytes(changed)
        with pytest.raises(InputError, match="has changed since it was written"):
            WAVEFORMS.check(packed, every_part=True)
    packed.write_bytes(content)
    seen = []
    WAVEFORMS.check(packed, every_part=True, progress=seen.append)
    assert sum(seen) == len(content)


def test_the_digest_of_the_content_changes_with_it(path):
    first = content_digest(path)
    record_path(path).unlink()
    assert content_digest(path) == first
    path.write_text("some texT")
    assert content_digest(path) != first


@pytest.fixture
def results(tmp_path):
    """Write a few files of an experiment."""
    experiment = tmp_path / "experiments/mine"
    experiment.mkdir(parents=True)
    names = "scenes: {name: s}\nevents: {name: e}\ntagger: {name: t}\n"
    Artifact(path="experiments/<name>/config.yaml", rule="", meaning="").write_text(experiment / "config.yaml", names)
    for number in (0, 1):
        CODES.write(experiment / f"cells/codecat/seed{number}/codes.npy", np.zeros((1, 2, 3)))
    WAVEFORMS.write(tmp_path / "corpora/s/waveforms.npy", np.zeros((1, 2, 3)))
    WAVEFORMS.write(tmp_path / "corpora/other/waveforms.npy", np.zeros((1, 2, 3)))
    return tmp_path


def test_the_files_of_an_experiment_and_of_what_it_shares_are_verified(results):
    files = find_files("mine", results)
    found = [str(path.relative_to(results)) for path, _ in files]
    assert found == [
        "corpora/s/waveforms.npy",
        "experiments/mine/cells/codecat/seed0/codes.npy",
        "experiments/mine/cells/codecat/seed1/codes.npy",
        "experiments/mine/config.yaml",
    ]
    assert list(verify(files)) == []


def test_changed_missing_and_unknown_files_are_reported(results):
    waveforms, first, second, _ = (path for path, _ in find_files("mine", results))
    waveforms.write_bytes(waveforms.read_bytes()[:-1] + b"\1")
    first.unlink()
    record_path(second).unlink()
    problems = list(verify(find_files("mine", results)))
    assert [problem.partition(": ")[2].partition(";")[0].partition(",")[0] for problem in problems] == [
        "has changed since it was written",
        "does not exist",
        "has no record of its digest",
    ]


def test_an_unknown_experiment_is_an_error(results):
    with pytest.raises(InputError, match="holds no experiment; did you mean 'mine'"):
        find_files("mime", results)


def test_records_are_read_as_they_were_written(tmp_path):
    record = Record("a/b.csv", [Part(3, "x"), Part(3, "y"), Part(7, "z")])
    write_record(tmp_path / "b.csv", record)
    assert read_record(tmp_path / "b.csv") == record
