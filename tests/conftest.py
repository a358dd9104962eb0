import hashlib
import io
import json
import re
import threading
import zipfile
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, settings

# The examples are the same in each run, and their number decides how long they take.
settings.register_profile(
    "same",
    database=None,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
settings.load_profile("same")


def pytest_collection_modifyitems(config, items):
    """Run quick tests first. With several workers, start with the files that take longest, so that none ends alone."""
    several = hasattr(config, "workerinput")

    def order(item):
        marks = [item.get_closest_marker(marker) is not None for marker in ("slow", "workflow")]
        return [several and "cluster" not in item.fixturenames, several and "tiny" not in item.fixturenames, *marks]

    items.sort(key=order)


@pytest.fixture
def without_records(monkeypatch):
    """Write no records of digests: readers have to recognise damage by what is in a file."""
    monkeypatch.setattr("tagasc.artifacts.artifact.write_record", lambda *_: None)


class Zenodo(ThreadingHTTPServer):
    """A local server with the events' record, its archives and any other files.

    `faults` has one faulty answer per request for a file: a status, a pair of status and headers, "cut" (half of the
    data), "stall" (half of the data, and then nothing) or "other" (another page). `pause` in s precedes each 16 KiB.
    """

    daemon_threads = True

    def __init__(self, files):
        super().__init__(("127.0.0.1", 0), Answer)
        self.base = f"http://127.0.0.1:{self.server_port}"
        self.files = files
        self.md5 = {name: hashlib.md5(body, usedforsecurity=False).hexdigest() for name, body in files.items()}
        self.faults, self.asked, self.knows_ranges, self.pause = [], [], True, 0.0
        self.ended = threading.Event()
        self.lock, self.busy, self.busiest = threading.Lock(), 0, 0

    @property
    def record(self):
        files = [
            {"key": name, "size": len(body), "checksum": f"md5:{self.md5[name]}"} for name, body in self.files.items()
        ]
        return json.dumps({"id": 3612637, "files": files}).encode()

    @property
    def ranges(self):
        """The ranges of all requests for files, in order."""
        return [wanted for path, wanted in self.asked if "/files/" in path]


class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        server = self.server
        wanted = self.headers.get("Range")
        server.asked.append((self.path, wanted))
        if self.path.endswith("/api/records/3612637"):
            return self.send(200, server.record)
        given = re.fullmatch(r"(?:http://[^/]+)?/record/(?:2589280|3612637)/files/([^/?]+)\?download=1", self.path)
        if given is None or given[1] not in server.files:
            return self.send(404, b"")
        fault = server.faults.pop(0) if server.faults else None
        if isinstance(fault, int | tuple):
            status, headers = fault if isinstance(fault, tuple) else (fault, {})
            return self.send(status, b"", headers)
        return self.send_file(server.files[given[1]], wanted, fault)

    def send_file(self, body, wanted, fault):
        if fault == "other":
            return self.send(200, b"<html>Please log in</html>")
        if not wanted or not self.server.knows_ranges:
            return self.send(200, body, fault=fault)
        start = int(wanted.removeprefix("bytes=").removesuffix("-"))
        if start >= len(body):
            return self.send(416, b"")
        headers = {"Content-Range": f"bytes {start}-{len(body) - 1}/{len(body)}"}
        return self.send(206, body[start:], headers, fault=fault)

    def send(self, status, body, headers=(), fault=None):
        server = self.server
        with server.lock:
            server.busy += 1
            server.busiest = max(server.busy, server.busiest)
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in dict(headers).items():
            self.send_header(name, value)
        self.end_headers()
        if fault is not None:
            body = body[: len(body) // 2]
        with suppress(ConnectionError):  # the client may have gone
            for start in range(0, len(body), 1 << 14):
                server.ended.wait(server.pause)
                self.wfile.write(body[start : start + (1 << 14)])
            if fault == "stall":
                server.ended.wait()
        self.close_connection = True
        with server.lock:
            server.busy -= 1

    def log_message(self, *_):
        pass


@pytest.fixture
def serve(monkeypatch):
    """Return a function that starts a server with the given files."""
    servers = []

    def start(files):
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        server = Zenodo(files)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        servers.append((server, thread))
        return server

    yield start
    for server, thread in servers:
        server.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()


def make_zip(entries, compression=zipfile.ZIP_DEFLATED):
    """Return a zip file with these names (or ZipInfos) and contents."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return file.getvalue()


def cut_zip(content, parts):
    """Split a zip file into .z01 … .zip like `zip -s`, with the marker and the number of the last part."""
    content = bytearray(b"PK\x07\x08" + content)
    end = content.rfind(b"PK\x05\x06")
    content[end + 4 : end + 6] = (parts - 1).to_bytes(2, "little")
    size = len(content) // parts + 1
    suffixes = [f".z{number:02d}" for number in range(1, parts)] + [".zip"]
    return {suffix: bytes(content[place * size : (place + 1) * size]) for place, suffix in enumerate(suffixes)}


@pytest.fixture(scope="session")
def zipped():
    return make_zip


@pytest.fixture(scope="session")
def parted():
    return cut_zip


@pytest.fixture(scope="session")
def event_set():
    """Return the files of a small data set like FSDKaggle2019, and its eleven archives."""
    noise = np.random.default_rng(0)
    files = {"FSDKaggle2019.doc/README.md": b"# FSDKaggle2019\n"}
    for subset, clips in (("train_curated", 12), ("train_noisy", 24), ("test", 6)):
        rows = "fname,labels,license\n"
        for number in range(clips):
            wav = io.BytesIO()
            soundfile.write(wav, noise.normal(0, 0.1, 2000 + 100 * number), 44100, "PCM_16", format="WAV")
            name = f"{len(files):08x}.wav"
            files[f"FSDKaggle2019.audio_{subset}/{name}"] = wav.getvalue()
            rows += f'{name},"{("Bark", "Rain", "Bark,Rain")[number % 3]}",CC0\n'
        files[f"FSDKaggle2019.meta/{subset}_post_competition.csv"] = rows.encode()
    archives = {}
    for folder in dict.fromkeys(name.partition("/")[0] for name in files):
        entries = {name: body for name, body in files.items() if name.startswith(f"{folder}/")}
        parts = 7 if folder.endswith("noisy") else 1
        body = make_zip({f"{folder}/": b"", **entries})
        archives |= (
            {f"{folder}{suffix}": part for suffix, part in cut_zip(body, parts).items()}
            if parts > 1
            else {f"{folder}.zip": body}
        )
    return files, archives
