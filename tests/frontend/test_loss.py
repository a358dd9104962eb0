import numpy as np
import pytest
import torch

from tagasc.frontend.batches import Batch
from tagasc.frontend.loss import CentreLoss, MixupLoss
from tagasc.training.optimizer import Adam

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
    loss_of = MixupLoss(CentreLoss(weight, 3, 4) if weight else None)
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
    assert list(MixupLoss(CentreLoss(0.1, 3, 4)).parameters()) == []


def test_the_centres_of_a_student_move_by_the_learning_rate_whatever_the_weight():
    """The released code scales their gradient by 1e8 under Adam, so that neither weight nor weight decay counts."""
    for weight in (5e-5, 0.5):
        centre_loss = CentreLoss(weight, 3, 4, learned_at=1e-4)
        optimizer = Adam(centre_loss.parameters(), 1e-4, weight_decay=1e-3, amsgrad=True)
        before = centre_loss.centres.detach().clone()
        assert centre_loss(CODE, LABELS).item() == pytest.approx(weight * squared_distances(before, LABELS).mean())
        for _ in range(10):
            optimizer.zero_grad()
            centre_loss(CODE, LABELS).backward()
            optimizer.step()
        means = torch.stack([CODE[scene == LABELS].mean(dim=0) for scene in range(3)])
        moved = (centre_loss.centres.detach() - before) * (means - before).sign()
        torch.testing.assert_close(moved, torch.full((3, 4), 1e-3), rtol=1e-2, atol=0)
