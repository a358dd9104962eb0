"""The runs of a folder: one that goes on, one that was killed, and what it has left."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress

import psutil
import pytest

from tagasc.runtime import runs
from tagasc.runtime.cluster import ClusterError
from tagasc.runtime.errors import InputError
from tagasc.runtime.runs import begin_run, note_queue, other_runs

RUN = """
import subprocess, sys
from tagasc.runtime.runs import begin_run
begin_run(lambda: None)
worker = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", "/scripts/tmpa1.train_cell.py"])
print(worker.pid, flush=True)
input()
worker.kill()
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(runs, "_OWN", {})
    monkeypatch.setenv("TAGASC_RUN", "")
    monkeypatch.setattr(runs.atexit, "register", lambda *_, **__: None)
    return tmp_path


@pytest.fixture
def another():
    """Start a run in another process, and return it with the PID of its worker."""
    with subprocess.Popen([sys.executable, "-c", RUN], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        worker = int(process.stdout.readline())
        yield process, worker
        process.kill()
    with suppress(ProcessLookupError):
        os.kill(worker, signal.SIGKILL)


def begin():
    """Begin a run, and return whether it has removed the locks."""
    unlocked = []
    begin_run(lambda: unlocked.append(True))
    return bool(unlocked)


def write_killed(folder, **keys):
    (folder / ".snakemake/runs").mkdir(parents=True)
    (folder / ".snakemake/runs/killed.json").write_text(json.dumps(keys) if keys else "")


def test_a_run_that_goes_on_keeps_its_locks(another):
    (run,) = other_runs()
    assert run.lives
    assert str(run) == f"PID {another[0].pid} on {os.uname().nodename}"
    assert not begin()
    assert len(other_runs()) == 1


def test_a_run_that_has_ended_leaves_nothing(another, folder):
    another[0].communicate(b"\n")
    assert list((folder / ".snakemake/runs").iterdir()) == []
    assert not begin()


def test_a_killed_run_leaves_locks_that_the_next_run_removes(another):
    another[0].kill()
    another[0].wait()
    os.kill(another[1], signal.SIGKILL)
    while psutil.pid_exists(another[1]) and psutil.Process(another[1]).status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.01)
    (run,) = other_runs()
    assert not run.lives
    assert begin()
    assert other_runs() == []


def test_workers_of_a_killed_run_are_named(another):
    process, worker = another
    process.kill()
    process.wait()
    for _ in range(2):  # the second attempt finds them, too
        with pytest.raises(InputError, match=rf"its jobs go on \(train_cell\); .* run 'kill {worker}'; then run"):
            begin()


@pytest.mark.usefixtures("another")
def test_locks_are_kept_while_another_run_goes_on(folder):
    (folder / ".snakemake/runs/killed.json").touch()
    assert not begin()
    assert [run.lives for run in other_runs()].count(False) == 1


def test_jobs_of_a_killed_run_in_the_queue(folder, monkeypatch):
    write_killed(folder, host=os.uname().nodename, pid=1, queue="a-run")
    monkeypatch.setattr(runs, "queued_jobs", lambda name, _: {"7", "8"} if name == "a-run" else set())
    with pytest.raises(
        InputError, match=r"2 of its jobs are still in SLURM's queue .* run 'scancel --name a-run'; then"
    ):
        begin()
    monkeypatch.setattr(runs, "queued_jobs", lambda *_: set())
    assert begin()


def test_a_cluster_that_does_not_answer(folder, monkeypatch):
    def fail(*_):
        raise ClusterError("there is no command squeue")

    write_killed(folder, host=os.uname().nodename, pid=1, queue="a-run")
    monkeypatch.setattr(runs, "queued_jobs", fail)
    with pytest.raises(InputError, match=r"no command squeue\); .* or remove \.snakemake/runs/killed\.json"):
        begin()


def test_a_run_that_was_killed_on_another_machine(folder, capsys):
    write_killed(folder, host="login2", pid=17, queue="")
    assert begin()
    assert "a run was killed (PID 17 on login2), and jobs of it may go on there" in capsys.readouterr().err


def test_a_power_failure_may_leave_an_empty_file(folder):
    write_killed(folder)
    assert begin()


def test_the_name_in_the_queue_is_recorded(folder):
    begin()
    note_queue("a-run")
    (path,) = (folder / ".snakemake/runs").iterdir()
    assert json.loads(path.read_text()) == {"host": os.uname().nodename, "pid": os.getpid(), "queue": "a-run"}


def test_a_file_system_without_locks(folder, monkeypatch):
    def fail(*_):
        raise OSError(37, "No locks available")

    monkeypatch.setattr(runs.fcntl, "lockf", fail)
    assert not begin()
    assert list((folder / ".snakemake/runs").iterdir()) == []
