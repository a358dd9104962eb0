"""Staged copies that somebody has changed, or that somebody else has put there."""

import os
import shutil
from functools import partial
from pathlib import Path

import pytest

from tests.faults.damage import DAMAGES
from tests.faults.experiment import JOBS, TINY
from tests.faults.fault import Fault, params, run_frame
from tests.faults.tree import same_results as same_tree

GROUP = "artifacts"
JOB = JOBS["train_cell codecat 0"]
same_results = partial(same_tree, folder=Path(JOB.writes[0]).parent)
NOBODY = 65534


def run(staging="disk"):
    for path in JOB.writes:
        Path(path).unlink(missing_ok=True)
    JOB.run(config=TINY | {"staging": str(Path(staging).absolute())})


def stage():
    Path("disk").mkdir()
    status, said = run_frame(run)
    assert status == 0, said


def copy() -> Path:
    (found,) = (path for path in Path("disk").rglob("*waveforms.npy") if not path.name.startswith("."))
    return found


def own() -> Path:
    (found,) = Path("disk").iterdir()
    return found


def damage_copy(damage):
    stage()
    damage(copy())


def keep_time(damage):
    """Damage a copy and restore its time."""
    stage()
    facts = copy().stat()
    damage(copy())
    os.utime(copy(), ns=(facts.st_atime_ns, facts.st_mtime_ns))


def link_copy():
    """Replace a copy by a link to another file of its size."""
    stage()
    path = copy()
    Path("foreign.npy").write_bytes(bytes(path.stat().st_size))
    path.unlink()
    path.symlink_to(Path("foreign.npy").absolute())


def give_away():
    stage()
    os.chown(own(), NOBODY, NOBODY)


def link_folder():
    """Replace the folder of the copies by a link to a folder of the same content."""
    stage()
    folder = own()
    shutil.move(folder, "elsewhere")
    folder.symlink_to(Path("elsewhere").absolute())


def survivals():
    for name, damage in DAMAGES.items():
        if name not in ("a folder", "unreadable"):
            yield Fault(
                f"the staged copy is {name}", GROUP, partial(damage_copy, damage), run, "same", (), same_results
            )
    for name in ("zeros", "middle byte flipped"):
        inject = partial(keep_time, DAMAGES[name])
        yield Fault(f"the staged copy is {name}, at its old time", GROUP, inject, run, "same", (), same_results)
    yield Fault("the staged copy is a link to zeros", GROUP, link_copy, run, "same", (), same_results)


REFUSALS = [
    Fault("the staged copy is a folder", GROUP, partial(damage_copy, DAMAGES["a folder"]), run, words=("disk",)),
    Fault("the staged copy is unreadable", GROUP, partial(damage_copy, DAMAGES["unreadable"]), run, words=("disk",)),
    Fault(
        "the folder of the copies belongs to another user", GROUP, give_away, run, words=("belongs to another user",)
    ),
    Fault("the folder of the copies is a link", GROUP, link_folder, run, words=("disk",)),
    Fault("the staging folder is missing", GROUP, lambda: None, run, words=("staging", "disk")),
    Fault("the staging folder is a file", GROUP, lambda: Path("disk").touch(), run, words=("staging", "disk")),
    Fault("the staging folder is read-only", GROUP, lambda: Path("disk").mkdir(0o500), run, words=("disk",)),
    Fault(
        "the staging folder is a dangling link",
        GROUP,
        lambda: Path("disk").symlink_to("nowhere"),
        run,
        words=("staging", "disk"),
    ),
]


@pytest.mark.parametrize("fault", params([*survivals(), *REFUSALS]))
@pytest.mark.usefixtures("sandbox")
def test_a_training_reads_what_was_packed_or_nothing(expect, fault):
    if "another user" in fault.name and os.geteuid():
        pytest.skip("only root gives files away")
    expect(fault)
