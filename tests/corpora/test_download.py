"""Fetching from a local server, and unpacking archives that are whole, split, damaged or hostile."""

import hashlib
import io
import json
import shutil
import stat
import subprocess
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from tagasc.corpora.archives import EVENT_ARCHIVES, SCENE_ARCHIVES, TAU_FOLDER, find
from tagasc.corpora.download import fetch, unpack
from tagasc.errors import InputError

NAME = "FSDKaggle2019.meta.zip"
RECORD = "/api/records/3612637"
BODY = np.random.default_rng(0).bytes(300_000)


class Zenodo(ThreadingHTTPServer):
    """A record with one file; `faults` are the answers that go wrong, one a request for the file."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.base = f"http://127.0.0.1:{self.server_port}"
        self.md5 = hashlib.md5(BODY, usedforsecurity=False).hexdigest()
        self.faults, self.ranges, self.knows_ranges = [], [], True


class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        server = self.server
        if self.path == RECORD:
            entry = {"key": NAME, "size": len(BODY), "checksum": f"md5:{server.md5}"}
            entry["links"] = {"self": f"{server.base}{RECORD}/files/{NAME}/content"}
            return self.send(200, json.dumps({"files": [entry]}).encode())
        if not self.path.startswith((f"{RECORD}/files/{NAME}", "/record/2589280/files/")):
            return self.send(404, b"")
        wanted = self.headers.get("Range")
        server.ranges.append(wanted)
        fault = server.faults.pop(0) if server.faults else None
        if isinstance(fault, int):
            return self.send(fault, b"")
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and server.knows_ranges else 0
        return self.send(206 if start else 200, BODY[start:], cut=fault == "cut")

    def send(self, status, body, *, cut=False):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if cut else body)
        self.close_connection = True

    def log_message(self, *_):
        pass


@pytest.fixture
def zenodo(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    server = Zenodo()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_file_arrives_whole(zenodo, tmp_path):
    fetch(NAME, tmp_path / "new" / NAME, zenodo.base)
    assert (tmp_path / "new" / NAME).read_bytes() == BODY
    assert [path.name for path in (tmp_path / "new").iterdir()] == [NAME]


@pytest.mark.parametrize("knows_ranges", [True, False])
def test_a_broken_connection_is_taken_up_and_a_busy_server_asked_again(zenodo, tmp_path, monkeypatch, knows_ranges):
    monkeypatch.setattr("tagasc.corpora.download.CHUNK", 1 << 14)
    zenodo.faults, zenodo.knows_ranges = ["cut", 503], knows_ranges
    fetch(NAME, tmp_path / NAME, zenodo.base)
    assert (tmp_path / NAME).read_bytes() == BODY
    assert zenodo.ranges[0] is None
    assert zenodo.ranges[-1].startswith("bytes=")


def test_another_md5_leaves_no_file(zenodo, tmp_path):
    zenodo.md5 = "0" * 32
    with pytest.raises(InputError, match=rf"{NAME}/content: got 300000 bytes with MD5 .* MD5 {'0' * 32}; run again"):
        fetch(NAME, tmp_path / NAME, zenodo.base)
    assert not list(tmp_path.iterdir())


def test_another_size_is_refused(zenodo, tmp_path):
    with pytest.raises(InputError, match=r"meta\.zip\?download=1: got 300000 bytes .* expected 156863 bytes"):
        fetch(f"{TAU_FOLDER}.meta.zip", tmp_path / "meta.zip", zenodo.base)


def test_what_the_server_does_not_have_is_named(zenodo, tmp_path):
    zenodo.faults = [404]
    with pytest.raises(InputError, match=rf"^{zenodo.base}.*{NAME}/content: HTTP status 404; .*source: folder$"):
        fetch(NAME, tmp_path / NAME, zenodo.base)
    with pytest.raises(InputError, match=r"does not give size, md5 and address of FSDKaggle2019\.doc\.zip"):
        fetch("FSDKaggle2019.doc.zip", tmp_path / NAME, zenodo.base)
    with pytest.raises(InputError, match=r"did you mean 'FSDKaggle2019\.meta\.zip'"):
        fetch("FSDKaggle2019.mate.zip", tmp_path / NAME, zenodo.base)
    assert not list(tmp_path.iterdir())


def test_the_archives_are_those_of_the_records():
    assert len(SCENE_ARCHIVES) == 23
    assert sum(find(name).size for name in SCENE_ARCHIVES) == 35_622_537_482
    assert len({find(name).md5 for name in SCENE_ARCHIVES}) == 23
    assert find(SCENE_ARCHIVES[0]).url == f"https://zenodo.org/record/2589280/files/{TAU_FOLDER}.doc.zip?download=1"
    assert len(EVENT_ARCHIVES) == len(set(EVENT_ARCHIVES)) == 11


def zipped(path, entries, compression=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_archives_are_merged_into_the_folder_with_tables_last(tmp_path):
    meta = zipped(tmp_path / "meta.zip", {"top/meta.csv": b"table", "top/evaluation_setup/fold1_train.csv": b"list"})
    audio = [zipped(tmp_path / f"audio.{k}.zip", {"top/audio/": b"", f"top/audio/{k}.wav": BODY}) for k in (1, 2)]
    unpack([meta, *audio], tmp_path / "set", top="top")
    files = contents(tmp_path / "set")
    assert set(files) == {"meta.csv", "evaluation_setup/fold1_train.csv", "audio/1.wav", "audio/2.wav"}
    assert files["audio/1.wav"] == BODY
    unpack([meta, *audio], tmp_path / "parent")
    assert (tmp_path / "parent/top/meta.csv").read_bytes() == b"table"


def test_tables_come_last(tmp_path, monkeypatch):
    archive = zipped(tmp_path / "x.zip", {"meta.csv": b"", "a/b.csv": b"", "z/z.wav": b"", "a/a.txt": b""})
    moved = []
    move = shutil.move
    monkeypatch.setattr(shutil, "move", lambda source, target: (moved.append(target.name), move(source, target)))
    unpack([archive], tmp_path / "set")
    assert set(moved[:2]) == {"a.txt", "z.wav"}
    assert moved[2:] == ["b.csv", "meta.csv"]


@pytest.mark.parametrize("name", ["../out.wav", "a/../../out.wav", "/out.wav", "C:/out.wav", "a\\..\\out.wav"])
def test_entries_that_would_leave_the_folder_are_refused(tmp_path, name):
    archive = zipped(tmp_path / "x.zip", {"good.wav": BODY, name: b"bad"})
    with pytest.raises(InputError, match=r"x\.zip: its entry .*out\.wav' would leave the folder"):
        unpack([archive], tmp_path / "set")
    assert [path.name for path in tmp_path.rglob("*")] == ["x.zip", "set"] or not contents(tmp_path / "set")
    assert not (tmp_path / "out.wav").exists()


def test_links_are_refused(tmp_path):
    link = zipfile.ZipInfo("link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("good.wav", BODY)
        archive.writestr(link, "/etc")
    with pytest.raises(InputError, match=r"x\.zip: its entry link is a link"):
        unpack([tmp_path / "x.zip"], tmp_path / "set")
    assert not contents(tmp_path / "set")


def test_damaged_archives_are_named_and_leave_nothing(tmp_path):
    for name, content in (("x.zip", BODY), ("empty.zip", b"")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(InputError, match=rf"{name}: cannot be unpacked .*; delete {name} and run again"):
            unpack([tmp_path / name], tmp_path / "set")
    whole = zipped(tmp_path / "y.zip", {"a.wav": BODY}, zipfile.ZIP_STORED)
    damaged = bytearray(whole.read_bytes())
    damaged[1000] ^= 1
    whole.write_bytes(damaged)
    with pytest.raises(InputError, match=r"y\.zip: cannot be unpacked \(Bad CRC-32"):
        unpack([whole], tmp_path / "set")
    assert not contents(tmp_path / "set")


def test_another_archive_than_expected_is_refused(tmp_path):
    archive = zipped(tmp_path / "x.zip", {"other/a.wav": BODY})
    with pytest.raises(InputError, match=r"x\.zip: expected nothing but the folder top"):
        unpack([archive], tmp_path / "set", top="top")


def split(folder, content, parts):
    """Cut a zip file into x.z01 … x.zip as `zip -s` does, marker and number of the last part included."""
    content = bytearray(b"PK\x07\x08" + content)
    end = content.rfind(b"PK\x05\x06")
    content[end + 4 : end + 6] = (parts - 1).to_bytes(2, "little")
    size = len(content) // parts + 1
    paths = [folder / f"x.z{number:02d}" for number in range(1, parts)] + [folder / "x.zip"]
    for number, path in enumerate(paths):
        path.write_bytes(content[number * size : (number + 1) * size])
    return paths


@pytest.fixture(params=[zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def parts(request, tmp_path):
    whole = io.BytesIO()
    zipped(whole, {"noisy/a.wav": BODY, "noisy/b.wav": BODY[::-1], "noisy/": b"", "noisy/c.csv": b""}, request.param)
    return split(tmp_path, whole.getvalue(), 3)


def test_a_split_archive_is_unpacked(parts, tmp_path):
    unpack(parts[::-1], tmp_path / "set")
    assert contents(tmp_path / "set") == {"noisy/a.wav": BODY, "noisy/b.wav": BODY[::-1], "noisy/c.csv": b""}


def test_a_missing_or_damaged_part_is_named(parts, tmp_path):
    for present in (parts[1:], parts[:1], parts[:2]):
        with pytest.raises(InputError, match="fetch those that are missing"):
            unpack(present, tmp_path / "set")
    with pytest.raises(InputError, match="is the last of 3 parts, but there are 2"):
        unpack([parts[0], parts[2]], tmp_path / "set")
    with pytest.raises(InputError, match="is the last of 3 parts, but there are 1"):
        unpack(parts[2:], tmp_path / "set")
    content = bytearray(parts[1].read_bytes())
    content[500:520] = bytes(20)
    parts[1].write_bytes(content)
    with pytest.raises(InputError, match=r"x\.zip: cannot be unpacked .*; delete x\.z01, x\.z02, x\.zip and run again"):
        unpack(parts, tmp_path / "set")
    assert not contents(tmp_path / "set")


def test_a_hostile_split_archive_is_refused(tmp_path):
    whole = io.BytesIO()
    zipped(whole, {"good.wav": BODY, "../out.wav": b"bad"})
    with pytest.raises(InputError, match=r"'\.\./out\.wav' would leave the folder"):
        unpack(split(tmp_path, whole.getvalue(), 3), tmp_path / "set")
    assert not contents(tmp_path / "set")
    assert not (tmp_path / "out.wav").exists()


@pytest.mark.skipif(shutil.which("zip") is None, reason="needs the program zip")
@pytest.mark.parametrize("level", ["-0", "-6"])
def test_what_zip_itself_splits(tmp_path, level):
    (tmp_path / "noisy").mkdir()
    for name in ("a", "b"):
        (tmp_path / f"noisy/{name}.wav").write_bytes(BODY)
    subprocess.run(["zip", "-qr", level, "-s", "128k", "x.zip", "noisy"], cwd=tmp_path, check=True)
    parts = sorted(tmp_path.glob("x.z*"))
    assert len(parts) > 3
    unpack(parts, tmp_path / "set")
    assert contents(tmp_path / "set") == {"noisy/a.wav": BODY, "noisy/b.wav": BODY}
