"""Downloads as the workflow runs them: a limited number at the same time, resumed, and never repeated needlessly."""

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
import yaml

from tagasc.corpora.receipts import UNPACKED

ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.slow, pytest.mark.workflow]


def contents(folder):
    """Return the files of a folder, without the marker of unpacking."""
    files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    files.pop(UNPACKED, None)
    return files


@pytest.fixture
def downloads(serve, event_set, tmp_path, snakemake):
    """Start a server with a data set in miniature; return it and a function that runs snakemake with it."""
    server = serve(event_set[1])

    def run(*arguments, **download):
        given = {"download": {"mirror": server.base, "parallel_downloads": 3, **download}}
        (tmp_path / "given.yaml").write_text(yaml.safe_dump(given))
        return snakemake(tmp_path, "-c6", *arguments, configfiles=[tmp_path / "given.yaml"])

    return server, run


def test_a_data_set_is_fetched_a_few_archives_at_a_time_and_unpacked(downloads, event_set, tmp_path):
    server, run = downloads
    server.pause = 1.0
    finished = run("unpack_events")
    assert finished.returncode == 0, finished.stderr
    assert contents(tmp_path / "data/FSDKaggle2019") == event_set[0]
    assert 1 < server.busiest <= 3
    assert len(server.asked) == 1 + 11
    kept = {name: body for name, body in contents(tmp_path / "data/archives").items() if name in event_set[1]}
    assert kept == event_set[1]
    assert "Nothing to be done" in run("-n", "unpack_events", keep_archives=False, mirror="http://nowhere").stdout

    # A newer clone, with scripts that are newer than the outputs, and a lost file.
    for path in (tmp_path / "data").rglob("*"):
        os.utime(path, (1_600_000_000, 1_600_000_000))
    (tmp_path / "data/FSDKaggle2019/FSDKaggle2019.meta/test_post_competition.csv").unlink()
    finished = run("unpack_events", keep_archives=False)
    assert finished.returncode == 0, finished.stderr
    assert contents(tmp_path / "data/FSDKaggle2019") == event_set[0]
    assert len(server.asked) == 1 + 11
    assert not [path for path in (tmp_path / "data/archives").iterdir() if path.is_file()]
    left = {path.name for path in (tmp_path / "results/downloads").iterdir() if path.is_file()}
    assert left == {"FSDKaggle2019.record.json", ".FSDKaggle2019.record.json.lock"}
    assert "Nothing to be done" in run("-n", "unpack_events", keep_archives=False).stdout


def test_what_stops_a_download_is_told_in_one_line(downloads):
    server, run = downloads
    server.faults = [404] * 99
    finished = run("unpack_events")
    assert finished.returncode == 1
    lines = {line for line in finished.stderr.splitlines() if "HTTP status 404" in line}
    assert lines
    assert all(line.startswith(f"tagasc: error: {server.base}/record/3612637/files/FSD") for line in lines)
    assert len(server.ranges) == len(set(server.asked)) - 1  # none twice; one is the record


def test_a_run_that_is_killed_is_taken_up(downloads, event_set, tmp_path):
    server, run = downloads
    server.pause = 0.5
    assert run("-n").returncode == 0
    assert server.asked == []  # whoever plans asks nobody
    command = [sys.executable, "-m", "snakemake", "-s", ROOT / "Snakefile", "--directory", tmp_path, "-c2"]
    process = subprocess.Popen(
        [*command, "unpack_events", "--configfile", tmp_path / "given.yaml"], start_new_session=True
    )
    archives, receipts = tmp_path / "data/archives", tmp_path / "results/downloads"

    def begun():
        """Return the archives of which a part is there, but not all."""
        names = []
        for path in archives.glob(".partial-*.z*"):
            with suppress(FileNotFoundError):  # it may have been renamed
                if 0 < path.stat().st_size < len(server.files[path.name.removeprefix(".partial-")]):
                    names.append(path.name)
        return names

    latest = time.monotonic() + 120
    while not (list(receipts.glob("*.md5")) and begun()):
        assert process.poll() is None
        assert time.monotonic() < latest
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    server.pause = 0
    taken_up = begun()
    assert taken_up
    finished = run("unpack_events")
    assert finished.returncode == 0, finished.stderr
    assert contents(tmp_path / "data/FSDKaggle2019") == event_set[0]
    asked = [path for path, _ in server.asked if "/files/" in path]
    ranges = [path for path, wanted in server.asked if wanted]
    assert ranges
    assert all(asked.count(path) == 2 for path in ranges)
    assert all(
        re.search(r"files/(.+)\?", path)[1] in {name.removeprefix(".partial-") for name in taken_up} for path in ranges
    )


def test_verifying_comes_before_packing_and_repeats_nothing(snakemake, tiny, tmp_path):
    source = tiny[0] / "data/demo-scenes"
    (tmp_path / "own.yaml").write_text(f"scenes: {{name: own, source: folder, folder: {source}}}")
    files = [ROOT / "demo/experiment.yaml", tmp_path / "own.yaml"]
    finished = snakemake(tmp_path, "-c2", "pack_scenes", configfiles=files)
    assert finished.returncode == 0, finished.stderr
    assert (tmp_path / "results/corpora/own/verified.csv").read_text().startswith("what,found,published\nclips,")
    for changed in ("verify: full", "source: copy"):
        (tmp_path / "changed.yaml").write_text(f"scenes: {{{changed}}}")
        given = [*files, tmp_path / "changed.yaml"]
        assert "Nothing to be done" in snakemake(tmp_path, "-n", "pack_scenes", configfiles=given).stdout
    (tmp_path / "results/corpora/own/clips.csv").unlink()
    finished = snakemake(tmp_path, "-c2", "pack_scenes", configfiles=given)
    assert finished.returncode == 1
    assert re.search(r"^tagasc: error: .*clips: found \d+, expected 14400; ", finished.stderr, re.MULTILINE)


def test_archives_that_are_elsewhere_are_used_from_there(downloads, event_set, tmp_path):
    server, run = downloads
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for name, body in event_set[1].items():
        (elsewhere / name).write_bytes(body)
    finished = run("unpack_events", archives=str(elsewhere))
    assert finished.returncode == 0, finished.stderr
    assert contents(tmp_path / "data/FSDKaggle2019") == event_set[0]
    assert [path for path, _ in server.asked] == ["/api/records/3612637"]
    assert contents(elsewhere) == event_set[1]
