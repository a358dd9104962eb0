from dataclasses import replace

import numpy as np
import pytest
import torch

from tagasc.cells import parse
from tagasc.frontend.batches import draw_epoch
from tagasc.frontend.loss import batch_loss
from tagasc.frontend.network import SceneNetwork

CELL = "shared-heads2-layers1"


def test_an_epoch_is_a_permutation_without_the_incomplete_batch(packed, frontend, load_corpus):
    corpus, random = load_corpus(packed, frontend), np.random.default_rng(0)
    epochs = [list(draw_epoch(1, corpus, frontend.training, None, random)) for _ in range(200)]
    orders = [torch.cat([batch.rows for batch in epoch]).tolist() for epoch in epochs]
    assert {len(epoch) for epoch in epochs} == {2}
    assert {len(set(order)) for order in orders} == {10}
    assert set.union(*map(set, orders)) == set(range(12))
    assert len({tuple(order) for order in orders}) == 200


def test_mix_up_begins_at_its_epoch(packed, frontend, changed, load_corpus):
    corpus, random = load_corpus(packed, frontend), np.random.default_rng(0)
    for epoch, mixed in [(1, False), (6, False), (7, True), (8, True)]:
        training = changed(frontend, mix_up_from_epoch=7).training
        for batch in draw_epoch(epoch, corpus, training, None, random):
            assert (batch.share is not None) == mixed
            assert sorted(batch.partners.tolist()) == [0, 1, 2, 3, 4]


def test_crops_begin_anywhere(packed, frontend, load_corpus):
    corpus, random = load_corpus(packed, frontend), np.random.default_rng(0)
    drawn = [batch.starts for _ in range(30) for batch in draw_epoch(1, corpus, frontend.training, 395, random)]
    assert set(torch.cat(drawn).tolist()) == {0, 1, 2, 3, 4, 5}


@pytest.mark.parametrize("mix_tags", [True, False])
def test_the_loss_of_a_mixed_batch(packed, frontend, mix_tags, changed, load_corpus):
    corpus = load_corpus(packed, frontend)
    batch = replace(
        next(draw_epoch(2, corpus, frontend.training, None, np.random.default_rng(0))), share=torch.tensor(0.3)
    )
    torch.manual_seed(0)
    network = SceneNetwork(parse(CELL), frontend.network, 2, 5, 2)
    loss, right = batch_loss(network, corpus, batch, None, changed(frontend, mix_tags=mix_tags).training)
    waveform, tags, labels = (values.numpy() for values in corpus.batch(batch.rows))
    partners = batch.partners.numpy()
    other_tags = tags[partners] if mix_tags else tags
    mixed = 0.3 * waveform + 0.7 * waveform[partners], 0.3 * tags + 0.7 * other_tags
    scores = network(*map(torch.from_numpy, mixed))[1].detach().double().numpy()
    logarithms = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    own, partner = logarithms[range(5), labels], logarithms[range(5), labels[partners]]
    assert loss.item() == pytest.approx(-(0.3 * own + 0.7 * partner).mean(), rel=1e-5)
    assert int(right) == (scores.argmax(axis=1) == labels[partners]).sum()
