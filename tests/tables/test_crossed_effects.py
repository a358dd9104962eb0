from statistics import mean, variance

import numpy as np
import pytest
from scipy import stats

from tagasc.tables.crossed_effects import Estimate, Spread, Term, estimate
from tagasc.tables.locations import Locations

N = 10
LOCATIONS = Locations(["bus"] * 4, list("abcd"), [N] * 4)
OURS = np.array([[9, 8, 6, 9], [8, 8, 5, 7], [9, 9, 8, 9]])
THEIRS = np.array([[5, 5, 6, 4], [7, 4, 6, 6], [2, 5, 4, 3]])


def between_trainings(runs):
    """Return the variance of the accuracies of trainings, with loops."""
    return variance(sum(run) / (4 * N) for run in runs.tolist())


def interaction(runs):
    """Return the residual mean square of training and location per location, with loops."""
    shares = (runs / N).tolist()
    rows = [mean(row) for row in shares]
    columns = [mean(column) for column in zip(*shares, strict=True)]
    residuals = [
        (value - rows[r] - columns[c] + mean(rows)) ** 2 for r, row in enumerate(shares) for c, value in enumerate(row)
    ]
    return sum(residuals) / ((len(rows) - 1) * (len(columns) - 1)) / len(columns)


def test_the_pooled_spread_by_hand():
    spread = Spread.pooled(LOCATIONS, [OURS, THEIRS[:2]])
    assert spread.df == 3
    assert spread.variance == pytest.approx((2 * between_trainings(OURS) + between_trainings(THEIRS[:2])) / 3)
    assert spread.interaction == pytest.approx((2 * interaction(OURS) + interaction(THEIRS[:2])) / 3)


def test_a_difference_by_hand():
    spread = Spread.pooled(LOCATIONS, [OURS, THEIRS])
    found = estimate(LOCATIONS, Term(OURS, spread), Term(THEIRS, spread, -1))
    gains = [mean(ours) - mean(theirs) for ours, theirs in zip((OURS / N).T, (THEIRS / N).T, strict=True)]
    between_locations = variance(gains) / 4
    pooled = (between_trainings(OURS) + between_trainings(THEIRS)) / 2
    parts = [(2 * pooled + 2 * between_trainings(runs)) / 4 / 3 for runs in (OURS, THEIRS)]
    both = (interaction(OURS) + interaction(THEIRS)) / 3
    expected = between_locations + sum(parts) - both
    assert expected > max(between_locations, sum(parts))
    assert found.variance == pytest.approx(expected)
    of_parts = min(sum(parts) ** 2 / sum(part**2 / 4 for part in parts), 4)
    df = expected**2 / (between_locations**2 / 3 + sum(parts) ** 2 / of_parts)
    assert found.df == pytest.approx(df)
    t = stats.t(df)
    assert found.value == pytest.approx(mean(gains))
    assert found.p == pytest.approx(2 * t.sf(mean(gains) / expected**0.5))
    assert found.interval == pytest.approx([mean(gains) + end * t.ppf(0.975) * expected**0.5 for end in (-1, 1)])


def test_trainings_that_do_not_differ_leave_the_variance_between_locations():
    # The accuracies are equal and the interaction is not, so that the bound is at work.
    ours, theirs = np.array([[9, 5, 7, 8], [5, 9, 8, 7]]), np.array([[4, 6, 5, 9], [6, 4, 9, 5]])
    spread = Spread.pooled(LOCATIONS, [ours, theirs])
    assert spread.variance == 0 < spread.interaction
    found = estimate(LOCATIONS, Term(ours, spread), Term(theirs, spread, -1))
    assert found.variance == pytest.approx(float(LOCATIONS.variance(ours.mean(axis=0) - theirs.mean(axis=0))))
    assert found.df == pytest.approx(3)


def test_locations_that_do_not_differ_leave_the_variance_between_trainings():
    ours, theirs = np.array([[9] * 4, [7] * 4]), np.array([[6] * 4, [7] * 4])
    spread = Spread.pooled(LOCATIONS, [ours, theirs])
    found = estimate(LOCATIONS, Term(ours, spread), Term(theirs, spread, -1))
    parts = [(2 * spread.variance + between_trainings(runs)) / 3 / 2 for runs in (ours, theirs)]
    assert found.variance == pytest.approx(sum(parts))
    assert found.df == pytest.approx(2)  # no more than all trainings together have


def test_more_trainings_of_a_pool_count_more():
    few, many = (Spread.pooled(LOCATIONS, [OURS[:2], THEIRS[:2]] * times) for times in (1, 10))
    assert many.variance == pytest.approx(few.variance)
    found = [estimate(LOCATIONS, Term(OURS[:2], spread), Term(THEIRS[:2], spread, -1)) for spread in (few, many)]
    assert found[0].variance == pytest.approx(found[1].variance)
    assert found[0].df < found[1].df


def test_one_training_gives_an_interval_over_locations_and_no_p():
    spread = Spread.pooled(LOCATIONS, [OURS[:1], THEIRS[:1]])
    found = estimate(LOCATIONS, Term(OURS[:1], spread), Term(THEIRS[:1], spread, -1))
    assert found.variance == pytest.approx(float(LOCATIONS.variance(OURS[0] - THEIRS[0])))
    assert found.df == LOCATIONS.df
    assert np.isnan(found.p)
    assert not found.covers_trainings


def test_a_system_without_training_has_no_spread():
    spread = Spread.pooled(LOCATIONS, [OURS])
    control = np.repeat(THEIRS[:1], 3, axis=0)
    found = estimate(LOCATIONS, Term(OURS, spread), Term(control, None, -1))
    between_locations = float(LOCATIONS.variance(OURS.mean(axis=0) - THEIRS[0]))
    expected = between_locations + (between_trainings(OURS) - interaction(OURS)) / 3
    assert found.variance == pytest.approx(max(expected, between_locations))
    alone = estimate(LOCATIONS, Term(control, None))
    assert alone.variance == pytest.approx(float(LOCATIONS.variance(THEIRS[0])))


def test_what_is_equal_does_not_differ():
    spread = Spread.pooled(LOCATIONS, [OURS[[0, 0]]] * 2)
    found = estimate(LOCATIONS, Term(OURS[[0, 0]], spread), Term(OURS[[0, 0]], spread, -1))
    assert (found.value, found.variance, found.interval, found.p) == (0, 0, (0, 0), 1)


def test_what_always_differs_by_the_same_amount_is_certain():
    runs = np.full((2, 4), 9)
    spread = Spread.pooled(LOCATIONS, [runs, runs - 4])
    found = estimate(LOCATIONS, Term(runs, spread), Term(runs - 4, spread, -1))
    assert (found.variance, found.p) == (pytest.approx(0, abs=1e-20), 0)


def test_one_location_gives_no_interval():
    one = Locations(["bus"], ["a"], [40])
    runs = OURS.sum(axis=1, keepdims=True)
    found = estimate(one, Term(runs, Spread.pooled(one, [runs])))
    assert found.value == pytest.approx(OURS.mean() / N)
    assert np.isnan([*found.interval, *found.share_interval, found.p]).all()


def test_the_interval_of_an_accuracy_is_wilsons():
    found = Estimate(0.7, 0.7 * 0.3 / 50, 1e9, 10, covers_trainings=True).share_interval
    assert found == pytest.approx(stats.binomtest(35, 50).proportion_ci(method="wilson"), rel=1e-6)


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_all_clips_right_or_wrong_leave_a_doubt(value):
    low, high = Estimate(value, 0.0, 1e9, 10, covers_trainings=True).share_interval
    assert (low, high) == pytest.approx(stats.binomtest(round(10 * value), 10).proportion_ci(method="wilson"), rel=1e-6)
    assert 0 <= low < high <= 1
