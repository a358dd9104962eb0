"""The folds of the curated clips."""

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import KFold

from tagasc.config import Tagger
from tagasc.corpora.packed import PackedEvents
from tagasc.errors import InputError


def check_folds(curated: int, folds: int) -> None:
    """Check that there are as many curated clips as folds, at least.

    Raises
    ------
    InputError
        If there are not.
    """
    if curated < folds:
        raise InputError(
            f"tagger.folds: {folds} folds need as many curated clips, and there are {curated}; take fewer folds, or "
            f"add curated clips"
        )


def split_fold(events: PackedEvents, fold: int, settings: Tagger) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows of the curated clips that a fold (from 0) trains on, and of those that it holds out.

    Raises
    ------
    InputError
        If there are fewer curated clips than folds.
    """
    curated = np.arange(len(events.clips))[events.rows("curated")]
    check_folds(len(curated), settings.folds)
    folds = KFold(settings.folds, shuffle=True, random_state=settings.fold_seed).split(curated)
    train, held_out = list(folds)[fold]
    return curated[train], curated[held_out]
