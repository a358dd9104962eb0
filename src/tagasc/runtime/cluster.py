"""The cluster under a run: a watch that reports when it stops answering, and the cancellation of jobs that are left.

Snakemake's executor checks the states of its jobs silently. If it gets no answer, or the queue no longer knows a job,
it waits without end.
"""

import subprocess
import sys
import threading
import time
from collections.abc import Callable

_TIMEOUT = 60.0
"""Seconds. SLURM's own commands give up on a controller earlier, unless the network drops everything."""

UNFINISHED = "PENDING,RUNNING,SUSPENDED,CONFIGURING"
"""States of jobs that will still write files."""


class ClusterError(Exception):
    """The cluster does not answer; the text has the command's own message."""


def queued_jobs(run: str, states: str = "all") -> set[str]:
    """Return the numbers of the jobs with a run's name that the queue knows, in these states.

    Raises
    ------
    ClusterError
        If squeue is missing, fails, or does not answer within a minute.
    """
    return set(_run("squeue", "--noheader", f"--states={states}", f"--name={run}", "--format=%i").split())


def cancel_remaining_jobs(run: str) -> None:
    """Cancel the jobs of an ended run that are still queued or running, and report their number.

    A run that is interrupted cancels the jobs that it knows of, but not those that were just being submitted.
    """
    try:
        if left := queued_jobs(run, UNFINISHED):
            _run("scancel", *sorted(left))
            print(f"tagasc: cancelled {len(left)} jobs that were still in the queue", file=sys.stderr)
    except ClusterError as error:
        print(
            f"tagasc: cannot check whether jobs of this run are left ({error}); when the cluster answers again, run "
            f"'squeue --name {run}' and, if it lists jobs, 'scancel --name {run}' before the next call",
            file=sys.stderr,
        )


class ClusterWatch(threading.Thread):
    """A thread that asks the queue regularly, reports when it stops answering, and finally gives up.

    Parameters
    ----------
    run
        Name of all jobs of the run.
    patience
        Seconds without an answer, or with a job that the queue does not know, after which the run is given up.
    waiting_for
        Returns the numbers of the jobs that the run waits for. The queue has to know them.
    give_up
        Called once with one line that says why and what to do; the watch then ends.
    """

    def __init__(
        self, run: str, patience: float, waiting_for: Callable[[], set[str]], give_up: Callable[[str], None]
    ) -> None:
        super().__init__(name="cluster-watch", daemon=True)
        self.run_name, self.patience, self.waiting_for, self.give_up = run, patience, waiting_for, give_up
        self.interval = min(60.0, patience / 20)

    def run(self) -> None:
        """Watch until the process ends or the run is given up."""
        silent_since: float | None = None
        lost_since: dict[str, float] = {}
        while True:
            time.sleep(self.interval)
            now = time.monotonic()
            expected = self.waiting_for()  # before asking, so that the queue knows the jobs that end in between
            try:
                known = queued_jobs(self.run_name)
            except ClusterError as error:
                if silent_since is None:
                    silent_since = now
                    print(
                        f"tagasc: the cluster does not answer ({error}); running jobs go on, and this run waits up to "
                        f"{self.patience / 60:.1f} minutes for it",
                        file=sys.stderr,
                    )
                elif now - silent_since > self.patience:
                    self.give_up(
                        f"The cluster has not answered for {(now - silent_since) / 60:.1f} minutes ({error}). "
                        "Finished results are kept; when the cluster answers again, run the same command to continue."
                    )
                    return
                continue
            if silent_since is not None:
                silent_since = None
                print("tagasc: the cluster answers again", file=sys.stderr)
            lost_since = {job: lost_since.get(job, now) for job in expected - known}
            if lost_since and now - min(lost_since.values()) > self.patience:
                self.give_up(
                    f"The cluster no longer knows job {', '.join(sorted(lost_since))}, which this run waits for. It "
                    "has lost its queue, or it forgets ended jobs too soon (then set slurm-status-command: sacct in "
                    "the profile). Finished results are kept; run the same command to continue."
                )
                return


def _run(*command: str) -> str:
    """Run one of SLURM's commands and return what it prints."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT, check=False)  # noqa: S603
    except FileNotFoundError:
        raise ClusterError(f"there is no command {command[0]}") from None
    except subprocess.TimeoutExpired:
        raise ClusterError(f"{command[0]} did not answer within {_TIMEOUT:g} s") from None
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
        raise ClusterError(f"{command[0]}: {lines[-1]}")
    return done.stdout
