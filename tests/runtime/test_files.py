import os
import subprocess
import sys
from pathlib import Path

import pytest

from tagasc.runtime.errors import InputError
from tagasc.runtime.files import atomic_write, require_space


def test_a_file_appears_only_when_it_is_complete(tmp_path):
    path = tmp_path / "new/table.csv"
    with atomic_write(path) as partial:
        partial.write_text("half")
        assert partial.suffix == ".csv"
        assert not path.exists()
    assert path.read_text() == "half"
    assert list(path.parent.iterdir()) == [path]


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("old")

    def fail():
        with atomic_write(path) as partial:
            partial.write_text("half")
            raise ValueError

    with pytest.raises(ValueError, match=r"^$"):
        fail()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_too_little_space_is_reported_before_the_work(tmp_path):
    require_space(tmp_path, 1, "for a byte", "name another folder")
    with pytest.raises(InputError, match=r"1000000000\.0 GB are needed for a test, but only .* are free; free some"):
        require_space(tmp_path, 10**18, "for a test", "name another folder")


def test_the_temporary_files_of_killed_processes_are_removed(tmp_path):
    code = "import os, sys; from tagasc.runtime.files import atomic_write\n"
    code += "with atomic_write(sys.argv[1]) as partial: partial.write_text('half'); os.kill(os.getpid(), 9)"
    subprocess.run([sys.executable, "-c", code, tmp_path / "a.csv"], check=False)
    (left,) = tmp_path.iterdir()
    living = left.with_name(f".partial-{os.getppid()}@{os.uname().nodename}-a.csv")
    elsewhere = left.with_name(".partial-1@another-node-a.csv")
    for path in (living, elsewhere):
        path.touch()
    with atomic_write(tmp_path / "a.csv") as partial:
        partial.write_text("whole")
    assert set(tmp_path.iterdir()) == {tmp_path / "a.csv", living, elsewhere}


def test_file_and_folder_reach_the_disk_before_the_write_ends(tmp_path, monkeypatch):
    synced, fsync = [], os.fsync

    def record(number):
        synced.append((Path(f"/proc/self/fd/{number}").readlink().name, (tmp_path / "a.csv").exists()))
        fsync(number)

    monkeypatch.setattr(os, "fsync", record)
    with atomic_write(tmp_path / "a.csv") as partial:
        partial.write_text("whole")
    assert synced == [(partial.name, False), (tmp_path.name, True)]
