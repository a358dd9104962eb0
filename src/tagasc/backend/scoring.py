"""Scores of one cell and seed: SVM predictions on the test clips, and the accuracies that follow from them.

A score has four coordinates: cell, seed, protocol and test list (`tagasc.backend.protocols`).
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tagasc.backend.protocols import Chosen, Clips, score_best_on_test, score_last
from tagasc.config import Backend
from tagasc.errors import InputError
from tagasc.writing import written_whole

SCORE_COLUMNS = ["cell", "seed", "protocol", "kernel", "epoch", "test_list", "clips", "correct", "accuracy"]
PREDICTION_COLUMNS = ["filename", "scene", "split", "protocol", "kernel", "predicted", "test_list"]

_CLIP_COLUMNS = ["filename", "scene", "city", "location", "split"]


def score_cell(
    cell: str,
    seed: int,
    *,
    clips_path: str | Path,
    codes_path: str | Path,
    codes_by_epoch_path: str | Path | None,
    settings: Backend,
    epochs: Sequence[int],
    scores_path: str | Path,
    predictions_path: str | Path,
    threads: int,
) -> None:
    """Fit the SVMs of a trained cell, and write its predictions and scores (sections 2.1 and 4.1).

    Parameters
    ----------
    cell, seed
        What was trained; they are written into the scores.
    clips_path
        The corpus's clips.csv; its splits are train, evaluate and unused.
    codes_path
        codes.npy, float16 (1, clips, code), of the last epoch; row j of axis 1 belongs to row j of clips.csv.
    codes_by_epoch_path
        codes-every<n>.npy, float16 (epochs, clips, code), for protocol ``best_on_test``.
    settings
        Kernels, C, folds and protocols.
    epochs
        The numbers of the epochs whose codes were kept; the last one is that of codes.npy.
    scores_path
        Written with a row a protocol and test list and the columns `SCORE_COLUMNS`; accuracy is a fraction.
    predictions_path
        Written with a row a protocol, test list and clip of that list, and the columns `PREDICTION_COLUMNS`.
    threads
        SVMs to fit at a time.

    Raises
    ------
    InputError
        If the files do not fit together, if codes are not finite, if there are no evaluation clips, if the training
        clips have a single scene, or if a kernel has to be chosen on a single location.
    """
    table = read_clips(clips_path)
    clips = clips_of(table)
    last = read_codes(codes_path, clips_path, 1, len(table))[0].astype(np.float64)
    chosen = list(score_last(last, epochs[-1], clips, settings, threads))
    if codes_by_epoch_path is not None:
        codes = read_codes(codes_by_epoch_path, clips_path, len(epochs), len(table))
        chosen += score_best_on_test(codes, epochs, clips, settings, threads)

    predictions = predictions_of(chosen, table)
    rows = []
    for choice, tested in zip(chosen, predictions, strict=True):
        correct = int((tested["scene"] == tested["predicted"]).sum())
        where = (cell, seed, choice.protocol, choice.kernel, choice.epoch, choice.test_list)
        rows.append((*where, len(tested), correct, correct / len(tested)))
    with written_whole(predictions_path) as path:
        pd.concat(predictions).to_csv(path, index=False)
    with written_whole(scores_path) as path:
        pd.DataFrame(rows, columns=SCORE_COLUMNS).to_csv(path, index=False)


def predictions_of(chosen: Sequence[Chosen], table: pd.DataFrame) -> list[pd.DataFrame]:
    """Return, for each choice, the rows of predictions.csv: those of the clips on its test list."""
    clips, outside = clips_of(table), table[table["split"] != "train"]
    frames = []
    for choice in chosen:
        labelled = outside.assign(
            protocol=choice.protocol, kernel=choice.kernel, predicted=choice.predicted, test_list=choice.test_list
        )
        frames.append(labelled.loc[clips.listed(choice.test_list), PREDICTION_COLUMNS])
    return frames


def clips_of(table: pd.DataFrame) -> Clips:
    """Return what the SVMs need to know of clips.csv."""
    # Locations come with their city, as barcelona-0.
    return Clips(*(table[column].to_numpy(dtype=str) for column in ("scene", "location", "split")))


def read_clips(path: str | Path) -> pd.DataFrame:
    """Read clips.csv as text, and check that it can be learned from and tested on."""
    clips = pd.read_csv(path, dtype=str, keep_default_na=False)
    missing = [column for column in _CLIP_COLUMNS if column not in clips.columns]
    if missing:
        raise InputError(f"{path}: no column {', '.join(missing)}; delete it, and the corpus is packed again")
    train = clips.loc[clips["split"] == "train", "scene"].unique()
    if len(train) < 2:
        found = ", ".join(train) if len(train) else "none"
        raise InputError(
            f"{path}: the training clips must have at least 2 scenes, found {found}; add clips to the training list"
        )
    if not (clips["split"] == "evaluate").any():
        raise InputError(f"{path}: no clip has split 'evaluate'; name at least one in the evaluation list")
    return clips


def read_codes(path: str | Path, clips_path: str | Path, epochs: int, clips: int) -> NDArray[np.float16]:
    """Map codes (epochs, clips, code) into memory, and check that they are numbers and belong to the clips.

    They are in half precision, in which a variance overflows; SVMs want them widened.
    """
    codes: NDArray[np.float16] = np.load(path, mmap_mode="r", allow_pickle=False)
    if codes.ndim != 3 or codes.shape[:2] != (epochs, clips):
        raise InputError(
            f"{path}: shape {codes.shape} is not ({epochs} epochs, {clips} clips of {clips_path}, code); "
            "delete it, and the cell is trained again"
        )
    broken = max(int(np.count_nonzero(~np.isfinite(of_epoch).all(axis=1))) for of_epoch in codes)
    if broken:
        raise InputError(
            f"{path}: the codes of {broken} of {clips} clips are not finite, so the training diverged; "
            "lower frontend.training.learning_rate"
        )
    return codes
