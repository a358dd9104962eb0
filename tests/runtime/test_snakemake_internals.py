"""Every use of Snakemake's internals, where Snakemake has them and where it lacks them."""

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from tagasc.runtime import snakemake_internals as internals
from tagasc.runtime.errors import InputError


def slurm_workflow(status_command="squeue"):
    given_up = []
    executor = SimpleNamespace(run_uuid="a-run", active_jobs=[SimpleNamespace(external_jobid="7")])
    return SimpleNamespace(
        executor_plugin=SimpleNamespace(name="slurm"),
        executor_settings=SimpleNamespace(status_command=status_command, status_attempts=10),
        remote_execution_settings=SimpleNamespace(max_status_checks_per_second=0.1),
        scheduler=SimpleNamespace(_executor=executor, executor_error_callback=given_up.append),
        given_up=given_up,
    )


def test_a_run_on_slurm():
    workflow = slurm_workflow()
    run = internals.slurm_run(workflow, RuntimeError)
    assert run.name == "a-run"
    assert run.patience == pytest.approx(80)
    assert run.waiting_for() == {"7"}
    run.give_up("gone")
    assert str(workflow.given_up[0]) == "gone"


def test_sacct_remembers_jobs_so_none_is_waited_for():
    assert internals.slurm_run(slurm_workflow("sacct"), RuntimeError).waiting_for() == set()


def test_a_run_on_this_machine_is_not_watched(capsys):
    workflow = SimpleNamespace(executor_plugin=SimpleNamespace(name="local"))
    assert internals.slurm_run(workflow, RuntimeError) is None
    assert capsys.readouterr().err == ""


def test_folders_and_memory_of_the_planned_jobs():
    train = SimpleNamespace(
        rule=SimpleNamespace(name="train_cell"),
        output=["cells/model.safetensors", "cells/codes.npy"],
        log=["logs/train.log"],
        benchmark="benchmarks/train.tsv",
        resources={"mem_mb": 4000},
    )
    everything = SimpleNamespace(rule=SimpleNamespace(name="all"), output=[], log=[], benchmark=None, resources={})
    workflow = SimpleNamespace(dag=SimpleNamespace(needrun_jobs=lambda: [train, everything]))
    assert internals.planned_folders(workflow) == {Path("cells"), Path("logs"), Path("benchmarks")}
    assert internals.planned_memory(workflow) == {"train_cell": 4000}


@pytest.mark.parametrize(
    ("use", "otherwise"),
    [
        (internals.is_main_process, True),
        (internals.uses_software_deployment, True),
        (internals.configuration_files, []),
        (internals.planned_folders, set()),
        (internals.planned_memory, {}),
        (lambda workflow: internals.limit_resource(workflow, "downloads", 4), None),
        (lambda workflow: internals.slurm_run(workflow, RuntimeError), None),
    ],
)
def test_a_snakemake_that_lacks_an_internal_costs_one_line(use, otherwise, capsys):
    assert use(SimpleNamespace()) == otherwise
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("tagasc: warning: this version of Snakemake differs (")


@pytest.fixture
def snakemake(monkeypatch):
    """Put modules with these names in the place of Snakemake's; return the class of workflows and a setter of main."""

    class Workflow:
        def __init__(self):
            self.dag = SimpleNamespace(forcefiles=set())
            self.dag_settings = SimpleNamespace(force_incomplete=False)

        def _prepare_dag(self, forceall, ignore_incomplete, lock_warn_only):
            assert (forceall, ignore_incomplete, lock_warn_only) == (False, False, True)
            self.dag.forcefiles = {"forced"}

        def _build_dag(self):
            if self.dag_settings.force_incomplete:
                self.dag.forcefiles.add("incomplete")

    names = ["snakemake", "snakemake.cli", "snakemake.workflow", "snakemake.common", "snakemake.profiles"]
    package, cli, workflow, common, profiles = modules = [ModuleType(name) for name in names]
    workflow.Workflow = Workflow
    package.cli = cli
    common.configfile = SimpleNamespace(_load_configfile=None)
    profiles.ProfileConfigFileParser = SimpleNamespace(parse=None)
    for module in modules:
        monkeypatch.setitem(sys.modules, module.__name__, module)
    return Workflow, lambda main: setattr(cli, "main", main)


def test_the_graph_is_read_and_nothing_else_is_done(snakemake, capsys):
    workflow, set_main = snakemake
    prepare, given, reached = workflow._prepare_dag, [], []

    def main(arguments):
        given.extend(arguments)
        print("Building DAG of jobs...")
        print("tagasc: 3 recordings have changed", file=sys.stderr)
        workflow()._prepare_dag(forceall=False, ignore_incomplete=True, lock_warn_only=False)
        reached.append("a run")

    set_main(main)
    assert internals.read_graph(["table3"], lambda _, incomplete: incomplete) == {"incomplete"}
    assert given == ["--dry-run", "table3"]
    assert reached == []
    assert capsys.readouterr() == ("", "tagasc: 3 recordings have changed\n")
    assert workflow._prepare_dag is prepare


def test_what_snakemake_prints_instead_of_a_graph_is_shown(snakemake, capsys):
    def main(_):
        print("9.9.9")
        sys.exit(0)

    snakemake[1](main)
    assert internals.read_graph(["--version"], lambda *_: "a plan") is None
    assert capsys.readouterr() == ("9.9.9\n", "")


@pytest.mark.parametrize(
    ("status", "printed", "line"),
    [
        ("tagasc: error: configuration: seeds", "chatter", "configuration: seeds"),
        (2, "usage\ntagasc: error: unrecognized arguments: --no", "unrecognized arguments: --no"),
        (1, "chatter\nError: No Snakefile found\n\n", "No Snakefile found"),
    ],
)
def test_a_refusal_is_one_line(snakemake, capsys, status, printed, line):
    def main(_):
        print(printed, file=sys.stderr)
        sys.exit(status)

    snakemake[1](main)
    with pytest.raises(InputError, match=f"^{line}$"):
        internals.read_graph([], lambda *_: None)
    assert capsys.readouterr() == ("", "")


def test_an_error_of_the_graph_is_one_line(snakemake):
    workflow, set_main = snakemake

    def fail(_):
        raise ValueError("No rule\n  to produce x")

    workflow._build_dag = fail
    set_main(lambda _: workflow()._prepare_dag(forceall=False))
    with pytest.raises(InputError, match=r"^No rule to produce x$"):
        internals.read_graph([], lambda *_: None)


@pytest.mark.parametrize("lacked", ["_prepare_dag", "_build_dag"])
def test_a_snakemake_that_lacks_what_a_plan_needs_is_one_line(snakemake, lacked):
    workflow, set_main = snakemake
    delattr(workflow, lacked)
    set_main(lambda _: workflow()._prepare_dag(forceall=False))
    with pytest.raises(
        InputError, match=rf"^this version of Snakemake differs \(.*{lacked}.*use 'snakemake -n' instead$"
    ):
        internals.read_graph([], lambda *_: None)
