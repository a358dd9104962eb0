"""Every use of Snakemake's internals, where Snakemake has them and where it lacks them."""

from types import SimpleNamespace

import pytest

from tagasc.runtime import snakemake_internals as internals


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


@pytest.mark.parametrize(
    ("use", "otherwise"),
    [
        (internals.is_main_process, True),
        (internals.uses_software_deployment, True),
        (lambda workflow: internals.limit_resource(workflow, "downloads", 4), None),
        (lambda workflow: internals.slurm_run(workflow, RuntimeError), None),
    ],
)
def test_a_snakemake_that_lacks_an_internal_costs_one_line(use, otherwise, capsys):
    assert use(SimpleNamespace()) is otherwise
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("tagasc: warning: this version of Snakemake differs (")
