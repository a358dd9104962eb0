"""The history of a training: one JSON object per epoch."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from tagasc.artifacts.artifact import Artifact


@dataclass(frozen=True, kw_only=True)
class HistoryFile(Artifact):
    """A file with one JSON object per epoch, which has these keys; the last epoch also has `last_key`."""

    keys: Sequence[str]
    last_key: str


TAGGER_HISTORY = HistoryFile(
    path="taggers/<tagger>/<stage>/fold<k>/history.jsonl",
    rule="train_stage1 or train_stage2",
    meaning="One JSON object per epoch: epoch, loss, learning_rate, seconds, device, precision; the last one also has "
    "held_out_lwlrap. Older files have no device and no precision.",
    keys=["epoch", "loss"],
    last_key="held_out_lwlrap",
)
CELL_HISTORY = HistoryFile(
    path="experiments/<name>/cells/<cell>/seed<k>/history.jsonl",
    rule="train_cell",
    meaning="One JSON object per epoch: cell, seed, epoch, loss, train_accuracy, learning_rate, seconds, "
    "clips_per_second, peak_memory_mb, device, precision. Epochs whose codes are kept also have evaluate_accuracy, the "
    "accuracy of the network's own output layer on the evaluation clips. Accuracies are fractions. Older files have no "
    "precision.",
    keys=["cell", "seed", "epoch", "loss", "train_accuracy"],
    last_key="evaluate_accuracy",
)


def write_history(artifact: HistoryFile, path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write one JSON object per epoch.

    >>> write_history(TAGGER_HISTORY, folder / "history.jsonl", [{"epoch": 1, "loss": 2.5, "held_out_lwlrap": 0.6}])
    >>> read_history(TAGGER_HISTORY, folder / "history.jsonl")
    [{'epoch': 1, 'loss': 2.5, 'held_out_lwlrap': 0.6}]
    """
    artifact.write_text(path, "".join(json.dumps(row) + "\n" for row in rows))


def read_history(artifact: HistoryFile, path: Path) -> list[dict[str, Any]]:
    """Return one dictionary per epoch.

    Raises
    ------
    InputError
        If the file is missing, cut short, or not such a history.

    Examples
    --------
    See `write_history`.
    """
    try:
        text = artifact.read_bytes(path).decode()
        rows = [json.loads(line) for line in text.splitlines()]
    except (OSError, ValueError) as error:
        raise artifact.error(path, f"cannot be read as a history ({error})") from None
    if not text.endswith("\n"):
        raise artifact.error(path, "is cut short")
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict) or not row.keys() >= set(artifact.keys) or row["epoch"] != number:
            raise artifact.error(path, f"line {number} is not epoch {number} with {', '.join(artifact.keys)}")
        if not isinstance(row["loss"], int | float) or not isfinite(row["loss"]):
            raise artifact.error(path, f"line {number} has the loss {row['loss']!r}, which is not a finite number")
        if "cell" in artifact.keys:
            artifact.check_run(path, row["cell"], row["seed"])
    if artifact.last_key not in rows[-1]:
        raise artifact.error(path, f"is cut short: its last epoch has no {artifact.last_key}")
    return rows
