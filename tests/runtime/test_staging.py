import os
import subprocess
import sys
from collections import namedtuple

import pytest

from tagasc.runtime.errors import InputError
from tagasc.runtime.staging import local_copy


@pytest.fixture
def shared(tmp_path):
    (tmp_path / "shared").mkdir()
    path = tmp_path / "shared/waveforms.npy"
    path.write_bytes(os.urandom(1 << 22))
    return path


@pytest.fixture
def disk(tmp_path):
    (tmp_path / "disk").mkdir()
    return tmp_path / "disk"


def test_without_a_folder_the_file_is_read_where_it_is(shared):
    assert local_copy(shared, None) == shared


def test_a_copy_is_made_once(shared, disk, capsys):
    first = local_copy(shared, str(disk))
    assert disk in first.parents
    assert first.suffix == ".npy"
    assert first.read_bytes() == shared.read_bytes()
    written = first.stat().st_mtime_ns
    assert "copied waveforms.npy" in capsys.readouterr().err
    assert local_copy(shared, str(disk)) == first
    assert first.stat().st_mtime_ns == written
    assert "reading waveforms.npy from" in capsys.readouterr().err


def test_a_changed_file_replaces_its_copy(shared, disk):
    first = local_copy(shared, str(disk))
    shared.write_bytes(b"packed again")
    os.utime(shared, ns=(1, 1))
    second = local_copy(shared, str(disk))
    assert second.read_bytes() == b"packed again"
    assert not first.exists()


def test_files_of_the_same_name_have_different_copies(shared, disk, tmp_path):
    (tmp_path / "other").mkdir()
    other = tmp_path / "other/waveforms.npy"
    other.write_bytes(b"other")
    first, second = local_copy(shared, str(disk)), local_copy(other, str(disk))
    assert first.read_bytes() == shared.read_bytes()
    assert second.read_bytes() == b"other"


def test_several_jobs_of_a_node_copy_once(shared, disk):
    code = "import sys, pathlib, tagasc.runtime.staging as s; s.local_copy(pathlib.Path(sys.argv[1]), sys.argv[2])"
    jobs = [
        subprocess.Popen([sys.executable, "-c", code, shared, disk], stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    said = [job.communicate()[1] for job in jobs]
    assert [job.returncode for job in jobs] == [0] * 4
    assert sum("copied" in text for text in said) == 1
    assert sum("reading" in text for text in said) == 3


def test_a_variable_of_the_node_is_expanded(shared, disk, monkeypatch):
    monkeypatch.setenv("SCRATCH", str(disk))
    assert disk in local_copy(shared, "$SCRATCH").parents


def test_a_missing_folder(shared, disk):
    with pytest.raises(InputError, match=r"^staging: .*/nowhere is not a writable folder on .*, or null$"):
        local_copy(shared, str(disk / "nowhere"))


def test_a_full_disk(shared, disk, monkeypatch):
    usage = namedtuple("usage", "total used free")  # noqa: PYI024 (as shutil's)
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage(9, 9, 4_000_000))
    with pytest.raises(InputError, match=r"waveforms\.npy needs 0\.0 GB, but .* has only 0\.0 GB free; free some"):
        local_copy(shared, str(disk))
    assert not list(disk.rglob("*waveforms.npy"))


@pytest.mark.parametrize("keeps_time", [False, True])
def test_a_copy_that_has_changed_is_replaced(shared, disk, capsys, keeps_time):
    copy = local_copy(shared, str(disk))
    times = copy.stat().st_atime_ns, copy.stat().st_mtime_ns
    copy.write_bytes(bytes(copy.stat().st_size))
    if keeps_time:
        os.utime(copy, ns=times)
    again = local_copy(shared, str(disk))
    assert again.read_bytes() == shared.read_bytes()
    assert "has changed since it was copied: copying again" in capsys.readouterr().err


def test_a_copy_that_was_only_touched_is_kept(shared, disk, capsys):
    copy = local_copy(shared, str(disk))
    os.utime(copy, ns=(1, 1))
    assert local_copy(shared, str(disk)) == copy
    assert capsys.readouterr().err.count("copied") == 1


def test_a_copy_that_was_never_compared_is_replaced(shared, disk):
    copy = local_copy(shared, str(disk))
    copy.write_bytes(b"half")
    copy.with_name(f"{copy.name}.compared").unlink()
    assert local_copy(shared, str(disk)).read_bytes() == shared.read_bytes()


def test_a_disk_that_changes_what_is_written_is_reported(shared, disk, monkeypatch):
    monkeypatch.setattr("tagasc.runtime.staging._digest", lambda _: "other")
    with pytest.raises(InputError, match=r"^staging: .* differs from .*/waveforms\.npy after copying; check the disk"):
        local_copy(shared, str(disk))


def test_a_link_in_place_of_the_folder_of_copies_is_not_followed(shared, disk, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (disk / f"tagasc-{os.getuid()}").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match=r"is not a folder, and another user may have put it there; remove it"):
        local_copy(shared, str(disk))
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_link_in_place_of_a_copy_is_not_followed(shared, disk, tmp_path):
    copy = local_copy(shared, str(disk))
    copy.rename(tmp_path / "other.npy")
    copy.symlink_to(tmp_path / "other.npy")
    again = local_copy(shared, str(disk))
    assert not again.is_symlink()
    assert again.read_bytes() == shared.read_bytes()


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder away")
def test_the_folder_of_another_user_is_not_used(shared, disk):
    own = disk / f"tagasc-{os.getuid()}"
    own.mkdir()
    os.chown(own, 65534, 65534)
    with pytest.raises(InputError, match=r"belongs to another user; ask its owner to remove it, or use another folder"):
        local_copy(shared, str(disk))


def test_others_cannot_write_to_the_copies(shared, disk):
    own = disk / f"tagasc-{os.getuid()}"
    own.mkdir()
    own.chmod(0o777)
    copy = local_copy(shared, str(disk))
    assert {folder.stat().st_mode & 0o777 for folder in (own, copy.parent)} == {0o700}
