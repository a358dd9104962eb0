"""Scores of one cell and seed: SVM predictions on the test clips, and the accuracies that follow from them.

A score has four coordinates: cell, seed, protocol and test list. Protocol ``last`` takes the last epoch's codes and the
kernel that cross-validation on the training clips chooses, so that no test clip decides anything. Test list
``official`` is the fold's evaluation list (4,185 clips of TAU 2019); ``all_but_train`` adds the clips that the data set
leaves in neither list (1,030 of Milan), as the released code of reference [22] does.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from tagasc.backend.svm import Codes, choose_kernel, classify
from tagasc.config import Backend
from tagasc.errors import InputError
from tagasc.writing import written_whole

SCORE_COLUMNS = ["cell", "seed", "protocol", "kernel", "epoch", "test_list", "clips", "correct", "accuracy"]
PREDICTION_COLUMNS = ["filename", "scene", "split", "protocol", "kernel", "predicted"]
TEST_LISTS = {"official": ["evaluate"], "all_but_train": ["evaluate", "unused"]}

_CLIP_COLUMNS = ["filename", "scene", "city", "location", "split"]


def score_cell(
    cell: str,
    seed: int,
    *,
    clips_path: str | Path,
    codes_path: str | Path,
    settings: Backend,
    epochs: int,
    scores_path: str | Path,
    predictions_path: str | Path,
) -> None:
    """Fit the SVM of a trained cell, and write its predictions and scores (sections 2.1 and 4.1).

    Parameters
    ----------
    cell, seed
        What was trained; they are written into the scores.
    clips_path
        The corpus's clips.csv; its splits are train, evaluate and unused.
    codes_path
        codes.npy, float16 (epochs, clips, code); row j of axis 1 belongs to row j of clips.csv. The last entry of
        axis 0 is the last epoch.
    settings
        Kernels, C and folds.
    epochs
        Number of the last epoch, for the scores' column ``epoch``.
    scores_path
        Written with a row a test list and the columns `SCORE_COLUMNS`; accuracy is a fraction.
    predictions_path
        Written with a row a clip outside the training split and the columns `PREDICTION_COLUMNS`.

    Raises
    ------
    InputError
        If the two files do not fit together, if codes are not finite, if there are no evaluation clips, if the training
        clips have a single scene, or if a kernel has to be chosen on a single location.
    """
    clips = read_clips(clips_path)
    codes = _last_codes(codes_path, clips_path, len(clips))
    train = (clips["split"] == "train").to_numpy()
    scenes = clips["scene"].to_numpy(dtype=str)
    locations = clips["location"].to_numpy(dtype=str)  # with their city, as barcelona-0

    kernel = choose_kernel(codes[train], scenes[train], locations[train], settings)
    predictions = clips.loc[~train, ["filename", "scene", "split"]].assign(
        protocol="last",
        kernel=kernel,
        predicted=classify(kernel, codes[train], scenes[train], codes[~train], settings),
    )
    rows = []
    for test_list, splits in TEST_LISTS.items():
        tested = predictions[predictions["split"].isin(splits)]
        correct = int((tested["scene"] == tested["predicted"]).sum())
        rows.append((cell, seed, "last", kernel, epochs, test_list, len(tested), correct, correct / len(tested)))

    with written_whole(predictions_path) as path:
        predictions.to_csv(path, columns=PREDICTION_COLUMNS, index=False)
    with written_whole(scores_path) as path:
        pd.DataFrame(rows, columns=SCORE_COLUMNS).to_csv(path, index=False)


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


def _last_codes(path: str | Path, clips_path: str | Path, clips: int) -> Codes:
    """Return the last epoch's codes (clips, code) in double precision."""
    stored = np.load(path, mmap_mode="r", allow_pickle=False)
    if stored.ndim != 3 or not stored.shape[0] or stored.shape[1] != clips:
        raise InputError(
            f"{path}: shape {stored.shape} is not (epochs, {clips} clips of {clips_path}, code); "
            "delete it, and the cell is trained again"
        )
    # Codes are stored in half precision; libsvm would widen them anyway, but gamma='scale' takes their variance first.
    codes: Codes = np.asarray(stored[-1], dtype=np.float64)
    broken = np.count_nonzero(~np.isfinite(codes).all(axis=1))
    if broken:
        raise InputError(
            f"{path}: the codes of {broken} of {clips} clips are not finite, so the training diverged; "
            "lower frontend.training.learning_rate"
        )
    return codes
