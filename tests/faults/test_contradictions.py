"""Results that contradict each other or their place, although each is well-formed and has a matching record or none."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tagasc.artifacts.codes import CODES, CODES_BY_EPOCH, CROP_CODES, CROP_CODES_BY_EPOCH
from tagasc.artifacts.history import CELL_HISTORY, read_history, write_history
from tagasc.artifacts.predictions import PREDICTIONS
from tagasc.artifacts.record import record_path
from tagasc.artifacts.scenes import CLIPS as SCENE_CLIPS
from tagasc.artifacts.scores import CELL_SCORES
from tagasc.artifacts.soft_labels import SOFT_LABELS
from tagasc.artifacts.tags import Tags, read_npz, write_tags
from tests.faults.experiment import JOBS, TREE
from tests.faults.fault import Fault, params

GROUP = "artifacts"
CELL = Path(TREE.cell.format(cell="codecat", seed=0))
CLIPS, TAGS = Path(TREE.scenes, "clips.csv"), Path(TREE.tag_cache)
SCORES, PREDICTED = CELL / "scores.csv", CELL / "predictions.csv"


def edit_table(artifact, path: Path, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    """Write a changed table, with a matching record."""
    artifact.write(path, change(artifact.read(path)))


def first(**values):
    """Return a change of the first row."""

    def change(table: pd.DataFrame) -> pd.DataFrame:
        for column, value in values.items():
            table.loc[0, column] = value
        return table

    return change


def one_more_correct(scores: pd.DataFrame) -> pd.DataFrame:
    scores["correct"] += 1
    return scores.assign(accuracy=scores["correct"] / scores["clips"])


def other_scene(table: pd.DataFrame) -> pd.DataFrame:
    """Predict another scene for half of the clips."""
    table.loc[::2, "predicted"] = table["predicted"].iloc[0]
    table.loc[1::2, "predicted"] = next(name for name in table["scene"] if name != table["predicted"].iloc[0])
    return table


def edit_tags(change: Callable[[Tags], Tags]) -> None:
    write_tags(TAGS, change(read_npz(TAGS)))


def edit_codes(artifact, path: Path, change: Callable[[np.ndarray], np.ndarray]) -> None:
    artifact.write(path, change(np.array(artifact.read(path))))


def edit_history(change: Callable[[list], list]) -> None:
    path = CELL / "history.jsonl"
    write_history(CELL_HISTORY, path, change(read_history(CELL_HISTORY, path)))


def with_value(value: float):
    """Return a change of one code."""

    def change(codes: np.ndarray) -> np.ndarray:
        codes[0, 3, 1] = value
        return codes

    return change


def without_record(inject: Callable[[], object], path: Path) -> None:
    inject()
    record_path(path).unlink(missing_ok=True)


def table_edits():
    scores = partial(edit_table, CELL_SCORES, SCORES)
    predictions = partial(edit_table, PREDICTIONS, PREDICTED)
    clips = partial(edit_table, SCENE_CLIPS, CLIPS)
    for reader in ("table2", "collect_scores"):
        for name, change in {
            "an accuracy of 0.99": first(accuracy=0.99),
            "more correct clips than clips": first(correct=13, accuracy=13 / 12),
            "another cell": lambda table: table.assign(cell="baseline"),
            "another seed": lambda table: table.assign(seed=1),
            "no rows of a protocol": lambda table: table[table["protocol"] == "last"],
            "a negative count": first(correct=-1, accuracy=-1 / 12),
            "a macro accuracy of 40": first(macro_accuracy=40.0),
            "a row twice": lambda table: pd.concat([table, table[:1]]),
        }.items():
            yield f"scores: {name}", partial(scores, change), SCORES, reader
    change = one_more_correct
    yield "scores: one correct clip more than in the predictions", partial(scores, change), SCORES, "compare_cells"
    for name, change in {
        "other scenes than the scores say": other_scene,
        "a scene that does not exist": first(predicted="moon"),
        "another label than in clips.csv": first(scene="park"),
        "another cell": lambda table: table.assign(cell="baseline"),
        "another seed": lambda table: table.assign(seed=1),
        "a clip less": lambda table: table[1:],
        "a clip twice": lambda table: pd.concat([table, table[:1]]),
        "no rows of a protocol": lambda table: table[table["protocol"] == "last"],
    }.items():
        yield f"predictions: {name}", partial(predictions, change), PREDICTED, "compare_cells"
    for name, change in {
        "an unknown split": first(split="test"),
        "a clip twice": lambda table: pd.concat([table[:1], table]),
        "a clip less": lambda table: table[1:],
        "rows in another order of splits": lambda table: table[::-1],
        "a scale of zero": first(scale=0.0),
        "a negative scale": first(scale=-1.0),
        "no city": first(city=""),
    }.items():
        yield f"clips: {name}", partial(clips, change), CLIPS, "train_cell codecat 0"


def array_edits():
    fewer = lambda tags: Tags(tags.vectors[:-1], tags.labels, tags.filenames[:-1])  # noqa: E731
    other = lambda tags: Tags(tags.vectors, tags.labels, [f"other/{name}" for name in tags.filenames])  # noqa: E731
    for name, change in {
        "a clip less": fewer,
        "other clips": other,
        "NaN": lambda tags: Tags(np.full_like(tags.vectors, np.nan), tags.labels, tags.filenames),
        "values above one": lambda tags: Tags(tags.vectors + 2, tags.labels, tags.filenames),
        "a label twice": lambda tags: Tags(tags.vectors, [tags.labels[0]] * len(tags.labels), tags.filenames),
    }.items():
        for reader in ("train_cell codecat 0", "score_control tuned_tags 0", "table6", "describe_tags"):
            yield f"tags: {name}", partial(edit_tags, change), TAGS, reader
    for artifact, file in (
        (CODES, CELL / "codes.npy"),
        (CODES_BY_EPOCH, CELL / "codes-every1.npy"),
        (CROP_CODES, CELL / "codes-crops.npy"),
        (CROP_CODES_BY_EPOCH, CELL / "codes-crops-every1.npy"),
    ):
        for name, change in {
            "NaN": with_value(np.nan),
            "infinity": with_value(np.inf),
            "a clip less": lambda codes: codes[:, 1:],
            "an epoch more": lambda codes: np.concatenate([codes, codes]),
            "no codes": lambda codes: codes[:, :, :0],
        }.items():
            yield f"{file.name}: {name}", partial(edit_codes, artifact, file, change), file, "score_cell codecat 0"
    soft = Path(TREE.tagger, "soft_labels.npy")
    for name, change in {
        "NaN": lambda values: values * np.nan,
        "a clip less": lambda values: values[1:],
        "a label less": lambda values: values[:, 1:],
        "negative values": lambda values: -values,
    }.items():
        yield f"soft labels: {name}", partial(edit_codes, SOFT_LABELS, soft, change), soft, "train_stage2 0"
    history = CELL / "history.jsonl"
    for name, change in {
        "another cell": lambda rows: [row | {"cell": "baseline"} for row in rows],
        "another seed": lambda rows: [row | {"seed": 1} for row in rows],
        "a loss of NaN": lambda rows: [row | {"loss": float("nan")} for row in rows],
        "a loss that is text": lambda rows: [row | {"loss": "low"} for row in rows],
        "epochs in another order": lambda rows: rows[::-1],
        "no epoch": lambda _: [],
    }.items():
        yield f"history: {name}", partial(edit_history, change), history, "draw_learning"


def faults():
    for name, inject, path, reader in [*table_edits(), *array_edits()]:
        words = (path.name,)
        yield Fault(f"{reader}: {name}, and the record says so", GROUP, inject, JOBS[reader].run, words=words)
        unrecorded = partial(without_record, inject, path)
        yield Fault(f"{reader}: {name}, and there is no record", GROUP, unrecorded, JOBS[reader].run, words=words)


@pytest.mark.parametrize(
    "fault",
    params(faults(), lambda fault: fault.name.startswith("table2")),
)
@pytest.mark.usefixtures("sandbox")
def test_a_contradiction_is_never_computed_with(expect, fault):
    for path in JOBS[fault.name.partition(":")[0]].writes:
        Path(path).unlink()
    expect(fault)
