"""The runs of a folder: which of them go on, and what killed ones have left.

Snakemake's locks do not tell whether the run that wrote them still lives. Each run therefore keeps a file locked. The
operating system releases that lock however the run ends, also on another machine that shares the folder.
"""

import atexit
import fcntl
import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO
from uuid import uuid4

import psutil

from tagasc.runtime.cluster import UNFINISHED, ClusterError, queued_jobs
from tagasc.runtime.errors import InputError, warn

_RUNS = Path(".snakemake/runs")
_HERE = os.uname().nodename
_VARIABLE = "TAGASC_RUN"
"""Environment variable by which the jobs of a run are recognised."""
_SCRIPT = re.compile(r"/scripts/tmp\w+\.(\w+)\.py")
"""The copy of a script that Snakemake runs, as its command line names it."""

_OWN: dict[str, TextIO] = {}
"""The locked file of this process, by the name of its run. It stays open until the process ends."""


@dataclass(frozen=True)
class Run:
    """A run as its file describes it.

    Parameters
    ----------
    path
        Its file. The name identifies the run.
    host, pid
        Where its main process is or was.
    queue
        Name of its jobs in SLURM's queue; empty if it has none.
    lives
        Whether its main process still exists.
    """

    path: Path
    host: str
    pid: int
    queue: str
    lives: bool

    def __str__(self) -> str:
        """Return where the run is."""
        return f"PID {self.pid} on {self.host}"


def begin_run(unlock: Callable[[], None]) -> None:
    """Register this process as a run of the current folder, and clear what killed runs have left.

    Parameters
    ----------
    unlock
        Removes Snakemake's locks of this folder. It is called if a run was killed and none goes on.

    Raises
    ------
    InputError
        If jobs of a killed run go on. They would write the same files as this run.
    """
    _register()
    runs = other_runs()
    killed = [run for run in runs if not run.lives]
    for run in killed:
        _check_queue(run)
        _check_workers(run)
    if killed and len(killed) == len(runs):
        unlock()
        for run in killed:
            run.path.unlink(missing_ok=True)


def other_runs() -> list[Run]:
    """Return the other runs of the current folder that go on, or that were killed."""
    runs = [_read(path) for path in sorted(_RUNS.glob("*.json")) if path.stem not in _OWN]
    return [run for run in runs if run is not None]


def note_queue(name: str) -> None:
    """Record the name that the jobs of this run have in SLURM's queue."""
    for file in _OWN.values():
        _write(file, name)


def _register() -> None:
    """Write and lock the file of this run, unless the file system has no locks."""
    _RUNS.mkdir(parents=True, exist_ok=True)
    name = uuid4().hex
    new, path = _RUNS / f".{name}", _RUNS.absolute() / f"{name}.json"
    file = new.open("w", encoding="utf-8")
    try:
        # Unlike flock, this lock is not inherited by processes that this one starts. It works on NFS, too.
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        new.unlink()
        return
    _write(file, queue="")
    new.rename(path)  # only now, so that nobody sees it unlocked
    _OWN[name] = file
    atexit.register(path.unlink, missing_ok=True)
    os.environ[_VARIABLE] = name


def _write(file: TextIO, queue: str) -> None:
    file.seek(0)
    json.dump({"host": _HERE, "pid": os.getpid(), "queue": queue}, file)
    file.truncate()
    file.flush()
    os.fsync(file.fileno())


def _read(path: Path) -> Run | None:
    """Read the file of a run, or return None if the run has just ended."""
    keys, lives = {}, True
    try:
        with path.open(encoding="utf-8") as file:
            with suppress(ValueError):  # after a power failure, it may be empty
                keys = json.load(file)
            with suppress(BlockingIOError, PermissionError):
                fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
                lives = False
    except FileNotFoundError:
        return None
    return Run(path, keys.get("host", _HERE), keys.get("pid", 0), keys.get("queue", ""), lives)


def _check_queue(run: Run) -> None:
    """Check that SLURM has no job of a killed run."""
    if not run.queue:
        return
    try:
        jobs = queued_jobs(run.queue, UNFINISHED)
    except ClusterError as error:
        raise InputError(
            f"cannot check whether jobs of a killed run are left ({error}); run the same command when the cluster "
            f"answers, or remove {run.path} if you know that there are none"
        ) from None
    if jobs:
        raise InputError(
            f"a run was killed, and {len(jobs)} of its jobs are still in SLURM's queue ('squeue --name {run.queue}'); "
            f"wait until they end, or run 'scancel --name {run.queue}'; then run the same command"
        )


def _check_workers(run: Run) -> None:
    """Check that this machine has no job of a killed run."""
    if run.host != _HERE:
        warn(f"a run was killed ({run}), and jobs of it may go on there; if so, stop them there with kill")
        return
    if workers := dict(_workers(run.path.stem)):
        scripts = ", ".join(sorted(set(filter(None, workers.values()))))
        pids = " ".join(map(str, sorted(workers)))
        raise InputError(
            f"a run was killed, but its jobs go on{f' ({scripts})' if scripts else ''}; wait until they end, or run "
            f"'kill {pids}'; then run the same command"
        )


def _workers(name: str) -> Iterator[tuple[int, str]]:
    """Yield the processes of this machine that a run has started, and the name of the script that each runs."""
    for process in psutil.process_iter():
        with suppress(psutil.Error):  # it belongs to another user, or has just ended
            if process.environ().get(_VARIABLE) == name:
                script = _SCRIPT.search(" ".join(process.cmdline()))
                yield process.pid, script[1] if script else ""
