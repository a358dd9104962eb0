"""Files of another cell, seed, fold or corpus, and records that are damaged."""

from functools import partial
from pathlib import Path

import pytest

from tagasc.artifacts.record import record_path
from tests.faults.damage import DAMAGES, replace_by
from tests.faults.experiment import JOBS, TREE
from tests.faults.fault import Fault, params
from tests.faults.tree import artifact_of, same_files

GROUP = "artifacts"
CELL, OTHER, SEED = (
    Path(TREE.cell.format(cell=cell, seed=seed)) for cell, seed in (("codecat", 0), ("baseline", 0), ("codecat", 1))
)
CLIPS, EVENTS = Path(TREE.scenes, "clips.csv"), Path(TREE.events, "clips.csv")
FOLD = Path(TREE.tagger, "stage1/fold0/snapshot1.safetensors")
CONTROL, CONTROL_SEED = (
    Path(TREE.control.format(control="tags_alone", seed=seed), "predictions.csv") for seed in TREE.seeds
)
READERS = {
    "scores.csv": "collect_scores",
    "predictions.csv": "compare_cells",
    "codes.npy": "score_cell codecat 0",
    "codes-every1.npy": "score_cell codecat 0",
    "codes-crops.npy": "score_cell codecat 0",
    "codes-crops-every1.npy": "score_cell codecat 0",
    "history.jsonl": "draw_learning",
}
PAIRS = [
    *((CELL / name, other / name, reader) for name, reader in READERS.items() for other in (OTHER, SEED)),
    (CELL / "scores.csv", SEED / "scores.csv", "table2"),
    (CELL / "predictions.csv", CONTROL, "compare_cells"),
    (CONTROL, CELL / "predictions.csv", "compare_cells"),
    (CONTROL, CONTROL_SEED, "compare_cells"),
    (FOLD, Path(TREE.tagger, "stage1/fold1/snapshot1.safetensors"), "make_soft_labels"),
    (FOLD, Path(TREE.tagger, "stage2/fold1/snapshot1.safetensors"), "train_stage2 0"),
    (CLIPS, EVENTS, "train_cell codecat 0"),
    (EVENTS, CLIPS, "train_stage1 0"),
]
"""A file, another one, and the job that reads the first."""
RECORDS = {
    CELL / "scores.csv": "table2",
    CELL / "codes.npy": "score_cell codecat 0",
    Path(TREE.tag_cache): "describe_tags",
}
"""Files whose records are damaged, and the job that reads each."""

UNCHANGED = ("missing", "a dangling link", "without the last byte")
"""Damages after which there is no record, or one that says the same."""


def swap(path: Path, other: Path) -> None:
    """Exchange two files and their records."""
    for here, there in ((path, other), (record_path(path), record_path(other))):
        here.rename("kept")
        there.rename(here)
        Path("kept").rename(there)


def faults():
    for path, other, reader in PAIRS:
        name = f"{reader}: {path.relative_to('results')} is that of {other.relative_to('results').parent}"
        words = (str(path), artifact_of(str(path)).rule.split(" or ")[0])
        for with_record in (True, False):
            inject = partial(replace_by, path, other, with_record=with_record)
            ending = "with" if with_record else "without"
            yield Fault(f"{name}, {ending} its record", GROUP, inject, JOBS[reader].run, words=words)
        yield Fault(f"{name}, exchanged", GROUP, partial(swap, path, other), JOBS[reader].run)
    for file, reader in RECORDS.items():
        record, job = record_path(file), JOBS[reader]
        for name, damage in DAMAGES.items():
            if name not in UNCHANGED:
                inject = partial(damage, record)
                yield Fault(
                    f"{reader}: the record of {file.name} is {name}", GROUP, inject, job.run, words=(str(file),)
                )
        same = partial(same_files, paths=job.writes)
        yield Fault(f"{reader}: {file.name} has no record", GROUP, record.unlink, job.run, "same", (), same)


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("fault", params(faults()))
def test_a_foreign_file_is_never_computed_with(expect, fault):
    for path in JOBS[fault.name.partition(":")[0]].writes:
        Path(path).unlink()
    expect(fault)
