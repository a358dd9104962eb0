"""A job in a process of its own, which is killed while it gives a file its name."""

import multiprocessing
import os
import signal
from collections.abc import Callable
from contextlib import chdir, contextmanager
from functools import partial
from pathlib import Path

import pytest

from tagasc.artifacts.record import record_path
from tests.faults.job import Job


@contextmanager
def broken_rename(output: Path, before: Callable[[Path], object] | None, after: Callable[[], object] | None):
    """Let something happen before or after the rename that gives a file its name."""
    replace = Path.replace

    def broken(self, target):
        meant = Path(target).absolute() == output
        if meant and before is not None:
            before(self)
        renamed = replace(self, target)
        if meant and after is not None:
            after()
        return renamed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "replace", broken)
        yield


def halve(fail: Callable[[], object], partial_file: Path) -> None:
    """Leave half of a file, and fail."""
    os.truncate(partial_file, partial_file.stat().st_size // 2)
    fail()


STEPS = {
    "half of it is written": lambda fail, path: broken_rename(path, partial(halve, fail), None),
    "before its rename": lambda fail, path: broken_rename(path, lambda _: fail(), None),
    "after its rename": lambda fail, path: broken_rename(path, None, fail),
    "before the rename of its record": lambda fail, path: broken_rename(record_path(path), lambda _: fail(), None),
    "after the rename of its record": lambda fail, path: broken_rename(record_path(path), None, fail),
}


def run_killed(job: Job, step: str, path: str) -> None:
    """Run a job in the current folder, in another process, which is killed at a step of a file that it writes."""
    # Torch refuses gradients in a fork of a process in which its threads have started, whichever test did that.
    context = multiprocessing.get_context("forkserver" if job.rule.startswith("train_") else "fork")
    context.set_forkserver_preload([__name__, "torch"])
    process = context.Process(target=_run, args=(job, step, path, Path.cwd()))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL, f"{job} does not write {path}"


def _run(job: Job, step: str, path: str, folder: Path) -> None:
    with chdir(folder), STEPS[step](_die, Path(path).absolute()):
        job.run()


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
