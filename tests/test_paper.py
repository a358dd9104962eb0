from statistics import mean, stdev

import pytest

from tagasc.cells import cells_of_table
from tagasc.paper import ACCURACY, TABLE6_OURS, TABLE6_RIVALS


def test_table_5_has_the_statistics_of_noise_around_one_value():
    values = [ACCURACY[name] for name in cells_of_table(5)]
    assert round(mean(values), 2) == 75.80
    assert round(stdev(values), 2) == 0.44
    assert max(values) == TABLE6_OURS.accuracy == ACCURACY["shared-heads4-layers3"] == 76.75


def test_the_abstracts_figures_are_the_tables():
    assert ACCURACY["baseline"] == 73.63
    assert max(ACCURACY[name] for name in cells_of_table(2)) == 75.66
    assert max(ACCURACY[name] for name in cells_of_table(3)) == 76.58


@pytest.mark.parametrize("number", [4, 5])
def test_accuracies_are_whole_clips_of_4185(number):
    """Truncated to two decimals; fewer than half of all hundredths are possible."""
    possible = {int(10_000 * correct / 4185) for correct in range(4186)}
    assert all(round(100 * ACCURACY[name]) in possible for name in cells_of_table(number))


def test_ours_is_above_the_rivals():
    assert all(rival.accuracy < TABLE6_OURS.accuracy for rival in TABLE6_RIVALS)
