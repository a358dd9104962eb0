from statistics import mean, stdev

import pytest

from tagasc.paper.grid import CELLS, cells_of_table
from tagasc.paper.numbers import ACCURACY, TABLE6_BASELINE, TABLE6_CITED, TABLE6_OURS, accuracies


def test_every_cell_has_an_accuracy_and_every_accuracy_a_cell():
    assert list(ACCURACY) == list(CELLS)


@pytest.mark.parametrize(
    ("cell", "accuracy"),
    [
        ("before_code-layers3", 75.66),
        ("attention-heads2-layers1", 76.58),
        ("attention-heads32-layers0", 75.14),
        ("separate-heads2-concat4-attention3", 75.17),
        ("separate-heads4-concat3-attention4", 75.84),
        ("shared-heads16-layers1", 75.81),
    ],
)
def test_accuracies_belong_to_their_cells(cell, accuracy):
    assert ACCURACY[cell] == accuracy


def test_accuracies_of_several_tables_follow_each_other():
    assert accuracies(4, 2) == [ACCURACY[name] for number in (4, 2) for name in cells_of_table(number)]


def test_the_statistics_of_table_5():
    values = accuracies(5)
    assert len(values) == 20
    assert round(mean(values), 2) == 75.80
    assert round(stdev(values), 2) == 0.44
    assert max(values) == TABLE6_OURS.accuracy == ACCURACY["shared-heads4-layers3"] == 76.75


def test_the_numbers_of_the_abstract_are_in_the_tables():
    assert ACCURACY["baseline"] == 73.63
    assert max(accuracies(2)) == 75.66
    assert max(accuracies(3)) == 76.58


@pytest.mark.parametrize("number", [4, 5])
def test_accuracies_are_whole_numbers_of_4185_clips(number):
    """Truncated to two decimals, fewer than half of all hundredths are possible."""
    possible = {int(10_000 * correct / 4185) for correct in range(4186)}
    assert all(round(100 * accuracy) in possible for accuracy in accuracies(number))


def test_ours_is_above_the_cited_systems():
    assert all(cited.accuracy < TABLE6_OURS.accuracy for cited in TABLE6_CITED)
    assert TABLE6_BASELINE.name == "Jung et al. [22]"
