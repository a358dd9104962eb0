import numpy as np
import pytest

from tagasc.config import Stage2
from tagasc.tagger.pools import Pool, soft_labelled_pool


def test_a_pool_has_the_labels_of_its_clips(events):
    pool = Pool.with_own_labels(events, np.array([2, 7]))
    assert pool.rows.tolist() == [2, 7]
    assert pool.targets.tolist() == [[1, 0, 1], [0, 0, 1]]


def make_pool(clips, probabilities=None, partner_probabilities=None):
    return Pool(np.arange(clips), np.zeros((clips, 1), np.float32), probabilities, partner_probabilities)


def test_a_pass_has_every_clip_once():
    pool, random = make_pool(5), np.random.default_rng(0)
    assert sorted(pool.draw_pass(random)) == [0, 1, 2, 3, 4]
    assert len({tuple(pool.draw_pass(random)) for _ in range(50)}) > 20


def test_a_pass_follows_the_probabilities():
    pool, random = make_pool(4, np.array([0.5, 0.3, 0.2, 0.0])), np.random.default_rng(0)
    passes = np.array([pool.draw_pass(random) for _ in range(500)])
    np.testing.assert_allclose(np.bincount(passes.ravel(), minlength=4) / 2000, [0.5, 0.3, 0.2, 0.0], atol=0.04)
    assert max(np.bincount(each).max() for each in passes) == 4  # with repetition


@pytest.mark.parametrize("probabilities", [None, [0.7, 0.1, 0.1, 0.1, 0.0]])
def test_partners_are_drawn_alike_or_by_their_own_probabilities(probabilities):
    given = None if probabilities is None else np.array(probabilities)
    pool = make_pool(5, np.array([0.0, 0.0, 0.0, 0.0, 1.0]), given)
    counts = np.bincount(pool.draw_partners(4000, np.random.default_rng(0)), minlength=5)
    np.testing.assert_allclose(counts / 4000, probabilities or [0.2] * 5, atol=0.025)


def soft_pool(events, settings):
    curated = Pool.with_own_labels(events, np.array([1, 3, 5, 7, 9]))
    soft_labels = np.random.default_rng(0).dirichlet(np.ones(3), 6).astype(np.float32)
    return soft_labelled_pool(curated, Pool(np.arange(10, 16), soft_labels), settings), soft_labels


@pytest.mark.parametrize("curated_share", [0.5, 0.2])
def test_curated_and_noisy_clips_share_the_soft_labelled_pool(events, curated_share):
    pool, soft_labels = soft_pool(events, Stage2(curated_share=curated_share))
    assert pool.rows.tolist() == [1, 3, 5, 7, 9, *range(10, 16)]
    np.testing.assert_array_equal(pool.targets[:5], events.targets[[1, 3, 5, 7, 9]])
    np.testing.assert_array_equal(pool.targets[5:], soft_labels)
    np.testing.assert_allclose(pool.probabilities, [curated_share / 5] * 5 + [(1 - curated_share) / 6] * 6)


@pytest.mark.parametrize(("mixup_partners", "curated"), [("uniform", 5 / 11), ("balanced", 0.8)])
def test_partners_of_soft_labelled_clips_are_drawn_from_all_clips_or_by_the_share(events, mixup_partners, curated):
    pool, _ = soft_pool(events, Stage2(curated_share=0.8, mixup_partners=mixup_partners))
    partners = pool.draw_partners(4000, np.random.default_rng(0))
    expected = [curated / 5] * 5 + [(1 - curated) / 6] * 6
    np.testing.assert_allclose(np.bincount(partners, minlength=11) / 4000, expected, atol=0.025)
