from itertools import chain

import numpy as np
import pytest
import torch

from tagasc.config import Features
from tagasc.tagger.augmentation import Augmentation
from tagasc.tagger.batches import Batches
from tagasc.tagger.clip_power import ClipPower
from tagasc.tagger.draws import AugmentedPool
from tagasc.tagger.log_mel import LogMel
from tagasc.tagger.pools import Pool


@pytest.fixture
def batches(events, settings):
    """Return a function that makes batches of 4 without augmentation; clips are told by their targets."""

    def make(curated=10, noisy=7, soft=None, seed=(0, 1, 0)):
        training = settings.training.model_copy(update={"mixup_probability": 0.0, "mask_probability": 0.0})

        def pool(rows, probabilities=None):
            targets = np.eye(20, dtype=np.float32)[rows]
            return AugmentedPool(events, Pool(rows, targets, probabilities), training, np.random.default_rng(0))

        pools = [pool(np.arange(curated)), pool(np.arange(10, 10 + noisy))]
        if soft is not None:
            pools.append(pool(np.arange(len(soft)), np.array(soft)))
        power = ClipPower.load(events, settings.network, training, torch.device("cpu"), len(pools))
        return Batches(pools, Augmentation(power, training.slice_frames, LogMel(Features())), 4, seed)

    return make


def rows_of(steps, kind=None):
    """Return the rows of the clips of each kind in each step, or of one kind: curated 0, noisy 1, soft-labelled 2."""
    rows = [[part.argmax(dim=1).tolist() for part in step.targets.split(step.sizes)] for step in steps]
    return rows if kind is None else [step[kind] for step in rows]


def test_an_epoch_is_one_pass_over_the_curated_clips(batches):
    each = batches()
    epochs = [rows_of(each.epoch(number), 0) for number in (1, 2)]
    for rows in epochs:
        assert [len(batch) for batch in rows] == [4, 4, 2]
        assert sorted(chain(*rows)) == list(range(10))
    assert len(each) == 3
    assert epochs[0] != epochs[1]


def test_no_noisy_clip_is_repeated_before_all_have_passed(batches):
    each = batches()
    rows = rows_of((step for number in range(1, 9) for step in each.epoch(number)), 1)
    assert [len(batch) for batch in rows] == [4, 3] * 12  # a pass over 7 clips is not as long as an epoch of 3 steps
    passes = [tuple(first + second) for first, second in zip(rows[::2], rows[1::2], strict=True)]
    assert all(sorted(each) == list(range(10, 17)) for each in passes)
    assert len(set(passes)) == 12


def test_a_resumed_training_goes_on_with_the_clips_that_have_not_passed(batches):
    soft = [0.1] * 10
    whole, resumed = batches(soft=soft), batches(soft=soft)
    for number in (1, 2, 3):
        expected = rows_of(whole.epoch(number))
    assert rows_of(resumed.epoch(3)) == expected


def test_orders_differ_between_pools_and_seeds(batches):
    def orders(seed):
        steps = batches(noisy=10, soft=[0.1] * 10, seed=seed).epoch(1)
        curated, noisy, soft = zip(*rows_of(steps), strict=True)
        return [list(chain(*curated)), [row - 10 for row in chain(*noisy)], list(chain(*soft))]

    found = [tuple(order) for fold in (0, 1) for order in orders((0, 1, fold))]
    assert len(set(found)) == 6


@pytest.mark.parametrize(("clips", "sizes"), [(1, [1]), (4, [4]), (5, [5]), (6, [4, 2]), (9, [4, 5])])
def test_a_last_batch_of_one_clip_joins_the_batch_before(batches, clips, sizes):
    rows = rows_of(batches(curated=clips).epoch(1), 0)
    assert [len(batch) for batch in rows] == sizes
    assert sorted(chain(*rows)) == list(range(clips))


def test_only_stage_2_has_soft_labelled_clips(batches):
    assert all(len(step.sizes) == 2 for step in batches().epoch(1))
    each = batches(soft=[0.0, 0.5, 0.0, 0.5, 0.0, 0.0])
    rows = rows_of((step for number in range(1, 21) for step in each.epoch(number)), 2)
    assert [len(batch) for batch in rows] == [4, 2] * 30
    np.testing.assert_allclose(np.bincount(list(chain(*rows))) / 180, [0, 0.5, 0, 0.5], atol=0.1)
