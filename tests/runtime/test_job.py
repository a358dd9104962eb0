import os
import signal
from types import SimpleNamespace

import pytest

from tagasc.runtime.errors import InputError, warn
from tagasc.runtime.files import atomic_write
from tagasc.runtime.job import Stopped, job


@pytest.fixture
def rule(tmp_path):
    return SimpleNamespace(log=[tmp_path / "logs/rule.log"])


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
