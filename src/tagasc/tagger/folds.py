"""Folds of the curated and of the noisy clips."""

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import KFold

from tagasc.artifacts.events import EventCorpus
from tagasc.config import Folds


def split_fold(events: EventCorpus, fold: int, folds: Folds) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows of the curated clips that a fold (from 0) trains on, and the rows that it holds out.

    Raises
    ------
    InputError
        If there are fewer curated clips than folds.
    """
    curated = np.arange(len(events.clips))[events.rows("curated")]
    folds.require(len(curated))
    splits = KFold(folds.n_splits, shuffle=True, random_state=folds.random_state).split(curated)
    train, held_out = list(splits)[fold]
    return curated[train], curated[held_out]


def noisy_of_fold(noisy: int, fold: int, folds: Folds) -> NDArray[np.int64]:
    """Return which of the noisy clips, counted from 0, are soft-labelled clips of a fold.

    They are split as the curated clips are. With fewer noisy clips than folds, every fold has all of them.
    """
    if noisy < folds.n_splits:
        return np.arange(noisy)
    kept, _ = list(KFold(folds.n_splits, shuffle=True, random_state=folds.random_state).split(np.arange(noisy)))[fold]
    return kept
