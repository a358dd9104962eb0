import numpy as np
import pytest

from tagasc.tagger.pools import Pool, soft_labelled_pool


def test_a_pool_has_the_labels_of_its_clips(events):
    pool = Pool.with_own_labels(events, np.array([2, 7]))
    assert pool.rows.tolist() == [2, 7]
    assert pool.targets.tolist() == [[1, 0, 1], [0, 0, 1]]


def test_no_clip_is_repeated_before_all_are_drawn():
    pool, random = Pool(np.arange(5), np.zeros((5, 1), np.float32)), np.random.default_rng(0)
    assert sorted(pool.draw(5, random)) == [0, 1, 2, 3, 4]
    assert len(set(pool.draw(3, random))) == 3
    assert np.bincount(pool.draw(15, random)).tolist() == [3] * 5
    assert len({tuple(pool.draw(5, random)) for _ in range(50)}) > 20


def test_draws_follow_the_probabilities():
    pool = Pool(np.arange(3), np.zeros((3, 1), np.float32), np.array([0.5, 0.5, 0.0]))
    counts = np.bincount(pool.draw(2000, np.random.default_rng(0)), minlength=3)
    np.testing.assert_allclose(counts / 2000, [0.5, 0.5, 0.0], atol=0.04)


@pytest.mark.parametrize("curated_share", [0.5, 0.2])
def test_curated_and_noisy_clips_share_the_soft_labelled_pool(events, curated_share):
    curated = Pool.with_own_labels(events, np.array([1, 3, 5, 7, 9]))
    noisy = Pool.with_own_labels(events, np.arange(10, 16))
    soft_labels = np.random.default_rng(0).dirichlet(np.ones(3), 6).astype(np.float32)
    pool = soft_labelled_pool(curated, noisy, soft_labels, curated_share)
    assert pool.rows.tolist() == [1, 3, 5, 7, 9, *range(10, 16)]
    np.testing.assert_array_equal(pool.targets[:5], events.targets[curated.rows])
    np.testing.assert_array_equal(pool.targets[5:], soft_labels)
    np.testing.assert_allclose(pool.probabilities, [curated_share / 5] * 5 + [(1 - curated_share) / 6] * 6)
