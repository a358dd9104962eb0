"""Rule score_cell: predictions of support vector machines for one cell and seed, and its scores."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from tagasc.artifacts.codes import CODES, CODES_BY_EPOCH, CROP_CODES, CROP_CODES_BY_EPOCH, read_codes, read_crop_codes
from tagasc.artifacts.predictions import PREDICTIONS
from tagasc.artifacts.scenes import read_clips
from tagasc.artifacts.scores import CELL_SCORES
from tagasc.backend.protocols import ClipCodes, select_best_on_test, select_last
from tagasc.backend.svm import SvmClassifier


def score_cell(
    cell: str,
    seed: int,
    classifier: SvmClassifier,
    epochs: Sequence[int],
    *,
    clips_path: Path,
    codes_path: Path,
    scores_path: Path,
    predictions_path: Path,
    codes_by_epoch_path: Path | None = None,
    crop_codes_path: Path | None = None,
    crop_codes_by_epoch_path: Path | None = None,
) -> None:
    """Fit the support vector machines of a trained cell; write its predictions and scores (sections 2.1 and 4.1).

    Parameters
    ----------
    cell, seed
        What was trained.
    classifier
        The support vector machines.
    epochs
        Numbers of the epochs whose codes were kept; the last one is that of codes.npy.
    clips_path, codes_path
        The table of clips and the codes of the last epoch.
    codes_by_epoch_path
        The codes of all these epochs. If they are given, protocol ``best_on_test`` is scored, too.
    scores_path, predictions_path
        Where to write the scores and the predictions.
    crop_codes_path, crop_codes_by_epoch_path
        Codes of crops of the training clips, for each of the two files of codes. If they are given, machines are fitted
        on them. Otherwise they are fitted on whole training clips.

    Raises
    ------
    InputError
        If a file is missing, damaged or foreign, if codes are not finite, or if a kernel has to be chosen with
        training clips of a single location.
    """
    clips = read_clips(clips_path)
    train = int((clips["split"] == "train").sum())
    last = fitted = read_codes(CODES, codes_path, 1, len(clips))
    if crop_codes_path is not None:
        fitted = read_crop_codes(CROP_CODES, crop_codes_path, (1, train, last.shape[2]))
    codes = ClipCodes(last[0].astype(np.float64), fitted[0, :train].astype(np.float64))
    selections = list(select_last(codes, epochs[-1], clips, classifier))
    if codes_by_epoch_path is not None:
        every = fitted = read_codes(CODES_BY_EPOCH, codes_by_epoch_path, len(epochs), len(clips))
        if crop_codes_by_epoch_path is not None:
            shape = len(epochs), train, every.shape[2]
            fitted = read_crop_codes(CROP_CODES_BY_EPOCH, crop_codes_by_epoch_path, shape)
        selections += select_best_on_test(every, fitted[:, :train], epochs, clips, classifier)

    predictions, scores = [], []
    for selection in selections:
        tested = selection.predictions(clips)
        correct = tested["scene"] == tested["predicted"]
        predictions.append(tested)
        scores.append(
            {
                "protocol": selection.protocol,
                "kernel": selection.kernel,
                "epoch": selection.epoch,
                "test_list": selection.test_list,
                "clips": len(tested),
                "correct": correct.sum(),
                "accuracy": correct.sum() / len(tested),
                "macro_accuracy": correct.groupby(tested["scene"]).mean().mean(),
            }
        )
    PREDICTIONS.write(predictions_path, pd.concat(predictions).assign(cell=cell, seed=seed))
    CELL_SCORES.write(scores_path, pd.DataFrame(scores).assign(cell=cell, seed=seed))
