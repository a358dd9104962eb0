"""Every use of Snakemake's internals, each guarded.

These are attributes that Snakemake does not document for workflows. Where a version of Snakemake lacks one, the comfort
that it gives is lost with one line of warning, and the run goes on. The package imports nothing else of Snakemake.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")


def is_main_process(workflow: Any) -> bool:
    """Return whether this is the process that the user started, and not one of its jobs."""
    return _guarded(lambda: bool(workflow.is_main_process), True, "checks are repeated in each job")


def uses_software_deployment(workflow: Any) -> bool:
    """Return whether rules run in environments of their own (``--sdm``)."""
    return _guarded(
        lambda: bool(workflow.deployment_settings.deployment_method),
        True,
        "missing Python packages are only noticed by the jobs",
    )


def limit_resource(workflow: Any, name: str, amount: int) -> None:
    """Limit how much of a resource the jobs of this machine use at the same time."""
    _guarded(
        lambda: workflow.register_resource(name, amount),
        None,
        f"jobs are limited by --cores alone; add --resources {name}={amount} to limit them",
    )


@dataclass(frozen=True)
class SlurmRun:
    """A run on SLURM.

    Parameters
    ----------
    name
        Name of all its jobs.
    patience
        Seconds for which the executor keeps asking a silent cluster, before it forgets its jobs.
    waiting_for
        Returns the numbers of the jobs that the run waits for.
    give_up
        Ends the run with one line.
    """

    name: str
    patience: float
    waiting_for: Callable[[], set[str]]
    give_up: Callable[[str], None]


def slurm_run(workflow: Any, error: Callable[[str], Exception]) -> SlurmRun | None:
    """Return the run on SLURM, or None if jobs run elsewhere; ``error`` makes the exception that ends a run."""
    return _guarded(lambda: _slurm_run(workflow, error), None, "the cluster is not watched during this run")


def _slurm_run(workflow: Any, error: Callable[[str], Exception]) -> SlurmRun | None:
    if workflow.executor_plugin.name != "slurm":
        return None
    scheduler, settings, remote = workflow.scheduler, workflow.executor_settings, workflow.remote_execution_settings
    executor = scheduler._executor

    def waiting_for() -> set[str]:
        # sacct remembers what squeue forgets, so only squeue's answers say that a job is lost.
        if settings.status_command != "squeue":
            return set()
        return {job.external_jobid for job in list(executor.active_jobs)}

    return SlurmRun(
        name=executor.run_uuid,
        patience=0.8 * settings.status_attempts / remote.max_status_checks_per_second,
        waiting_for=waiting_for,
        give_up=lambda line: scheduler.executor_error_callback(error(line)),
    )


def _guarded(use: Callable[[], T], otherwise: T, lost: str) -> T:
    """Return what a use of internals returns, or a substitute with one line that says what is lost."""
    try:
        return use()
    except (AttributeError, TypeError) as error:
        print(f"tagasc: warning: this version of Snakemake differs ({error}): {lost}", file=sys.stderr)
        return otherwise
