"""Unpacking archives that are plain, split, damaged or hostile, also after an interruption."""

import errno
import os
import shutil
import stat
import subprocess
import zipfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from tagasc.corpora.download.unpack import unpack
from tagasc.runtime.errors import InputError

BODY = np.random.default_rng(0).bytes(300_000)
LINK = zipfile.ZipInfo("link")
LINK.external_attr = (stat.S_IFLNK | 0o777) << 16


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def written(zipped, parted, tmp_path):
    """Return a function that writes an archive in one or several parts and returns their paths."""

    def write(name, entries, parts=1, compression=zipfile.ZIP_DEFLATED):
        content = zipped(entries, compression)
        files = parted(content, parts) if parts > 1 else {".zip": content}
        for suffix, part in files.items():
            (tmp_path / f"{name}{suffix}").write_bytes(part)
        return [tmp_path / f"{name}{suffix}" for suffix in files]

    return write


def test_archives_are_merged_into_the_folder(written, tmp_path):
    meta = written("meta", {"top/meta.csv": b"table", "top/evaluation_setup/fold1_train.csv": b"list"})
    audio = [*written("audio.1", {"top/audio/": b"", "top/audio/1.wav": BODY}), *written("audio.2", {"top/2.wav": b""})]
    unpack([*meta, *audio], tmp_path / "set", top="top")
    files = contents(tmp_path / "set")
    assert set(files) == {"meta.csv", "evaluation_setup/fold1_train.csv", "audio/1.wav", "2.wav"}
    assert files["audio/1.wav"] == BODY
    unpack([*meta, *audio], tmp_path / "parent")
    assert (tmp_path / "parent/top/meta.csv").read_bytes() == b"table"


def test_a_data_set_with_a_split_archive(event_set, tmp_path):
    files, archives = event_set
    for name, body in archives.items():
        (tmp_path / name).write_bytes(body)
    unpack([tmp_path / name for name in archives], tmp_path / "set")
    assert contents(tmp_path / "set") == files
    assert all((tmp_path / name).exists() for name in archives)


def test_archives_are_deleted_unless_they_are_kept(event_set, tmp_path):
    files, archives = event_set
    for name, body in archives.items():
        (tmp_path / name).write_bytes(body)
    unpack([tmp_path / name for name in archives], tmp_path / "set", keep=False)
    assert contents(tmp_path) == {f"set/{name}": body for name, body in files.items()}
    with pytest.raises(
        InputError, match=r"doc\.zip: does not exist any more; delete its receipt, FSDKaggle2019\.doc\.zip\.md5"
    ):
        unpack([tmp_path / name for name in archives], tmp_path / "set")


def test_archives_that_cannot_be_deleted_are_no_failure(written, tmp_path, monkeypatch, capsys):
    archives = written("x", {"meta.csv": b"x"})

    def refuse(path, **_):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))

    monkeypatch.setattr(Path, "unlink", refuse)
    unpack(archives, tmp_path / "set", keep=False)
    assert capsys.readouterr().err.splitlines()[-1] == (
        f"tagasc: warning: {archives[0]}: cannot be deleted (Read-only file system); set download.keep_archives: true"
    )


def test_a_file_where_the_folder_must_be_is_named(written, tmp_path):
    (tmp_path / "data").write_text("")
    with pytest.raises(InputError, match=r"data: a file or a dangling link is where a folder is needed"):
        unpack(written("x", {"meta.csv": b"x"}), tmp_path / "data/set")


def test_tables_appear_last(written, tmp_path):
    """The second archive is damaged in a place that only unpacking reads."""
    first = written("x", {"meta.csv": b"", "a/b.csv": b"", "z/z.wav": b"z", "a/a.txt": b"a"})
    (second,) = written("y", {"y.wav": BODY}, compression=zipfile.ZIP_STORED)
    whole = second.read_bytes()
    second.write_bytes(whole.replace(BODY[:100], bytes(100)))
    with pytest.raises(InputError, match=r"y\.zip: cannot be unpacked \(Bad CRC-32"):
        unpack([*first, second], tmp_path / "set")
    assert not list((tmp_path / "set").rglob("[!.]*.csv"))
    assert not list((tmp_path / "set").rglob("*y.wav"))
    second.write_bytes(whole)
    unpack([*first, second], tmp_path / "set")
    assert set(contents(tmp_path / "set")) == {"meta.csv", "a/b.csv", "z/z.wav", "a/a.txt", "y.wav"}


@pytest.mark.parametrize("parts", [1, 3])
@pytest.mark.parametrize("name", ["../out.wav", "a/../../out.wav", "/out.wav", "C:/out.wav", "a\\..\\out.wav"])
def test_entries_that_would_leave_the_folder_are_refused(written, tmp_path, name, parts):
    archives = written("x", {"good.wav": BODY, name: b"bad"}, parts)
    before = contents(tmp_path)
    with pytest.raises(InputError, match=r"x\.zip: its entry .*out\.wav' would leave the folder; fetch the published"):
        unpack(archives, tmp_path / "set")
    assert contents(tmp_path) == before
    assert not (tmp_path.parent / "out.wav").exists()
    assert not (tmp_path / "set").exists()


@pytest.mark.parametrize("parts", [1, 3])
def test_links_are_refused(written, tmp_path, parts):
    archives = written("x", {"good.wav": BODY, LINK: "/etc"}, parts)
    with pytest.raises(InputError, match=r"x\.zip: its entry link is a link"):
        unpack(archives, tmp_path / "set")
    assert not (tmp_path / "set").exists()


@pytest.mark.parametrize("length", [0, 100, 299_000, -30])
def test_a_truncated_archive_is_named_and_leaves_nothing(written, tmp_path, length):
    (archive,) = written("x", {"a.wav": BODY})
    archive.write_bytes(archive.read_bytes()[:length])
    with pytest.raises(
        InputError, match=r"x\.zip: cannot be unpacked \(.+\); delete x\.zip and the receipt .* run again"
    ):
        unpack([archive], tmp_path / "set")
    assert not (tmp_path / "set").exists()


def test_an_archive_of_another_folder_is_refused(written, tmp_path):
    with pytest.raises(InputError, match=r"x\.zip: its entry 'other/a\.wav' is not in the folder top"):
        unpack(written("x", {"top/a.wav": BODY, "other/a.wav": BODY}), tmp_path / "set", top="top")
    assert not (tmp_path / "set").exists()


@pytest.mark.parametrize("compression", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_missing_and_damaged_parts_of_a_split_archive_are_named(written, tmp_path, compression):
    entries = {"noisy/a.wav": BODY, "noisy/b.wav": BODY[::-1], "noisy/": b"", "noisy/c.csv": b""}
    parts = written("x", entries, 3, compression)
    for present in (parts[1:], parts[:1], parts[:2]):
        with pytest.raises(InputError, match="fetch the missing parts"):
            unpack(present, tmp_path / "set")
    with pytest.raises(InputError, match="is the last of 3 parts, but there are 2"):
        unpack([parts[0], parts[2]], tmp_path / "set")
    with pytest.raises(InputError, match="is the last of 3 parts, but there are 1"):
        unpack(parts[2:], tmp_path / "set")
    assert not (tmp_path / "set").exists()
    whole = parts[1].read_bytes()
    for damaged in (whole[:500] + bytes(20) + whole[520:], whole[:-1000]):
        parts[1].write_bytes(damaged)
        with pytest.raises(InputError, match=r"x\.zip: cannot be unpacked .*; delete x\.z01, x\.z02, x\.zip and the"):
            unpack(parts, tmp_path / "set")
        assert not list((tmp_path / "set").rglob("[!.]*.csv"))
    parts[1].write_bytes(whole)
    unpack(parts[::-1], tmp_path / "set")
    assert contents(tmp_path / "set") == {"noisy/a.wav": BODY, "noisy/b.wav": BODY[::-1], "noisy/c.csv": b""}


@pytest.mark.skipif(shutil.which("zip") is None, reason="needs the program zip")
@pytest.mark.parametrize("level", ["-0", "-6"])
def test_archives_that_the_program_zip_has_split_are_unpacked(tmp_path, level):
    (tmp_path / "noisy").mkdir()
    for name in ("a", "b"):
        (tmp_path / f"noisy/{name}.wav").write_bytes(BODY)
    subprocess.run(["zip", "-qr", level, "-s", "128k", "x.zip", "noisy"], cwd=tmp_path, check=True)
    parts = sorted(tmp_path.glob("x.z*"))
    assert len(parts) > 3
    unpack(parts, tmp_path / "set")
    assert contents(tmp_path / "set") == {"noisy/a.wav": BODY, "noisy/b.wav": BODY}
    (tmp_path / "noisy/link").symlink_to("/etc")
    subprocess.run(["zip", "-qry", level, "-s", "128k", "y.zip", "noisy"], cwd=tmp_path, check=True)
    with pytest.raises(InputError, match=r"y\.zip: its entry noisy/link is a link"):
        unpack(sorted(tmp_path.glob("y.z*")), tmp_path / "other")


@pytest.mark.parametrize("parts", [1, 3])
def test_complete_files_are_left_as_they_are(written, tmp_path, parts):
    archives = written("x", {"a.wav": BODY, "b.wav": BODY[::-1], "c.wav": b"c"}, parts)
    unpack(archives, tmp_path / "set")
    a, b, c = (tmp_path / f"set/{name}.wav" for name in "abc")
    before = a.stat()
    b.write_bytes(BODY)  # another file of the same size
    c.unlink()
    unpack(archives, tmp_path / "set")
    assert contents(tmp_path / "set") == {"a.wav": BODY, "b.wav": BODY[::-1], "c.wav": b"c"}
    assert (a.stat().st_ino, a.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize("parts", [1, 3])
def test_a_full_disk_is_reported(written, tmp_path, full_disk, monkeypatch, parts):
    archives = written("x", {"a.wav": BODY, "b.wav": BODY[::-1]}, parts)
    with monkeypatch.context() as patch:
        patch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=500_000))
        with pytest.raises(
            InputError, match=r"set: 0\.6 MB are needed to unpack .* archives, but only 0\.5 MB are free"
        ):
            unpack(archives, tmp_path / "set")
    assert contents(tmp_path / "set") == {}
    with (
        full_disk(500_000),
        pytest.raises(InputError, match=r"set: the disk is full \(No space left on device\); free"),
    ):
        unpack(archives, tmp_path / "set")
    assert contents(tmp_path / "set") == {"a.wav": BODY}
    unpack(archives, tmp_path / "set")
    assert contents(tmp_path / "set") == {"a.wav": BODY, "b.wav": BODY[::-1]}


@pytest.mark.slow
@pytest.mark.parametrize("parts", [1, 7])
def test_a_killed_job_is_continued(written, tmp_path, killed, parts):
    entries = {f"audio/{number}.wav": BODY[number : number + 3000] for number in range(200)}
    archives = written("x", {"meta.csv": b"table", **entries, "list.csv": b"list"}, parts)
    unpack(archives, tmp_path / "undisturbed")
    code = f"""
import time
from pathlib import Path
from tagasc.corpora.download import unpack

write = unpack._write
unpack._write = lambda *arguments: (write(*arguments), time.sleep(0.01))
unpack.unpack([Path(path) for path in {[str(path) for path in archives]}], Path({str(tmp_path / "set")!r}))
"""
    audio = tmp_path / "set/audio"
    killed(code, lambda: audio.exists() and len(list(audio.iterdir())) > 50)
    assert len(list(audio.glob("[!.]*"))) < 200
    assert not list((tmp_path / "set").glob("[!.]*.csv"))
    first = (audio / "0.wav").stat().st_ino
    unpack(archives, tmp_path / "set")
    assert contents(tmp_path / "set") == contents(tmp_path / "undisturbed")
    assert (audio / "0.wav").stat().st_ino == first
