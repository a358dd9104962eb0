"""Every use of Snakemake's internals, each guarded.

These are attributes that Snakemake does not document for workflows. Where a version of Snakemake lacks one, the comfort
that it gives is lost with one line of warning, and the run goes on. No other module of the package imports Snakemake.
"""

import io
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from tagasc.runtime.errors import InputError
from tagasc.runtime.key_files import check_key_files
from tagasc.runtime.system_errors import one_line_exit

T = TypeVar("T")


def is_main_process(workflow: Any) -> bool:
    """Return whether this is the process that the user started, and not one of its jobs."""
    return guarded(lambda: bool(workflow.is_main_process), True, "checks are repeated in each job")


def configuration_files(workflow: Any) -> list[Path]:
    """Return the files of keys that the run has read: those of the command line and those of the Snakefile."""
    return guarded(lambda: [Path(file) for file in workflow.configfiles], [], "repeated keys are not noticed")


def uses_software_deployment(workflow: Any) -> bool:
    """Return whether rules run in environments of their own (``--sdm``)."""
    return guarded(
        lambda: bool(workflow.deployment_settings.deployment_method),
        True,
        "missing Python packages are only noticed by the jobs",
    )


def limit_resource(workflow: Any, name: str, amount: int) -> None:
    """Limit how much of a resource the jobs of this machine use at the same time."""
    guarded(
        lambda: workflow.register_resource(name, amount),
        None,
        f"jobs are limited by --cores alone; add --resources {name}={amount} to limit them",
    )


def planned_folders(workflow: Any) -> set[Path]:
    """Return the folders into which the planned jobs write."""
    return guarded(
        lambda: {
            Path(file).parent
            for job in workflow.dag.needrun_jobs()
            for file in (*job.output, *job.log, *filter(None, [job.benchmark]))
        },
        set(),
        "folders that cannot be written to are only noticed by the jobs",
    )


def planned_memory(workflow: Any) -> dict[str, int]:
    """Return the memory in MB that each planned rule is granted, if that is known before the first job."""
    return guarded(
        lambda: {
            job.rule.name: memory
            for job in workflow.dag.needrun_jobs()
            if isinstance(memory := job.resources.get("mem_mb"), int)
        },
        {},
        "a limit of memory (ulimit -v) is only noticed by the jobs",
    )


def gpus_at_a_time(workflow: Any) -> int:
    """Return how many jobs with a GPU can run at the same time.

    This is the limit of the resource gpu, or else the number of jobs on a cluster, or else 1.
    """
    return guarded(lambda: _gpu_limit(workflow) or workflow.resource_settings.nodes or 1, 1, "one GPU is assumed")


def _gpu_limit(workflow: Any) -> int | None:
    limit = workflow.global_resources.get("gpu")
    limit = getattr(limit, "value", limit)  # depends on the version
    return limit if isinstance(limit, int) else None


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
    return guarded(lambda: _slurm_run(workflow, error), None, "the cluster is not watched during this run")


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


def read_graph(arguments: Sequence[str], read: Callable[[Any, frozenset[str]], T]) -> T | None:
    """Let Snakemake build the graph of a command line, and return what ``read`` makes of it.

    Snakemake ends as soon as the graph is complete. Whatever the arguments are, nothing is run, locked or deleted.
    Lines of the workflow's own (``tagasc: …``) go to stderr; everything else that Snakemake prints is dropped. If it
    builds no graph, as for ``--help``, what it prints goes to stdout, and None is returned. Configuration files and
    profiles are checked before Snakemake reads them.

    Parameters
    ----------
    arguments
        What follows the word ``snakemake`` on the command line: targets and options.
    read
        Called with the workflow, whose graph is complete, and the outputs that an interrupted run left incomplete.

    Raises
    ------
    InputError
        If the arguments or the configuration are refused, or if this version of Snakemake lacks what is needed.
    """
    try:
        from snakemake import cli  # noqa: PLC0415 - takes a second; the environments of jobs may lack it
        from snakemake.workflow import Workflow  # noqa: PLC0415

        prepare = Workflow._prepare_dag
    except (ImportError, AttributeError) as error:
        raise InputError(_unreadable(error)) from None
    found: list[T] = []

    def read_and_leave(workflow: Any, **settings: Any) -> None:
        # Takes the place of the method that Snakemake calls first, whatever it does with a graph next.
        try:
            prepare(workflow, **(settings | {"ignore_incomplete": False, "lock_warn_only": True}))
            forced = set(workflow.dag.forcefiles)
            workflow.dag_settings.force_incomplete = True  # otherwise, there is no graph
            workflow._build_dag()
            found.append(read(workflow, frozenset(workflow.dag.forcefiles - forced)))
        except (AttributeError, TypeError) as error:
            sys.exit(_unreadable(error))
        except Exception as error:  # of many kinds, some with texts of several lines
            sys.exit(" ".join(str(error).split()))
        sys.exit()

    printed = io.StringIO()
    Workflow._prepare_dag = read_and_leave
    try:
        with redirect_stdout(printed), redirect_stderr(printed), _checked_key_files():
            cli.main(["--dry-run", *arguments])
    except SystemExit as end:
        status = end.code
    finally:
        Workflow._prepare_dag = prepare
    lines = [line for line in printed.getvalue().splitlines() if line.strip()]
    for line in lines:
        if line.startswith("tagasc: ") and not line.startswith("tagasc: error: "):  # a usage error is raised below
            print(line, file=sys.stderr)
    if status:
        line = status if isinstance(status, str) else (lines or [f"Snakemake has ended with exit status {status}"])[-1]
        raise InputError(line.rpartition(": error: ")[2].removeprefix("Error: "))
    if not found:
        print(printed.getvalue(), end="")
    return found[0] if found else None


@contextmanager
def _checked_key_files() -> Iterator[None]:
    """Check configuration files and profiles before Snakemake reads them, and end the process if one is refused."""
    try:
        from snakemake.common import configfile  # noqa: PLC0415
        from snakemake.profiles import ProfileConfigFileParser as Profile  # noqa: PLC0415

        load, parse = configfile._load_configfile, Profile.parse
    except (ImportError, AttributeError) as error:
        sys.exit(_unreadable(error))

    def load_checked(file: Any, *settings: Any) -> Any:
        with one_line_exit():
            check_key_files([Path(file)])
        return load(file, *settings)

    def parse_checked(parser: Any, stream: Any) -> Any:
        with one_line_exit():
            check_key_files([Path(stream.name)])
        return parse(parser, stream)

    configfile._load_configfile, Profile.parse = load_checked, parse_checked
    try:
        yield
    finally:
        configfile._load_configfile, Profile.parse = load, parse


def _unreadable(error: Exception) -> str:
    return f"this version of Snakemake differs ({error}); use 'snakemake -n' instead"


def guarded(use: Callable[[], T], otherwise: T, lost: str) -> T:
    """Return what a use of internals returns, or a substitute with one line that says what is lost."""
    try:
        return use()
    except (AttributeError, TypeError) as error:
        print(f"tagasc: warning: this version of Snakemake differs ({error}): {lost}", file=sys.stderr)
        return otherwise
