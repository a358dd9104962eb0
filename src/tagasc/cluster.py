"""The cluster under a run: a watch that speaks when it no longer answers, and a way to leave nothing in its queue.

Snakemake's executor asks for the states of its jobs in silence, and what it cannot get an answer about, or what the
queue no longer knows, it waits for without end.
"""

import subprocess
import sys
import threading
import time
from collections.abc import Callable

_ANSWER = 60  # seconds; SLURM's own commands give up on a controller earlier, unless the network swallows everything


class ClusterError(Exception):
    """The cluster does not answer; the text says what its command said."""


def queued_jobs(run: str, states: str = "all") -> set[str]:
    """Return the numbers of the jobs with a run's name that the queue knows, in these states.

    Raises
    ------
    ClusterError
        If squeue is missing, fails, or says nothing for a minute.
    """
    return set(_say("squeue", "--noheader", f"--states={states}", f"--name={run}", "--format=%i").split())


def cancel_left_over(run: str) -> None:
    """Cancel what is still queued or running of a run that has ended; say how much it was.

    A run that is interrupted cancels the jobs that it knows of, but not those whose submission was under way.
    """
    try:
        if left := queued_jobs(run, "PENDING,RUNNING,SUSPENDED,CONFIGURING"):
            _say("scancel", *sorted(left))
            print(f"tagasc: cancelled {len(left)} jobs that were still in the queue", file=sys.stderr)
    except ClusterError as error:
        print(
            f"tagasc: cannot see whether jobs of this run are left ({error}); when the cluster answers again, look "
            f"with 'squeue --name {run}' and end them with 'scancel --name {run}' before the next call",
            file=sys.stderr,
        )


class ClusterWatch(threading.Thread):
    """Ask the queue every now and then, say when it stops answering, and give up after a while.

    Parameters
    ----------
    run
        Name of all jobs of the run.
    patience
        Seconds without an answer, or with a job unknown to the queue, after which the run is given up.
    waiting_for
        Returns the numbers of the jobs that the run waits for; the queue has to know them.
    give_up
        Is called once, with one line that says why and what to do; the watch ends then.
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
            expected = self.waiting_for()  # before the question: what ends in between is known to the queue
            try:
                known = queued_jobs(self.run_name)
            except ClusterError as error:
                if silent_since is None:
                    silent_since = now
                    print(
                        f"tagasc: the cluster does not answer ({error}); jobs that run go on, and this run waits "
                        f"{self.patience / 60:.1f} minutes for it",
                        file=sys.stderr,
                    )
                elif now - silent_since > self.patience:
                    self.give_up(
                        f"The cluster has not answered for {(now - silent_since) / 60:.1f} minutes ({error}). "
                        "What is finished is kept; call again when it is back, and what is missing is run."
                    )
                    return
                continue
            if silent_since is not None:
                silent_since = None
                print("tagasc: the cluster answers again", file=sys.stderr)
            lost_since = {job: lost_since.get(job, now) for job in expected - known}
            if lost_since and now - min(lost_since.values()) > self.patience:
                self.give_up(
                    f"The cluster no longer knows job {', '.join(sorted(lost_since))}, which this run waits for; it "
                    "has lost its queue, or forgets ended jobs too soon (then set slurm-status-command: sacct in the "
                    "profile). What is finished is kept; call again, and what is missing is run."
                )
                return


def _say(*command: str) -> str:
    """Run one of SLURM's commands and return what it prints."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_ANSWER, check=False)  # noqa: S603
    except FileNotFoundError:
        raise ClusterError(f"there is no command {command[0]}") from None
    except subprocess.TimeoutExpired:
        raise ClusterError(f"{command[0]} said nothing for {_ANSWER} s") from None
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
        raise ClusterError(f"{command[0]}: {lines[-1]}")
    return done.stdout
