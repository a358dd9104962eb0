import numpy as np
import pytest

from tagasc.tagger.lwlrap import lwlrap


def test_an_example_by_hand():
    targets = np.array([[1, 0, 1], [0, 1, 0]], np.float32)
    tags = np.array([[0.9, 0.5, 0.1], [0.9, 0.5, 0.1]], np.float32)
    # The first clip's labels stand at ranks 1 and 3: precisions 1 and 2/3. The second's at rank 2: 1/2.
    assert lwlrap(targets, tags) == pytest.approx((1 + 2 / 3 + 1 / 2) / 3)


def test_the_best_and_the_worst_ranking():
    targets = np.array([[1, 0, 0, 0]], np.float32)
    assert lwlrap(targets, np.array([[0.4, 0.3, 0.2, 0.1]])) == 1
    assert lwlrap(targets, np.array([[0.1, 0.2, 0.3, 0.4]])) == 0.25


def test_the_challenge_weighs_classes_by_their_labels():
    """Mean precision of each class, weighted by how many labels it has."""
    random = np.random.default_rng(0)
    targets = (random.random((60, 8)) < np.linspace(0.1, 0.5, 8)).astype(np.float32)
    assert (targets.sum(axis=1) == 0).any()  # clips without a label do not count
    tags = random.random((60, 8))
    precisions = [[] for _ in range(8)]
    for truth, scores in zip(targets.astype(float), tags, strict=True):
        ranking = np.argsort(-scores)
        for rank, label in enumerate(ranking, start=1):
            if truth[label]:
                precisions[label].append(truth[ranking[:rank]].sum() / rank)
    expected = sum(np.mean(each) * len(each) / targets.sum() for each in precisions)
    assert lwlrap(targets, tags) == pytest.approx(expected, rel=1e-9)
