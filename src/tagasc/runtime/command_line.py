"""Checks of Snakemake's command line and of the folder, before and after the graph of jobs is built."""

from collections.abc import Iterator
from contextlib import contextmanager

from tagasc.runtime.cluster import ClusterError, queued_jobs
from tagasc.runtime.command import Command
from tagasc.runtime.errors import InputError, likewise, nearest
from tagasc.runtime.runs import begin_run, other_runs


@contextmanager
def checked(command: Command) -> Iterator[None]:
    """Check a command line; the block builds the graph of its jobs.

    A run is registered in its folder. If an earlier run was killed and none goes on, its locks are removed.

    Raises
    ------
    InputError
        For a target that no rule writes, a number of cores that runs nothing, a cluster that does not answer, jobs of a
        killed run, files that another run writes, or a report before its results.
    """
    _check_targets(command)
    if command.runs:
        _check_numbers(command)
        _check_cluster(command)
        begin_run(command.unlock)
    elif command.locks and not any(run.lives for run in other_runs()):
        command.ignore_locks()
    yield
    if command.runs and command.locks:
        _check_locks(command)
    if command.reports:
        _check_report(command)


def _check_targets(command: Command) -> None:
    for target in (*command.targets, *command.selected):
        if not command.is_known(target):
            raise InputError(
                f"'{target}' is neither a rule nor a file that a rule writes{nearest(target, command.names)} "
                "('snakemake --list-target-rules' names possible targets)"
            )
    for target in command.targets:
        if (pattern := command.pattern(target)) is not None:
            raise InputError(f"rule {target} writes many files; name those that you want: {pattern}")


def _check_numbers(command: Command) -> None:
    for option, number in command.numbers.items():
        if number is not None and number < 1:
            raise InputError(f"--{option} {number}: nothing would ever run; give at least 1, for example -c 2")


def _check_cluster(command: Command) -> None:
    if command.executor == "slurm":
        try:
            queued_jobs("tagasc")
        except ClusterError as error:
            raise InputError(
                f"SLURM does not answer on this machine ({error}); use --profile slurm where sbatch works, or run here "
                "with, for example, -c 8 --resources gpu=1"
            ) from None


def _check_locks(command: Command) -> None:
    if not command.is_locked():
        return
    if living := [str(run) for run in other_runs() if run.lives]:
        raise InputError(
            f"another run writes the same files ({', '.join(living)}); wait until it ends, or stop it with kill; then "
            "run the same command"
        )
    raise InputError(
        "another run writes the same files, or one was killed and left no trace of itself; if no snakemake runs in "
        "this folder, run 'snakemake --unlock', then the same command"
    )


def _check_report(command: Command) -> None:
    if files := command.unfinished():
        raise InputError(
            f"{files[0]}: the report needs it, but no run has finished it{likewise(len(files) - 1, 'file')}; run the "
            "same command with -c 2 instead of --report first"
        )
