import errno
import os
import signal
from pathlib import Path
from types import SimpleNamespace

import pytest

from tagasc.runtime.errors import InputError, warn
from tagasc.runtime.files import atomic_write
from tagasc.runtime.job import Stopped, job


@pytest.fixture
def rule(tmp_path):
    return SimpleNamespace(
        rule="train_cell",
        log=[tmp_path / "logs/rule.log"],
        output=[tmp_path / "cells/model.safetensors"],
        resources=SimpleNamespace(mem_mb=4000),
    )


def test_sigterm_removes_what_is_half_written(rule, tmp_path):
    before = signal.getsignal(signal.SIGTERM)

    def work():
        with job(rule), atomic_write(tmp_path / "table.csv") as partial:
            partial.write_text("half")
            os.kill(os.getpid(), signal.SIGTERM)
            partial.write_text("never")

    with pytest.raises(Stopped) as stopped:
        work()
    assert stopped.value.code == 143
    assert [path.name for path in tmp_path.iterdir()] == ["logs"]
    assert rule.log[0].read_text() == "tagasc: stopped by SIGTERM\n"
    assert signal.getsignal(signal.SIGTERM) is before


def test_an_input_error_is_one_line_in_the_log_and_on_the_terminal(rule, capsys):
    with pytest.raises(SystemExit) as ended, job(rule):
        raise InputError("clips.csv: no rows; pack again")
    assert ended.value.code == 1
    assert rule.log[0].read_text() == capsys.readouterr().err == "tagasc: error: clips.csv: no rows; pack again\n"


def test_a_warning_is_one_line_in_the_log_and_on_the_terminal(rule, capsys):
    with job(rule):
        print("packing")
        warn("clips are short; set a shorter duration")
    line = "tagasc: warning: clips are short; set a shorter duration\n"
    assert capsys.readouterr() == ("", line)
    assert rule.log[0].read_text() == f"packing\n{line}"
    warn("later")
    assert capsys.readouterr().err == "tagasc: warning: later\n"


def test_another_error_leaves_its_traceback_in_the_log(rule, capsys):
    with pytest.raises(SystemExit), job(rule):
        raise KeyError("scale")
    assert "Traceback" in rule.log[0].read_text()
    assert capsys.readouterr().err == f"tagasc: KeyError: 'scale' (the traceback is in {rule.log[0]})\n"


def test_a_full_disk_names_the_folder_of_the_outputs(rule, capsys):
    with pytest.raises(SystemExit) as ended, job(rule):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert ended.value.code == 1
    folder = rule.output[0].parent
    line = f"tagasc: error: {folder}: the disk is full (No space left on device); free some space and run again\n"
    assert rule.log[0].read_text() == capsys.readouterr().err == line


def test_too_little_memory_names_what_the_rule_was_granted(rule, capsys):
    with pytest.raises(SystemExit), job(rule):
        raise MemoryError
    line = capsys.readouterr().err
    assert line.startswith("tagasc: error: rule train_cell: memory does not suffice; run fewer jobs at the same time")
    assert line.endswith("on a cluster grant more than 4000 MB (--set-resources train_cell:mem_mb=8000)\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_log_on_a_full_disk_stops_nothing_and_hides_nothing(rule, capsys):
    rule.log = ["/dev/full"]
    done = []
    with job(rule):
        print("packing")
        print("packed")
        done.append(1)
    warning = "tagasc: warning: /dev/full: the log is incomplete (No space left on device)\n"
    assert done
    assert capsys.readouterr().err == warning
    with pytest.raises(SystemExit), job(rule):
        raise InputError("clips.csv: no rows")
    assert "tagasc: error: clips.csv: no rows\n" in capsys.readouterr().err


def test_a_log_that_cannot_be_opened_is_named(rule):
    rule.log[0].parent.write_text("")
    with pytest.raises(SystemExit) as ended, job(rule):
        pass
    assert ended.value.code.startswith(f"tagasc: error: {rule.log[0].parent}: a file or a dangling link is where a")
