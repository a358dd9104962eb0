import numpy as np
import pytest

from tagasc.tables.resampling import holm, percentile_interval, resampled_accuracies, resampled_means, sign_flip_test


def test_holm_by_hand():
    # Sorted: 0.01·4, 0.02·3, 0.03·2 is not above 0.06 before it, 0.5·1.
    assert holm(np.array([0.03, 0.01, 0.5, 0.02])) == pytest.approx([0.06, 0.04, 0.5, 0.06])
    assert holm(np.array([0.4, 0.9, 0.6])) == pytest.approx([1, 1, 1])
    assert holm(np.array([0.2])) == pytest.approx([0.2])


def test_intervals_cover():
    """Of 200 samples of 40 locations that differ in accuracy, about 95 % have an interval around the true mean."""
    generator = np.random.default_rng(0)
    covered = 0
    for sample in range(200):
        clips = generator.integers(5, 30, 40)
        correct = generator.binomial(clips, generator.beta(3, 1, 40))
        draws = resampled_accuracies(correct[None], clips, np.full(40, "bus"), 500, sample)
        low, high = percentile_interval(draws[:, 0])
        covered += low <= 0.75 <= high
    assert 0.9 <= covered / 200 <= 0.98


def test_resampled_seeds_have_the_spread_of_a_mean():
    values = np.tile([1.0, 2.0, 4.0], (50_000, 1))
    assert resampled_means(values, 0).std() == pytest.approx(np.std([1, 2, 4]) / np.sqrt(3), rel=0.02)
    assert (resampled_means(values[:, :1], 0) == 1).all()


def test_the_smallest_p_counts_the_signs_that_were_found():
    p = sign_flip_test(np.ones((1, 60), dtype=int), 100, 0)
    assert p == pytest.approx([1 / 101])
