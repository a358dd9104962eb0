import numpy as np
import pytest

from tagasc.tagger.lwlrap import lwlrap, lwlrap_by_class


def test_an_example_computed_by_hand():
    targets = np.array([[1, 0, 1], [0, 1, 0]], np.float32)
    tags = np.array([[0.9, 0.5, 0.1], [0.9, 0.5, 0.1]], np.float32)
    # The labels of the first clip have ranks 1 and 3: precisions 1 and 2/3. That of the second has rank 2: 1/2.
    assert lwlrap(targets, tags) == pytest.approx((1 + 2 / 3 + 1 / 2) / 3)


def test_the_best_and_the_worst_ranking():
    targets = np.array([[1, 0, 0, 0]], np.float32)
    assert lwlrap(targets, np.array([[0.4, 0.3, 0.2, 0.1]])) == 1
    assert lwlrap(targets, np.array([[0.1, 0.2, 0.3, 0.4]])) == 0.25


@pytest.fixture
def random_clips():
    """Return targets and tags of 60 clips and 8 classes; the last class never occurs, and some clips have no label."""
    random = np.random.default_rng(0)
    targets = (random.random((60, 8)) < [*np.linspace(0.1, 0.5, 7), 0]).astype(np.float32)
    assert (targets.sum(axis=1) == 0).any()
    return targets, random.random((60, 8))


def precisions_by_class(targets, tags):
    """Return the precision at the rank of each label, one list per class, by sorting the tags of each clip."""
    precisions = [[] for _ in range(targets.shape[1])]
    for truth, scores in zip(targets.astype(float), tags, strict=True):
        ranking = np.argsort(-scores)
        for rank, label in enumerate(ranking, start=1):
            if truth[label]:
                precisions[label].append(truth[ranking[:rank]].sum() / rank)
    return precisions


def test_classes_are_weighted_by_their_number_of_labels(random_clips):
    """As in the challenge, clips without a label do not count."""
    targets, _ = random_clips
    expected = [sum(each) for each in precisions_by_class(*random_clips)]
    assert lwlrap(*random_clips) == pytest.approx(sum(expected) / targets.sum(), rel=1e-9)


def test_lwlrap_and_weight_of_each_class(random_clips):
    precisions = precisions_by_class(*random_clips)
    lwlraps, weights = lwlrap_by_class(*random_clips)
    np.testing.assert_allclose(lwlraps[:7], [np.mean(each) for each in precisions[:7]], rtol=1e-12)
    assert np.isnan(lwlraps[7])
    labels = sum(map(len, precisions))
    np.testing.assert_allclose(weights, [len(each) / labels for each in precisions], rtol=1e-12)


@pytest.mark.parametrize("decimals", [1, 12])
def test_the_weighted_sum_of_the_classes_is_the_overall_lwlrap(random_clips, decimals):
    """With one decimal, most clips have ties; equal tags count as ranked above, as in scikit-learn."""
    targets, tags = random_clips[0], random_clips[1].round(decimals)
    lwlraps, weights = lwlrap_by_class(targets, tags)
    assert weights.sum() == pytest.approx(1)
    assert np.nansum(lwlraps * weights) == pytest.approx(lwlrap(targets, tags), rel=1e-9)
