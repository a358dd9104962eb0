"""The command that measures a GPU, in miniature on the CPU."""

import multiprocessing
import os
import subprocess
import sys
from argparse import ArgumentTypeError
from pathlib import Path

import numpy as np
import pytest
import torch

from benchmarks.gpu.__main__ import names, run
from benchmarks.gpu.checks import compare_losses
from benchmarks.gpu.scenes import describe_machine
from benchmarks.gpu.sections import LONG, SECTIONS, Section, run_section
from benchmarks.gpu.sizes import Sizes, Table
from tagasc.runtime.errors import InputError

ROOT = Path(__file__).parents[1]
CHECKS = {"cpu", "bfloat16", "resume", "fake"}
QUICK = [name for name in SECTIONS if name not in LONG]
LIKE_OTHERS = {"bfloat16", "table1", "soft_labels", "compiled_scenes", "compiled_tagger"}
SLOW = pytest.mark.slow


@pytest.fixture
def without_gpu(monkeypatch):
    """Hide the GPU from torch."""
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    monkeypatch.setattr("torch.cuda.device_count", lambda: 0)


def cells(text):
    """Return the cells of a table's rows."""
    return [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in text.splitlines()]


@pytest.mark.usefixtures("without_gpu")
@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=SLOW if name in LIKE_OTHERS else ()) for name in SECTIONS if name != "demo"],
)
def test_a_section_prints_its_rows(name, capsys, monkeypatch):
    compiled = torch.compile
    # Without the C++ compiler, which takes minutes.
    monkeypatch.setattr("torch.compile", lambda function, **_: compiled(function, backend="eager"))
    table = Table(name, record=False)
    SECTIONS[name].load()(Sizes.miniature(1), table)
    rows = cells(capsys.readouterr().out)
    assert rows
    assert {(len(row), row[0]) for row in rows} == {(3, name)}
    assert {row[2].startswith("passed: ") for row in rows} == {name in CHECKS}
    assert not table.failed


@pytest.mark.slow
def test_the_command_runs_all_sections():
    command = [sys.executable, "-m", "benchmarks.gpu", "--threads", "1", "--miniature"]
    environment = os.environ | {"CUDA_VISIBLE_DEVICES": "", "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert list(dict.fromkeys(row[0] for row in cells(done.stdout)[2:])) == QUICK


@pytest.mark.usefixtures("without_gpu")
def test_without_a_gpu_there_is_nothing_to_measure():
    with pytest.raises(InputError, match="torch sees no GPU; add --miniature"):
        describe_machine(Sizes(1), Table("machine", record=False))


def test_sections_run_in_their_own_order():
    assert names("codes,cpu") == ["cpu", "codes"]
    with pytest.raises(ArgumentTypeError, match="no section is called cods; choose from machine, cpu"):
        names("codes,cods")


def test_the_sections_take_eight_minutes_at_most():
    assert sum(SECTIONS[name].seconds for name in QUICK) <= 480


def fail(_sizes, _table):
    raise ValueError("this is\nwrong")


def fail_a_check(_sizes, table):
    table.check("sum", "2, expected 3", passed=False)
    table.check("product", "4", passed=True)


@pytest.mark.parametrize(
    ("function", "rows"),
    [
        (fail, "| x | FAILED | ValueError: this is |\n"),
        (fail_a_check, "| x | sum | FAILED: 2, expected 3 |\n| x | product | passed: 4 |\n"),
    ],
)
def test_a_section_that_fails_has_one_line_and_status_1(function, rows, monkeypatch, capsys):
    monkeypatch.setattr("os.setpgid", lambda *_: None)
    monkeypatch.setitem(SECTIONS, "x", Section("", "", 1))
    monkeypatch.setattr(Section, "load", lambda _: function)
    with pytest.raises(SystemExit) as ended:
        run_section("x", Sizes.miniature(1), record=False)
    assert ended.value.code == 1
    assert capsys.readouterr().out == rows


def test_a_section_is_stopped_at_its_time_limit(monkeypatch, capsys):
    monkeypatch.setitem(SECTIONS, "cpu", Section("time", "sleep", 0))
    assert run(multiprocessing.get_context("forkserver"), "cpu", Sizes(1), record=False)
    assert capsys.readouterr().out == "| cpu | FAILED | stopped after 0 s, its time limit |\n"


@pytest.mark.parametrize(
    ("found", "passes"),
    [([2.0, 1.0], True), ([2.0, 1.01], True), ([2.01, 1.0], False), ([2.0, 1.1], False), ([2.0, np.nan], False)],
)
def test_losses_may_differ_a_little(found, passes):
    table = Table("cpu", record=False)
    compare_losses(table, "x", np.array([2.0, 1.0]), np.array(found), allowed_first=1e-3, allowed=0.02)
    assert table.failed == (not passes)


def test_a_row_is_recorded(tmp_path, monkeypatch):
    record = tmp_path / "RECORD.md"
    record.write_text("| date |\n\n## What did not help\n\nnothing\n")
    monkeypatch.setattr("benchmarks.record.RECORD", record)
    Table("codes", record=False).row("table1", "1 clip/s")
    Table("codes", record=True).row("table1", "2 clips/s")
    first, row, *_ = record.read_text().splitlines()
    assert first == "| date |"
    assert "| gpu codes | table1: 2 clips/s |" in row
    assert "1 clip/s" not in record.read_text()
