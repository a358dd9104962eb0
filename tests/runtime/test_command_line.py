"""Checks of a command line, before and after Snakemake builds the graph."""

from types import SimpleNamespace

import pytest

from tagasc.runtime import command_line
from tagasc.runtime.cluster import ClusterError
from tagasc.runtime.command_line import checked
from tagasc.runtime.errors import InputError


class Run(SimpleNamespace):
    def __str__(self):
        return "PID 7 on login1"


def command(**facts):
    """Return what a command line names, with `calls` for what is done to Snakemake's locks."""
    calls = []
    patterns = {"train_cell": "cells/{cell}/model.safetensors"}
    return SimpleNamespace(
        **{
            "targets": ["table3"],
            "selected": [],
            "names": ["table2", "table3", "train_cell", "tables/table3.md"],
            "numbers": {"cores (or --jobs)": 2, "jobs": None, "local-cores": 2},
            "executor": "local",
            "runs": False,
            "locks": True,
            "reports": False,
            "calls": calls,
            "is_known": lambda name: name in {"table2", "table3", "train_cell", "tables/table3.md"},
            "pattern": patterns.get,
            "unlock": lambda: calls.append("unlock"),
            "ignore_locks": lambda: calls.append("ignore"),
            "is_locked": lambda: False,
            "unfinished": list,
        }
        | facts
    )


@pytest.fixture(autouse=True)
def runs(monkeypatch):
    """Let no other run exist unless a test adds one, and register none."""
    others = []
    monkeypatch.setattr(command_line, "other_runs", lambda: others)
    monkeypatch.setattr(command_line, "begin_run", lambda unlock: unlock())
    return others


def refusal(**facts):
    with pytest.raises(InputError) as caught, checked(command(**facts)):
        pass
    return str(caught.value)


@pytest.mark.parametrize(
    ("target", "nearest"), [("tabel3", "table3"), ("train_cel", "train_cell"), ("tables/tabel3.md", "tables/table3.md")]
)
@pytest.mark.parametrize("option", ["targets", "selected"])
def test_a_misspelt_target_names_the_nearest(option, target, nearest):
    said = refusal(**{option: [target]})
    assert said.startswith(f"'{target}' is neither a rule nor a file that a rule writes; did you mean '{nearest}'?")


def test_a_target_like_no_other():
    assert "did you mean" not in refusal(targets=["demo"])


def test_a_rule_with_wildcards_is_no_target_but_can_be_selected():
    assert "rule train_cell writes many files" in refusal(targets=["train_cell"])
    with checked(command(selected=["train_cell"])):
        pass


@pytest.mark.parametrize("number", [0, -1])
@pytest.mark.parametrize("option", ["cores (or --jobs)", "jobs", "local-cores"])
def test_a_run_without_cores_would_wait_for_ever(option, number):
    assert refusal(runs=True, numbers={option: number}).startswith(f"--{option} {number}: nothing would ever run")
    with checked(command(numbers={option: number})):  # a dry run does not wait
        pass


def test_a_machine_without_slurm(monkeypatch):
    def fail(_):
        raise ClusterError("there is no command squeue")

    monkeypatch.setattr(command_line, "queued_jobs", fail)
    said = refusal(runs=True, executor="slurm")
    assert said.startswith("SLURM does not answer on this machine (there is no command squeue); use --profile slurm")
    with checked(command(executor="slurm")):
        pass


def test_a_run_is_registered_and_a_dry_run_is_not():
    run, plan = command(runs=True), command()
    with checked(run), checked(plan):
        pass
    assert (run.calls, plan.calls) == (["unlock"], ["ignore"])


def test_a_dry_run_reports_the_locks_of_a_run_that_goes_on(runs):
    runs.append(Run(lives=True))
    plan = command()
    with checked(plan):
        pass
    assert plan.calls == []


def test_a_second_run_names_the_first(runs):
    locked = {"runs": True, "is_locked": lambda: True}
    runs.append(Run(lives=False))
    assert "run 'snakemake --unlock', then the same command" in refusal(**locked)
    runs.append(Run(lives=True))
    assert refusal(**locked).startswith("another run writes the same files (PID 7 on login1); wait until it ends")
    with checked(command(**locked | {"locks": False})):  # --nolock
        pass


def test_a_report_before_the_results():
    said = refusal(reports=True, locks=False, unfinished=lambda: ["a.md", "b.md"])
    assert said.startswith("a.md: the report needs it, but no run has finished it (the same holds for 1 other file)")
