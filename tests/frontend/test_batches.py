from dataclasses import replace

import numpy as np
import pytest
import torch

from tagasc.frontend.batches import Batches
from tagasc.runtime.errors import InputError


@pytest.fixture
def dataset(packed, frontend, load_dataset):
    """Return a dataset in which a clip's label is its row, so that batches tell which clips they contain."""
    return replace(load_dataset(packed, frontend), labels=torch.arange(17))


def test_an_epoch_is_a_permutation_without_the_incomplete_batch(dataset, frontend):
    batches = Batches(dataset, frontend.training, None, np.random.default_rng(0))
    epochs = [list(batches.epoch(1)) for _ in range(200)]
    orders = [torch.cat([batch.labels for batch in epoch]).tolist() for epoch in epochs]
    assert {len(epoch) for epoch in epochs} == {2}
    assert {len(set(order)) for order in orders} == {10}
    assert set.union(*map(set, orders)) == set(range(12))
    assert len({tuple(order) for order in orders}) == 200


def test_mixup_starts_at_its_epoch(dataset, frontend, changed):
    training = changed(frontend, mixup_from_epoch=7).training
    batches = Batches(dataset, training, None, np.random.default_rng(0))
    for epoch, mixed in [(1, False), (6, False), (7, True), (8, True)]:
        for batch in batches.epoch(epoch):
            assert (batch.share is not None) == mixed
            assert sorted(batch.partner_labels.tolist()) == sorted(batch.labels.tolist())


@pytest.mark.parametrize("mixup_tags", [True, False])
def test_mixup_mixes_each_clip_with_its_partner(dataset, frontend, changed, mixup_tags):
    training = changed(frontend, mixup_tags=mixup_tags).training
    for batch in Batches(dataset, training, None, np.random.default_rng(0)).epoch(2):
        waveform, tags, _ = (values.numpy() for values in dataset.batch(batch.labels))
        partner_waveform, partner_tags, _ = (values.numpy() for values in dataset.batch(batch.partner_labels))
        share = batch.share.item()
        mixed = share * waveform + (1 - share) * partner_waveform
        np.testing.assert_allclose(batch.waveform, mixed, rtol=1e-4, atol=0.05)
        mixed_tags = share * tags + (1 - share) * partner_tags
        np.testing.assert_allclose(batch.tags, mixed_tags if mixup_tags else tags, rtol=1e-5)


def test_batches_follow_from_the_random_generator(dataset, frontend):
    """Clips, crops, shares and partners are drawn in this order, with one generator over all epochs."""
    batches, random = Batches(dataset, frontend.training, 394, np.random.default_rng(4)), np.random.default_rng(4)
    for epoch in (1, 2, 3):
        order = random.permutation(12)
        for step, batch in enumerate(batches.epoch(epoch)):
            rows = order[5 * step : 5 * step + 5]
            starts = random.integers(0, 6, 5)
            waveform = dataset.batch(torch.from_numpy(rows), torch.from_numpy(starts), 394)[0]
            assert batch.labels.tolist() == rows.tolist()
            if epoch == 1:
                torch.testing.assert_close(batch.waveform, waveform)
                continue
            share = random.beta(1.0, 1.0)
            partners = random.permutation(5)
            assert batch.share.item() == pytest.approx(share)
            assert batch.partner_labels.tolist() == rows[partners].tolist()
            mixed = share * waveform + (1 - share) * waveform[torch.from_numpy(partners)]
            torch.testing.assert_close(batch.waveform, mixed, rtol=1e-4, atol=0.05)


def test_crops_start_anywhere(dataset, frontend):
    ramp = torch.arange(400, dtype=torch.int16).expand(17, 2, 400)
    ramps = replace(dataset, waveforms=ramp, scale=torch.ones(17), preemphasis=0.0, gain=1.0)
    batches = Batches(ramps, frontend.training, 394, np.random.default_rng(0))
    first = [batch.waveform[:, 0, 0] - 1 for _ in range(30) for batch in batches.epoch(1)]
    assert set(torch.cat(first).tolist()) == {0, 1, 2, 3, 4, 5}


def test_fewer_clips_than_a_batch_are_an_error(dataset, frontend, changed):
    with pytest.raises(InputError, match=r"^frontend.training.batch_size: 13 is more than the 12 training clips; "):
        Batches(dataset, changed(frontend, batch_size=13).training, None, np.random.default_rng(0))
    Batches(dataset, changed(frontend, batch_size=12).training, None, np.random.default_rng(0))
