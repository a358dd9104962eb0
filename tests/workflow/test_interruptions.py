"""A run whose main process is killed: its workers are named, and the same command continues."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parents[2]
KEYS = "cells: [baseline]\nfrontend: {training: {epochs: 150}}\n"
MODEL = "results/experiments/{name}/cells/baseline/seed0/model.safetensors"

pytestmark = [pytest.mark.slow, pytest.mark.workflow]


@pytest.fixture
def command(tiny, tmp_path):
    """Return a function that makes the command which trains a cell in a copy of the tiny run, and the folder."""
    folder = tmp_path / "copy"
    shutil.copytree(tiny[0], folder)

    def make(name):
        (folder / f"{name}.yaml").write_text(f"name: {name}\n{KEYS}")
        files = [ROOT / "demo/experiment.yaml", "tiny.yaml", f"{name}.yaml"]
        start = [sys.executable, "-m", "snakemake", "-s", ROOT / "Snakefile", MODEL.format(name=name), "-c2"]
        return [*map(str, [*start, "--set-threads", "train_cell=1", "--configfile", *files])]

    return make, folder


@pytest.fixture
def killed(command):
    """Kill the main process of a run while a cell trains; return its command, folder and the PID of the training."""
    make, folder = command
    with subprocess.Popen(make("disturbed"), cwd=folder, stderr=subprocess.DEVNULL) as process:
        log = folder / "results/experiments/disturbed/logs/train_cell/baseline-seed0.log"
        latest = time.monotonic() + 120
        while not (log.exists() and re.search(r" [1-9]\d*/150 ", log.read_text())):
            assert process.poll() is None
            assert time.monotonic() < latest
            time.sleep(0.05)
        (worker,) = psutil.Process(process.pid).children()
        worker.suspend()  # so that it does not end before the next run looks for it
        process.kill()
    yield make("disturbed"), folder, worker
    if worker.is_running():
        worker.kill()


def run(command, folder, *arguments):
    return subprocess.run([*command, *arguments], cwd=folder, capture_output=True, text=True, check=False)


def test_the_same_command_continues_after_kill(killed, command):
    words, folder, worker = killed
    refused = run(words, folder)
    assert refused.returncode == 1
    (line,) = [line for line in refused.stderr.splitlines() if "tagasc" in line and "error" in line]
    assert re.fullmatch(
        r"tagasc: error: a run was killed, but its jobs go on \(train_cell\); wait until they end, or run 'kill "
        rf"{worker.pid}'; then run the same command",
        line,
    )
    planned = run(words, folder, "-n")
    assert planned.returncode == 0, planned.stderr
    assert "cannot be locked" not in planned.stderr + planned.stdout

    worker.send_signal(signal.SIGTERM)
    worker.resume()
    worker.wait(60)
    continued = run(words, folder)
    assert continued.returncode == 0, continued.stderr
    log = folder / "results/experiments/disturbed/logs/train_cell/baseline-seed0.log"
    assert "continuing after epoch" in log.read_text()
    assert list((folder / ".snakemake/runs").iterdir()) == []

    calm = run(command[0]("calm"), folder)
    assert calm.returncode == 0, calm.stderr
    weights = [(folder / MODEL.format(name=name)).read_bytes() for name in ("disturbed", "calm")]
    assert weights[0] == weights[1]


def test_a_second_run_names_the_first(command):
    make, folder = command
    with subprocess.Popen(make("disturbed"), cwd=folder, stderr=subprocess.DEVNULL) as first:
        latest = time.monotonic() + 120
        while not list((folder / ".snakemake").glob("locks/0.*")):
            assert first.poll() is None
            assert time.monotonic() < latest
            time.sleep(0.05)
        second = run(make("disturbed"), folder)
        first.terminate()
    assert second.returncode == 1
    assert f"another run writes the same files (PID {first.pid} on {os.uname().nodename})" in second.stderr


def test_a_dry_run_ends_with_the_pipe():
    command = f"{sys.executable} -m snakemake -s {ROOT / 'Snakefile'} -n | head -n 1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)  # noqa: S602 - for the pipe
    assert done.stdout.count("\n") == 1
    assert "Traceback" not in done.stderr
