import numpy as np
import pytest
from sklearn.model_selection import KFold

from tagasc.config import Folds
from tagasc.runtime.errors import InputError
from tagasc.tagger.folds import noisy_of_fold, split_fold


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


def test_each_fold_leaves_out_another_fifth_of_the_noisy_clips():
    splits = KFold(5, shuffle=True, random_state=42).split(np.zeros(19815))
    left_out = []
    for fold, (kept, _) in enumerate(splits):
        rows = noisy_of_fold(19815, fold, Folds())
        assert rows.tolist() == kept.tolist()
        assert len(rows) == 15852
        left_out.append(np.setdiff1d(np.arange(19815), rows))
    assert sorted(np.concatenate(left_out)) == list(range(19815))


def test_every_fold_has_all_of_a_few_noisy_clips():
    assert noisy_of_fold(4, 2, Folds(n_splits=5)).tolist() == [0, 1, 2, 3]
    assert len(noisy_of_fold(5, 2, Folds(n_splits=5))) == 4
