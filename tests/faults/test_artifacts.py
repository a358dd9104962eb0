"""Every artifact in every damaged state, met by every job that reads it."""

import re
from functools import partial
from pathlib import Path

import pytest

from tests.faults.damage import DAMAGES
from tests.faults.experiment import JOBS
from tests.faults.fault import Fault, params
from tests.faults.tree import artifact_of

GROUP = "artifacts"
QUICK = (" empty", "half", "middle byte flipped", "a folder", "unreadable")
"""Damages that are tried in every test run."""


def readers():
    """Return one job of each script for each artifact that it reads: job, path and artifact."""
    found = {}
    for job in JOBS.values():
        for path in job.reads:
            if (artifact := artifact_of(path)) is not None:
                found.setdefault((job.script, artifact.path), (job, path, artifact))
    return list(found.values())


READERS = readers()
FIRST = {
    artifact.path: f"{job.rule}: {path.removeprefix('results/')}" for job, path, artifact in READERS[::-1]
}.values()
"""The first reader of each artifact, as the names of faults begin."""


def faults():
    for job, path, artifact in READERS:
        for name, damage in DAMAGES.items():
            yield Fault(
                f"{job.rule}: {path.removeprefix('results/')} is {name}",
                GROUP,
                partial(damage, Path(path)),
                job.run,
                words=(path,) if name == "unreadable" else (path, re.split(" or |, ", artifact.rule)[0]),
            )


def test_every_artifact_that_a_job_reads_has_faults(reads):
    """Otherwise its damages are not tried."""
    unknown = {job: set(paths) - {*JOBS[job].reads, *JOBS[job].writes} for job, paths in reads.items()}
    assert {job: paths for job, paths in unknown.items() if paths} == {}
    tried = {(job.script, artifact.path) for job, _, artifact in READERS}
    # A figure is drawn from the table that the same job has just written.
    foreign = [(JOBS[job], path) for job, paths in reads.items() for path in set(paths) - {*JOBS[job].writes}]
    read = {(job.script, artifact_of(path).path) for job, path in foreign}
    assert len(read) > 30
    assert read - tried == set()


def is_quick(fault: Fault) -> bool:
    """Choose some damages of each artifact, met by its first reader."""
    return fault.name.partition(" is ")[0] in FIRST and fault.name.endswith(QUICK)


@pytest.mark.parametrize("fault", params(faults(), is_quick))
@pytest.mark.usefixtures("sandbox")
def test_a_damaged_artifact_is_named_with_its_remedy(expect, fault):
    for path in JOBS[fault.name.partition(":")[0]].writes:
        Path(path).unlink()
    expect(fault)
