"""The watch over a cluster. Shell scripts replace SLURM's commands."""

import os
import time

import pytest

from tagasc.runtime.cluster import ClusterError, ClusterWatch, cancel_remaining_jobs, queued_jobs


@pytest.fixture
def command(tmp_path, monkeypatch):
    """Replace one of SLURM's commands by a shell script."""
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    def write(name, script):
        fresh = tmp_path / "fresh"
        fresh.write_text(f"#!/bin/sh\n{script}\n")
        fresh.chmod(0o755)
        fresh.replace(tmp_path / name)

    return write


@pytest.fixture
def watch():
    """Start a watch with a patience of one second; return it and the lines with which it gave up."""
    given_up = []

    def start(*jobs):
        thread = ClusterWatch("a-run", 1.0, lambda: set(jobs), given_up.append)
        thread.start()
        return thread, given_up

    return start


def wait_for(capsys, text):
    said = ""
    for _ in range(200):
        said += capsys.readouterr().err
        if text in said:
            return said
        time.sleep(0.05)
    raise AssertionError(said)


def test_a_cluster_that_comes_back_in_time(command, watch, capsys):
    command("squeue", "echo slurm_load_jobs error: Unable to contact >&2; exit 1")
    thread, given_up = watch("7")
    said = wait_for(capsys, "does not answer")
    assert said.count("\n") == 1
    assert "squeue: slurm_load_jobs error: Unable to contact" in said
    command("squeue", "echo 7")
    wait_for(capsys, "the cluster answers again")
    thread.join(1.5)
    assert thread.is_alive()
    assert not given_up


def test_a_cluster_that_is_gone(command, watch):
    command("squeue", "echo slurm_load_jobs error: Unable to contact >&2; exit 1")
    thread, given_up = watch()
    thread.join(20)
    assert not thread.is_alive()
    (line,) = given_up
    assert line.startswith("The cluster has not answered for ")
    assert "Unable to contact" in line


def test_a_job_that_the_queue_has_lost(command, watch):
    command("squeue", "echo 7; echo 9")
    thread, given_up = watch("7", "8")
    thread.join(20)
    assert not thread.is_alive()
    assert given_up[0].startswith("The cluster no longer knows job 8, ")


def test_it_asks_for_the_jobs_of_the_run(command, tmp_path):
    command("squeue", f'echo "$@" > {tmp_path}/asked; echo 3; echo 4_1')
    assert queued_jobs("a-run") == {"3", "4_1"}
    assert "--name=a-run" in (tmp_path / "asked").read_text()


def test_a_missing_squeue(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(ClusterError, match="there is no command squeue"):
        queued_jobs("a-run")


def test_remaining_jobs_are_cancelled(command, tmp_path, capsys):
    command("squeue", "echo 31; echo 30")
    command("scancel", f'echo "$@" > {tmp_path}/cancelled')
    cancel_remaining_jobs("a-run")
    assert (tmp_path / "cancelled").read_text() == "30 31\n"
    assert capsys.readouterr().err == "tagasc: cancelled 2 jobs that were still in the queue\n"
    command("squeue", "exit 0")
    (tmp_path / "cancelled").unlink()
    cancel_remaining_jobs("a-run")
    assert not (tmp_path / "cancelled").exists()
    assert capsys.readouterr().err == ""


def test_remaining_jobs_on_a_silent_cluster_are_named(command, capsys):
    command("squeue", "exit 1")
    cancel_remaining_jobs("a-run")
    assert "'scancel --name a-run' before the next call" in capsys.readouterr().err
