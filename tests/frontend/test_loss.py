import numpy as np
import pytest
import torch

from tagasc.frontend.batches import Batch
from tagasc.frontend.loss import MixupLoss

CODE, SCORES = torch.randn(5, 4, generator=torch.Generator().manual_seed(0)), torch.eye(5)[:, :3] * 2.0
LABELS, PARTNERS = torch.tensor([0, 1, 0, 0, 2]), torch.tensor([1, 1, 2, 0, 0])


def batch_of(share):
    """Return a batch of which only the labels and the share matter."""
    nothing = torch.empty(5, 0)
    return Batch(nothing, nothing, LABELS, PARTNERS, None if share is None else torch.tensor(share))


def cross_entropies(labels):
    scores = SCORES.double().numpy()
    logarithms = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    return -logarithms[range(5), labels]


def squared_distances(centres, labels):
    return ((CODE.double().numpy() - centres.double().numpy()[labels]) ** 2).sum(axis=1)


@pytest.mark.parametrize("weight", [0.0, 0.1])
@pytest.mark.parametrize("share", [None, 0.3, 0.5, 1.0])
def test_the_loss_and_the_correct_clips(share, weight):
    loss_of = MixupLoss(weight, 3, 4)
    loss, correct = loss_of(CODE, SCORES, batch_of(share))
    expected, shares = (
        0.0,
        ((1.0, LABELS), (0.0, PARTNERS)) if share is None else ((share, LABELS), (1 - share, PARTNERS)),
    )
    for part, labels in shares:
        expected += part * cross_entropies(labels).mean()
        if weight:
            expected += part * weight * squared_distances(loss_of.centre_loss.centres, labels).mean()
    assert loss.item() == pytest.approx(expected, rel=1e-5)
    truth = PARTNERS if share == 0.3 else LABELS
    assert int(correct) == (SCORES.argmax(dim=1) == truth).sum()


def test_centres_are_not_learned():
    assert list(MixupLoss(0.1, 3, 4).parameters()) == []
