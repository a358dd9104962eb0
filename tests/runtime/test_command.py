"""What is read from Snakemake when the whole Snakefile is read."""

from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from tagasc.runtime.command import Command, check_commands, end_with_the_pipe
from tagasc.runtime.errors import InputError


class File(str):
    __slots__ = ("flags",)


def rule(name, *outputs):
    return SimpleNamespace(
        name=name,
        output=list(outputs),
        has_wildcards=lambda: any("{" in output for output in outputs),
        is_producer=lambda path: path in outputs,
    )


class Workflow:
    """A workflow as Snakemake leaves it before it builds the graph."""

    dryrun = False

    def __init__(self, locks=None, lock=True):
        self.rules = [rule("table3", "tables/table3.md"), rule("train", r"cells/{cell,[a-z]+}/seed{seed,\d+}/model")]
        self.dag_settings = SimpleNamespace(
            targets={"table3"}, forcerun=set(), until={"train"}, omit_from=set(), force_incomplete=False
        )
        self.resource_settings = SimpleNamespace(cores=2, nodes=None, local_cores=4)
        self.execution_settings = SimpleNamespace(lock=lock)
        self.executor_plugin = SimpleNamespace(name="local")
        self.persistence = SimpleNamespace(locked=True, noop="noop", lock="lock", _lockdir=locks)
        self.persistence.cleanup_locks = lambda: Path(locks).rmdir()
        self.built = 0

    def is_rule(self, name):
        return name in {"table3", "train"}

    def _build_dag(self):
        self.built += 1

    def execute(self):
        self._build_dag()

    def create_report(self):
        self._build_dag()


def seen_by(workflow, action):
    """Return the command that the check sees."""
    seen = []

    @contextmanager
    def check(command):
        assert workflow.built == 0
        yield
        assert workflow.built == 1
        seen.append(command)

    check_commands(workflow, check)
    check_commands(workflow, check)  # imported twice
    getattr(workflow, action)()
    return seen[0]


def test_a_run():
    workflow = Workflow()
    command = seen_by(workflow, "execute")
    assert (command.targets, command.selected) == (["table3"], ["train"])
    assert command.names == ["table3", "train", "tables/table3.md"]
    assert set(command.numbers.values()) == {2, None, 4}
    assert (command.executor, command.runs, command.locks, command.reports) == ("local", True, True, False)
    assert workflow.dag_settings.force_incomplete


def test_a_dry_run_and_a_report():
    workflow = Workflow()
    workflow.dryrun = True
    assert not seen_by(workflow, "execute").runs
    workflow = Workflow()
    workflow.execution_settings = None
    command = seen_by(workflow, "create_report")
    assert (command.runs, command.locks, command.reports) == (False, False, True)


def test_what_a_target_can_be():
    command = seen_by(Workflow(), "execute")
    assert command.is_known("table3")
    assert command.is_known("./tables/table3.md")
    assert not command.is_known("tabel3")
    assert command.pattern("train") == "cells/{cell}/seed{seed}/model"
    assert command.pattern("table3") is None


def test_locks_are_removed_but_their_folder_stays(tmp_path):
    (tmp_path / "locks").mkdir()
    workflow = Workflow(locks=tmp_path / "locks")
    command = seen_by(workflow, "execute")
    command.unlock()
    assert (tmp_path / "locks").is_dir()
    assert command.is_locked()
    command.ignore_locks()
    assert workflow.persistence.lock == "noop"


def test_a_report_needs_files_that_exist_and_are_complete(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    files = [File(name) for name in ("done.md", "incomplete.md", "missing.md", "other.csv")]
    for file in files:
        file.flags = {} if file == "other.csv" else {"report": object()}
    for name in ("done.md", "incomplete.md"):
        Path(name).touch()
    workflow = Workflow()
    workflow.dag = SimpleNamespace(jobs=[SimpleNamespace(output=files)], forcefiles={"incomplete.md"})
    assert Command(workflow, "create_report").unfinished() == ["incomplete.md", "missing.md"]


def test_a_refusal_ends_the_run_with_one_line():
    @contextmanager
    def refuse(_):
        raise InputError("tabel3: no such target")
        yield

    workflow = Workflow()
    check_commands(workflow, refuse)
    with pytest.raises(SystemExit, match=r"^tagasc: error: tabel3: no such target$"):
        workflow.execute()
    assert workflow.built == 0


@pytest.mark.parametrize("lacked", ["dag_settings", "resource_settings", "execution_settings"])
def test_a_snakemake_that_lacks_an_internal_runs_without_checks(lacked, capsys):
    workflow = Workflow()
    delattr(workflow, lacked)
    check_commands(workflow, lambda _: pytest.fail("checked"))
    workflow.execute()
    assert workflow.built == 1
    assert "you may need --unlock" in capsys.readouterr().err


def test_a_snakemake_without_the_method(capsys):
    check_commands(SimpleNamespace(), lambda _: pytest.fail("checked"))
    end_with_the_pipe(SimpleNamespace())
    assert len(capsys.readouterr().err.splitlines()) == 2
