"""Checkpoints of interrupted trainings in every damaged state: the training ends as an undisturbed one."""

from collections.abc import Callable
from contextlib import chdir
from functools import partial
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from tagasc.artifacts.record import record_path
from tests.faults.damage import DAMAGES, Damage, obeyed_permissions, replace_by
from tests.faults.experiment import JOBS
from tests.faults.fault import Fault, params, run_frame
from tests.faults.job import Job
from tests.faults.tree import link_tree, same_results

GROUP = "checkpoints"
TRAININGS = {"train_cell codecat 0": "tagasc.frontend.trainer", "train_stage2 0": "tagasc.tagger.trainer"}
CHECKPOINT = "checkpoint.safetensors"


def folder_of(job: Job) -> Path:
    return Path(job.writes[0]).parent


def remove_outputs(job: Job) -> None:
    for path in map(Path, job.writes):
        path.unlink(missing_ok=True)


def stop_after_first_epoch(job: Job) -> None:
    """Run a training that is stopped in its second epoch."""
    trainer = f"{TRAININGS[job.rule]}.Trainer.train_epoch"
    with pytest.MonkeyPatch.context() as patch:
        module = __import__(TRAININGS[job.rule], fromlist=["Trainer"])
        train_epoch = module.Trainer.train_epoch

        def train_or_stop(self, epoch):
            if epoch == 2:
                raise KeyboardInterrupt
            return train_epoch(self, epoch)

        patch.setattr(trainer, train_or_stop)
        status, _ = run_frame(job.run)
    assert status == "KeyboardInterrupt"


def run_and_tell(job: Job) -> None:
    """Run a job, and print its log."""
    job.run()
    print(Path(f"logs/{job.rule}.log").read_text())


@pytest.fixture(scope="module")
def stopped(undisturbed, tmp_path_factory):
    """Return a folder with two trainings that have been stopped, and one more of another seed."""
    folder = tmp_path_factory.mktemp("stopped")
    link_tree(undisturbed, folder)
    with chdir(folder):
        for name in (*TRAININGS, "train_cell codecat 1"):
            remove_outputs(JOBS[name])
        for name in TRAININGS:
            stop_after_first_epoch(JOBS[name])
    return folder


@pytest.fixture
def sandbox(stopped, tmp_path):
    link_tree(stopped, tmp_path)
    with chdir(tmp_path), obeyed_permissions():
        yield


def unrecorded(damage: Damage, path: Path) -> None:
    """Damage a file that has no record."""
    record_path(path).unlink(missing_ok=True)
    damage(path)


def other_tensors(path: Path) -> None:
    """Replace a checkpoint by a safetensors file of another network."""
    record_path(path).unlink(missing_ok=True)
    path.unlink()
    save_file({"model.weight": torch.zeros(2)}, path, {"digest": "0", "progress": "{}"})


def survival(job: Job, name: str, inject: Callable[[], object], words: tuple[str, ...] = (CHECKPOINT,)) -> Fault:
    """Return a fault that a training has to survive."""
    same = partial(same_results, folder=folder_of(job))
    return Fault(f"{job.rule}: {name}", GROUP, inject, partial(run_and_tell, job), "same", words, same)


def faults():
    for job in map(JOBS.get, TRAININGS):
        path = folder_of(job) / CHECKPOINT
        yield survival(job, "the checkpoint is undamaged", lambda: None, ("continuing after epoch 1",))
        for damaged, damage in DAMAGES.items():
            words = () if damaged == "missing" else (CHECKPOINT,)
            yield survival(job, f"the checkpoint is {damaged}", partial(damage, path), words)
        for damaged in ("empty", "half", "zeros", "random bytes", "other text", "without the last byte"):
            inject = partial(unrecorded, DAMAGES[damaged], path)
            yield survival(job, f"the checkpoint is {damaged} and has no record", inject)
        yield survival(job, "the checkpoint is of another network", partial(other_tensors, path))
    cell, fold = map(JOBS.get, TRAININGS)
    codes = next(Path(path) for path in cell.writes if "codes-every" in path)
    for damaged, damage in DAMAGES.items():
        inject = partial(damage, codes.with_name(f"unfinished-{codes.name}"))
        yield survival(cell, f"the codes of the first epochs are {damaged}", inject)
    here, there = (folder_of(job) / CHECKPOINT for job in (cell, fold))
    for with_record in (True, False):
        ending = "with its record" if with_record else "without its record"
        inject = partial(replace_by, here, there, with_record=with_record)
        yield survival(cell, f"the checkpoint is the tagger's, {ending}", inject)
    other = JOBS["train_cell codecat 1"]
    for with_record in (True, False):
        ending = "with its record" if with_record else "without its record"
        inject = partial(copy_to, folder_of(other) / CHECKPOINT, here, with_record=with_record)
        yield survival(other, f"the checkpoint is that of another seed, {ending}", inject)


def copy_to(path: Path, other: Path, *, with_record: bool) -> None:
    path.touch()
    replace_by(path, other, with_record=with_record)


def is_quick(fault: Fault) -> bool:
    return fault.name.startswith("train_cell") and fault.name.endswith(("is undamaged", "is half", "is a folder"))


@pytest.mark.parametrize(
    "fault",
    params(faults(), is_quick),
)
@pytest.mark.usefixtures("sandbox")
def test_a_training_ends_as_without_its_damaged_checkpoint(expect, fault):
    expect(fault)
