import numpy as np
import pytest
from sklearn.model_selection import KFold

from tagasc.config import Folds
from tagasc.runtime.errors import InputError
from tagasc.tagger.folds import split_fold


def test_each_curated_clip_is_held_out_once(events):
    held_out = []
    for fold, (train, test) in enumerate(KFold(3, shuffle=True, random_state=42).split(np.arange(10))):
        rows, held_out_rows = split_fold(events, fold, Folds(n_splits=3))
        assert rows.tolist() == train.tolist()
        assert held_out_rows.tolist() == test.tolist()
        held_out += test.tolist()
    assert sorted(held_out) == list(range(10))


def test_fewer_curated_clips_than_folds(events):
    with pytest.raises(InputError, match=r"tagger\.folds\.n_splits: 11 folds need .*, and there are 10; choose"):
        split_fold(events, 0, Folds(n_splits=11))
