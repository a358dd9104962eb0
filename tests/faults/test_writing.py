"""A full disk and a kill at every step of every file that a job writes; the second run ends as an undisturbed one."""

import errno
import os
import resource
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from tests.faults.experiment import JOBS
from tests.faults.fault import Fault, params
from tests.faults.job import Job
from tests.faults.kill import STEPS, run_killed
from tests.faults.tree import artifact_of, same_results

GROUP = "writing"


def fill_disk() -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def killed(job: Job, step: str, path: str) -> None:
    """Kill a job at a step, and remove its outputs, as Snakemake does before it repeats a job."""
    run_killed(job, step, path)
    remove_outputs(job)


def remove_outputs(job: Job) -> None:
    for path in map(Path, job.writes):
        path.unlink(missing_ok=True)


def on_full_disk(job: Job, step: str, path: str) -> None:
    with STEPS[step](fill_disk, Path(path).absolute()):
        job.run()


@contextmanager
def limited_files(size: int):
    """Let the operating system refuse to write files of more bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def with_small_files(job: Job, size: int) -> None:
    with limited_files(size):
        job.run()


def again(job: Job) -> None:
    """Repeat a job as Snakemake does, which removes the outputs of the failed one."""
    remove_outputs(job)
    job.run()


def writers():
    """Return one job of each script for each artifact that it writes."""
    found = {}
    for job in JOBS.values():
        for path in job.writes:
            found.setdefault((job.script, artifact_of(path).path), (job, path))
    return found.values()


def faults():
    for job, path in writers():
        what = f"{job.rule}, {path.removeprefix('results/')}"
        for step in STEPS:
            yield Fault(
                f"{what}: killed {step}", GROUP, partial(killed, job, step, path), job.run, "same", (), same_results
            )
        for step in ("half of it is written", "after its rename"):
            yield Fault(
                f"{what}: disk full {step}",
                GROUP,
                lambda: None,
                partial(on_full_disk, job, step, path),
                words=("full",),
                is_same=same_results,
                again=partial(again, job),
            )
    limited = {job.script: job for job in JOBS.values()}
    for job in limited.values():
        for size in (0, 100):
            yield Fault(
                f"{job.rule}: no file may have more than {size} bytes",
                GROUP,
                lambda: None,
                partial(with_small_files, job, size),
                is_same=same_results,
                again=partial(again, job),
            )


def is_quick(fault: Fault) -> bool:
    return fault.name.startswith("score_cell") and "scores.csv" in fault.name


@pytest.mark.parametrize(
    "fault",
    params(faults(), is_quick),
)
@pytest.mark.usefixtures("sandbox")
def test_the_next_run_ends_as_an_undisturbed_one(expect, fault):
    job = JOBS[fault.name.partition(",")[0].partition(":")[0]]
    remove_outputs(job)
    expect(fault)
