import numpy as np
import pytest
import torch

from tagasc.config import Features
from tagasc.tagger.augmentation import AugmentedPool
from tagasc.tagger.batches import Batches
from tagasc.tagger.log_mel import LogMel
from tagasc.tagger.pools import Pool


@pytest.fixture
def batches(events, settings):
    """Return batches of 4 from 10 curated and 6 noisy clips, without augmentation; clips are told by their targets."""
    random, training = np.random.default_rng(0), {"mixup_probability": 0.0, "mask_probability": 0.0}

    def pool(rows):
        targets = np.eye(20, dtype=np.float32)[rows]
        given = settings.training.model_copy(update=training)
        return AugmentedPool(events, Pool(rows, targets), given, LogMel(Features()), random, torch.device("cpu"))

    return lambda *, soft: Batches(
        pool(np.arange(10)), pool(np.arange(10, 16)), pool(np.arange(16)) if soft else None, batch_size=4
    )


def rows_of(batch):
    return batch.targets.argmax(dim=1).tolist()


def test_an_epoch_is_one_pass_over_the_curated_clips(batches):
    epochs = [list(batches(soft=False).epoch()) for _ in range(2)]
    for steps in epochs:
        assert len(steps) == len(batches(soft=False)) == 3
        assert [len(step.curated.targets) for step in steps] == [4, 4, 2]
        assert sorted(row for step in steps for row in rows_of(step.curated)) == list(range(10))
    assert rows_of(epochs[0][0].curated) != rows_of(epochs[1][0].curated)


def test_every_step_has_a_full_batch_of_noisy_clips(batches):
    steps = list(batches(soft=False).epoch())
    rows = [row for step in steps for row in rows_of(step.noisy)]
    assert [len(step.noisy.targets) for step in steps] == [4, 4, 4]
    assert np.bincount(rows)[10:].tolist() == [2] * 6  # 12 draws of 6 clips


def test_only_stage_2_has_soft_labelled_clips(batches):
    assert all(step.soft is None for step in batches(soft=False).epoch())
    assert [len(step.soft.targets) for step in batches(soft=True).epoch()] == [4, 4, 4]
