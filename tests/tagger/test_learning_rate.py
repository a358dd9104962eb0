import math

import pytest

from tagasc.config import TaggerTraining
from tagasc.tagger.learning_rate import CosineRestarts


def test_a_cycle_ends_with_the_lowest_learning_rate():
    """With four steps of descent a cycle has five; values are 1e-6 + 9.99e-4 * (1 + cos(phase * pi)) / 2."""
    schedule = CosineRestarts(TaggerTraining(), steps_per_cycle=4)
    cycle = [1e-3, 8.536998372e-4, 5.005e-4, 1.473001628e-4, 1e-6]
    assert [schedule.at(step) for step in range(15)] == pytest.approx(cycle * 3, rel=1e-9)


def test_it_is_the_schedule_of_the_released_code():
    """The released scheduler counts steps and restarts when the count exceeds the length."""
    schedule, count = CosineRestarts(TaggerTraining(), steps_per_cycle=63), 0
    for step in range(300):
        expected = 1e-6 + 0.5 * (1e-3 - 1e-6) * (1 + math.cos(count * math.pi / 63))
        assert schedule.at(step) == pytest.approx(expected, rel=1e-9)
        count = 0 if count + 1 > 63 else count + 1
    assert [schedule.at(step) for step in (0, 64, 128)] == [1e-3] * 3
