"""`tagasc verify`: any changed byte of any artifact is found."""

import io
import sys
from contextlib import redirect_stdout
from functools import partial
from pathlib import Path

import pytest

from tagasc.artifacts.readme import all_artifacts
from tagasc.artifacts.record import record_path
from tagasc.cli import main
from tagasc.runtime.errors import InputError
from tests.faults.damage import DAMAGES
from tests.faults.experiment import JOBS
from tests.faults.fault import Fault, params, run_frame
from tests.faults.tree import artifact_of

GROUP = "artifacts"


def verify() -> None:
    """Run `tagasc verify`; raise its line if there is one."""
    said = io.StringIO()
    with redirect_stdout(said):
        status = main(["verify", "tiny"])
    if said.getvalue() and status:
        raise InputError("\n".join(said.getvalue().splitlines()[:-1]))  # without the summary
    sys.exit(status)


def examples():
    """Return one path of each artifact that the experiment writes."""
    found = {}
    for job in JOBS.values():
        if job.rule != "import_tags":
            for path in job.writes:
                found.setdefault(artifact_of(path).path, path)
    return found.values()


NAMES = ("first byte flipped", "middle byte flipped", "last byte flipped", "half", "with one byte more", "a folder")


def faults():
    for path in examples():
        for name in NAMES:
            yield Fault(
                f"tagasc verify: {path.removeprefix('results/')} is {name}",
                GROUP,
                partial(DAMAGES[name], Path(path)),
                verify,
                words=(path,),
            )


@pytest.mark.parametrize("fault", params(faults()))
@pytest.mark.usefixtures("sandbox")
def test_any_changed_byte_is_found(expect, fault):
    expect(fault)


@pytest.mark.usefixtures("sandbox")
def test_an_undisturbed_experiment_has_no_changes():
    status, said = run_frame(verify)
    assert status == 0, said


def test_every_artifact_of_the_experiment_has_a_record(undisturbed):
    for path in undisturbed.joinpath("results").rglob("*"):
        relative = path.relative_to(undisturbed).as_posix()
        if path.is_file() and not path.name.startswith("."):
            assert artifact_of(relative) is not None, f"{relative} is described by no module of tagasc.artifacts"
            assert record_path(path).exists(), f"{relative} has no record"


def test_every_kind_of_artifact_is_written_by_a_job_of_this_experiment():
    """Otherwise its damages are not tried."""
    written = {artifact_of(path).path for job in JOBS.values() for path in job.writes}
    by_side_effect = {artifact.path for artifact in all_artifacts() if artifact.path.endswith("settings.yaml")}
    assert {artifact.path for artifact in all_artifacts()} <= written | by_side_effect
