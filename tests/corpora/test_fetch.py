"""Downloads from a local server with the faults of servers and networks."""

import hashlib
import socket
from types import SimpleNamespace

import numpy as np
import pytest

from tagasc.corpora import fsdkaggle2019, tau2019
from tagasc.corpora.download import server, transfer
from tagasc.corpora.download.archives import SCENE_ARCHIVES
from tagasc.corpora.download.fetch import RECORD_FILE, fetch
from tagasc.runtime.errors import InputError

NAME = "FSDKaggle2019.meta.zip"
BODY = np.random.default_rng(0).bytes(300_000)
MD5 = hashlib.md5(BODY, usedforsecurity=False).hexdigest()
AUDIO_1, AUDIO_2 = (f"{tau2019.FOLDER}.audio.{part}.zip" for part in (1, 2))
RECORD = {RECORD_FILE, f".{RECORD_FILE}.lock"}


@pytest.fixture
def zenodo(serve, monkeypatch):
    """Start a server with small archives and one larger one, and shorten the pauses of the client."""
    monkeypatch.setattr(server, "BACKOFF", 0.001)
    monkeypatch.setattr(transfer, "PAUSE", 0.001)
    return serve({**dict.fromkeys(fsdkaggle2019.ARCHIVES, b"archive"), NAME: BODY})


def assert_fetched(zenodo, folder):
    fetch(NAME, folder, folder / f"{NAME}.md5", zenodo.base)
    assert (folder / NAME).read_bytes() == BODY
    assert {path.name for path in folder.iterdir()} == RECORD | {NAME, f"{NAME}.md5"}
    assert (folder / f"{NAME}.md5").read_text() == f"{MD5}  {NAME}\n"


def assert_refused(zenodo, folder, message):
    with pytest.raises(InputError, match=message) as caught:
        fetch(NAME, folder, folder / f"{NAME}.md5", zenodo.base)
    assert "\n" not in str(caught.value)
    assert not (folder / NAME).exists()
    assert not (folder / f"{NAME}.md5").exists()
    return str(caught.value)


def partial(folder):
    return folder / f".partial-{NAME}"


def test_a_data_set_is_fetched_and_its_record_is_requested_once(serve, event_set, tmp_path):
    _, archives = event_set
    assert set(archives) == set(fsdkaggle2019.ARCHIVES)
    zenodo = serve(archives)
    for name in fsdkaggle2019.ARCHIVES:
        fetch(name, tmp_path / "new", tmp_path / f"{name}.md5", f"{zenodo.base}/")
    assert {path.name: path.read_bytes() for path in (tmp_path / "new").iterdir()} == archives
    assert [path for path, _ in zenodo.asked].count("/api/records/3612637") == 1
    assert (tmp_path / RECORD_FILE).read_bytes() == zenodo.record
    assert {path.name for path in tmp_path.iterdir()} == {"new", *RECORD, *(f"{name}.md5" for name in archives)}


def test_a_broken_transfer_is_continued_at_the_byte_where_it_broke(zenodo, tmp_path):
    zenodo.faults = ["cut", "cut", 503]
    assert_fetched(zenodo, tmp_path)
    assert zenodo.ranges == [None, "bytes=150000-", "bytes=225000-", "bytes=225000-"]


def test_a_server_without_ranges_sends_the_file_again(zenodo, tmp_path):
    zenodo.faults, zenodo.knows_ranges = ["cut"], False
    assert_fetched(zenodo, tmp_path)
    assert zenodo.ranges == [None, "bytes=150000-"]


def test_a_wrong_file_is_fetched_once_more(zenodo, tmp_path):
    zenodo.faults = ["other"]
    assert_fetched(zenodo, tmp_path)
    assert zenodo.ranges == [None, None]


def test_a_file_that_is_wrong_twice_is_an_error(zenodo, tmp_path):
    zenodo.md5[NAME] = "0" * 32
    expected = (
        rf"files/{NAME}\?download=1: got 300000 bytes with MD5 {MD5}, twice, expected 300000 bytes with MD5 0{{32}}; "
    )
    assert_refused(zenodo, tmp_path, expected)
    assert zenodo.ranges == [None, None]
    assert not partial(tmp_path).exists()


def test_a_file_of_another_length_is_refused(zenodo, tmp_path):
    name = f"{tau2019.FOLDER}.meta.zip"
    zenodo.files[name] = BODY
    with pytest.raises(InputError, match=r"got \d+ bytes .* expected 156863 bytes with MD5 09782f2"):
        fetch(name, tmp_path, tmp_path / "receipt", zenodo.base)
    zenodo.files[name] = BODY[:1000]
    with pytest.raises(InputError, match=r"got 1000 bytes .* expected 156863 bytes"):
        fetch(name, tmp_path, tmp_path / "receipt", zenodo.base)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("status", [404, 403])
def test_a_refused_request_is_not_repeated(zenodo, tmp_path, status):
    zenodo.faults = [status]
    assert_refused(
        zenodo, tmp_path, rf"^{zenodo.base}/record/3612637/files/{NAME}.*: HTTP status {status}; .*source: copy$"
    )
    assert len(zenodo.ranges) == 1


def test_a_busy_server_is_asked_again_after_the_delay_it_names_or_growing_pauses(zenodo, tmp_path, monkeypatch):
    monkeypatch.setattr(server, "BACKOFF", 1.0)
    pauses = []
    monkeypatch.setattr("time.sleep", pauses.append)
    zenodo.faults = [(503, {"Retry-After": "7"}), 503, (429, {"Retry-After": "86400"}), 500]
    assert_fetched(zenodo, tmp_path)
    assert pauses == [7, 2, server.MAX_WAIT, 8]


def test_a_server_that_stays_busy_is_an_error(zenodo, tmp_path):
    zenodo.faults = [503] * 100
    assert_refused(zenodo, tmp_path, r"HTTP status 503; check whether")
    assert len(zenodo.ranges) == 1 + server.BUSY_RETRIES


def test_a_stalled_transfer_is_continued(zenodo, tmp_path, monkeypatch):
    monkeypatch.setattr(server, "READ_TIMEOUT", 0.2)
    zenodo.faults = ["stall"]
    assert_fetched(zenodo, tmp_path)
    assert zenodo.ranges[0] is None
    assert 0 < int(zenodo.ranges[1].removeprefix("bytes=").removesuffix("-")) <= 150_000
    assert len(zenodo.ranges) == 2


def test_a_server_that_always_stalls_is_an_error(zenodo, tmp_path, monkeypatch):
    monkeypatch.setattr(server, "READ_TIMEOUT", 0.05)
    monkeypatch.setattr(transfer, "ATTEMPTS", 3)
    zenodo.files[NAME] = b"1"  # of which half is nothing
    zenodo.faults = ["stall"] * 9
    assert_refused(zenodo, tmp_path, r"Read timed out")
    assert len(zenodo.ranges) == 3


def test_a_full_disk_is_reported_before_the_transfer(zenodo, tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=2_000_000_000))
    with pytest.raises(
        InputError, match=r": 35\.6 GB are needed for the archives that are still to come, but only 2\.0 GB are free"
    ):
        fetch(AUDIO_1, tmp_path, tmp_path / "receipt", zenodo.base)
    assert zenodo.asked == []
    (tmp_path / AUDIO_2).touch()
    with (tmp_path / f".partial-{AUDIO_1}").open("wb") as file:
        file.truncate(1_600_000_000)
    with pytest.raises(InputError, match=r": 34\.0 GB are needed .*set download\.archives to a folder on a larger"):
        fetch(AUDIO_1, tmp_path, tmp_path / "receipt", zenodo.base)


def test_a_disk_that_fills_up_keeps_what_has_arrived(zenodo, tmp_path, full_disk):
    with full_disk(150_000):
        assert_refused(
            zenodo, tmp_path, r"^.+: the disk is full \(No space left on device\); free some space and run again, .+"
        )
    there = partial(tmp_path).stat().st_size
    assert 0 < there <= 150_000
    assert_fetched(zenodo, tmp_path)
    assert zenodo.ranges == [None, f"bytes={there}-"]


def test_an_unreachable_server_is_reported_at_once(tmp_path, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setattr("time.sleep", lambda _: pytest.fail("waits although the server cannot be reached"))
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(InputError, match=r"127\.0\.0\.1 cannot be reached from here \(.*Connection refused"):
            fetch(NAME, tmp_path, tmp_path / "receipt", f"http://127.0.0.1:{unused.getsockname()[1]}")

    def unknown(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(
        InputError, match=r"zenodo\.org cannot be reached from here .*not known.*; go online, set HTTPS"
    ):
        fetch(AUDIO_1, tmp_path, tmp_path / "receipt", "https://zenodo.org")


def test_the_proxy_of_the_environment_is_used(zenodo, tmp_path, monkeypatch):
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.setenv("HTTP_PROXY", zenodo.base)
    fetch(NAME, tmp_path, tmp_path / "receipt", "http://zenodo.example")
    assert [path for path, _ in zenodo.asked] == [
        "http://zenodo.example/api/records/3612637",
        f"http://zenodo.example/record/3612637/files/{NAME}?download=1",
    ]
    assert (tmp_path / NAME).read_bytes() == BODY


def test_existing_archives_are_verified_and_not_fetched(zenodo, tmp_path):
    (tmp_path / NAME).write_bytes(BODY)
    assert_fetched(zenodo, tmp_path)
    (tmp_path / f"{NAME}.md5").unlink()
    (tmp_path / NAME).write_bytes(BODY[:-1])
    with pytest.raises(
        InputError, match=rf"{NAME}: has 299999 bytes and MD5 .* expected 300000 bytes and MD5 {MD5}; del"
    ):
        fetch(NAME, tmp_path, tmp_path / f"{NAME}.md5", zenodo.base)
    assert (tmp_path / NAME).stat().st_size == 299_999  # it may be the user's own
    assert not (tmp_path / f"{NAME}.md5").exists()
    assert zenodo.ranges == []


@pytest.mark.parametrize(
    "left", [BODY[:100_000], BODY, b"x" * 100_000, BODY + b"x"], ids=["part", "complete", "wrong", "too long"]
)
def test_the_partial_file_of_an_earlier_job_is_continued_if_it_fits(zenodo, tmp_path, left):
    partial(tmp_path).write_bytes(left)
    assert_fetched(zenodo, tmp_path)
    first = {100_000: ["bytes=100000-"], 300_000: []}.get(len(left), [])
    assert zenodo.ranges == first + ([] if BODY.startswith(left) else [None])


@pytest.mark.slow
def test_a_killed_transfer_is_continued(zenodo, tmp_path, killed):
    zenodo.pause = 0.02
    call = f"fetch({NAME!r}, Path({str(tmp_path)!r}), Path({str(tmp_path)!r}, 'receipt'), {zenodo.base!r})"
    code = f"from pathlib import Path; from tagasc.corpora.download.fetch import fetch; {call}"
    killed(code, lambda: partial(tmp_path).exists() and partial(tmp_path).stat().st_size > 60_000)
    assert not (tmp_path / NAME).exists()
    there = partial(tmp_path).stat().st_size
    assert there < len(BODY)
    zenodo.pause = 0
    assert_fetched(zenodo, tmp_path)
    assert zenodo.ranges == [None, f"bytes={there}-"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"<html>", r"is not the description of record 3612637 \(Expecting value"),
        (b"[]", r"does not give size and MD5 of FSDKaggle2019\.doc\.zip"),
        (
            b'{"files": [{"key": "FSDKaggle2019.doc.zip", "size": 1, "checksum": "sha1:0"}]}',
            r"does not give the MD5 .*'sha1:0'",
        ),
    ],
)
def test_an_unusable_record_is_an_error(zenodo, tmp_path, monkeypatch, text, message):
    monkeypatch.setattr(type(zenodo), "record", text)
    assert_refused(
        zenodo, tmp_path, rf"^{zenodo.base}/api/records/3612637: .*{message}.*; name another download\.mirror"
    )
    assert not (tmp_path / RECORD_FILE).exists()
    (tmp_path / RECORD_FILE).write_bytes(text)
    assert_refused(zenodo, tmp_path, rf"^.+{RECORD_FILE}: .*{message}.*; delete it and run again")


def test_an_unknown_archive_is_an_error(tmp_path):
    with pytest.raises(InputError, match=r"did you mean 'FSDKaggle2019\.meta\.zip'"):
        fetch("FSDKaggle2019.mate.zip", tmp_path, tmp_path / "receipt", "http://127.0.0.1")


def test_the_archives_are_those_of_the_records():
    scenes = list(SCENE_ARCHIVES.values())
    assert len(scenes) == len({archive.md5 for archive in scenes}) == 23
    assert sum(archive.size for archive in scenes) == 35_622_537_482
    assert pytest.approx(35.6, abs=0.05) == tau2019.ARCHIVES_GB
    url = f"https://zenodo.org/record/2589280/files/{tau2019.FOLDER}.doc.zip?download=1"
    assert scenes[0].url("https://zenodo.org") == url
    assert len(fsdkaggle2019.ARCHIVES) == len(set(fsdkaggle2019.ARCHIVES)) == 11
