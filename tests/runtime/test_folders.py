import errno
import os
import shutil
import tempfile
from types import SimpleNamespace

import pytest

from tagasc.runtime.errors import InputError
from tagasc.runtime.folders import NEEDED, check_folder, check_outputs, check_records


def test_a_folder_to_be_created_is_checked_where_it_will_be(tmp_path):
    check_folder(tmp_path / "a/b/c", "for logs", "link it")
    assert list(tmp_path.iterdir()) == []


def test_nothing_stays_in_a_folder_that_is_checked(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    check_records()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("make", [lambda path: path.write_text(""), lambda path: path.symlink_to("nowhere")])
def test_a_file_or_dangling_link_is_named(tmp_path, make):
    make(tmp_path / "results")
    with pytest.raises(InputError) as error:
        check_outputs([tmp_path / "results/experiments/demo/logs"])
    assert str(error.value).startswith(f"{tmp_path / 'results'}: a file or a dangling link is where a folder is needed")


@pytest.mark.parametrize(
    ("code", "words"), [(errno.ENOSPC, "the disk is full"), (errno.EROFS, "read-only"), (errno.EACCES, "permission")]
)
def test_a_folder_that_takes_no_file_is_named(tmp_path, monkeypatch, code, words):
    def refuse(dir):  # noqa: A002
        raise OSError(code, os.strerror(code), f"{dir}/x7")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    with pytest.raises(InputError, match=words) as error:
        check_folder(tmp_path / "logs", "for logs", "link it")
    assert str(error.value).startswith(f"{tmp_path}: ")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(InputError, match="permission is denied"):
        check_folder(tmp_path / "logs", "for logs", "link it")


def test_too_little_space_is_told_with_what_is_needed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=NEEDED - 1))
    with pytest.raises(InputError, match=r"20\.0 MB are needed for Snakemake's records, but only 20\.0 MB are free"):
        check_records()


def test_the_folder_of_temporary_files_is_checked_unless_another_takes_its_place(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path / "missing"))
    check_outputs([])
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=0))
    with pytest.raises(InputError, match="for temporary files") as error:
        check_outputs([])
    assert str(error.value).startswith(f"{tmp_path}: ")
