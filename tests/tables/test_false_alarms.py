"""A small part of benchmarks/false_alarms.py, with margins of three standard errors."""

import numpy as np
import pytest

from benchmarks.false_alarms import PAPER, crossed_effects, errors, power, sign_flips
from benchmarks.simulated import Population, Setting

REPETITIONS = 150
# Accuracies of one experiment share their locations, and differences share the baseline and half of their variance.
MARGIN_OF_ACCURACIES = 3 * np.sqrt(0.05 * 0.95 / REPETITIONS)
MARGIN_OF_DIFFERENCES = MARGIN_OF_ACCURACIES / np.sqrt(2)

SETTINGS = [
    (Setting("the paper's size", PAPER, (28,), (2.0,) * 12), 2),
    (Setting("unequal spreads", PAPER, (28,), (0.5, *(0.5, 2.0) * 6)), 3),
    (Setting("the demo's size", (3,) * 6, (7, 7, 6), (1.0,) * 12), 3),
    (Setting("unequal clips", (3,) * 10, None, (2.0,) * 12), 2),
    (Setting("one location per scene", (1,) * 9, (20,), (1.0,) * 4), 2),
]


@pytest.mark.parametrize(("setting", "trainings"), SETTINGS, ids=lambda value: getattr(value, "name", ""))
def test_false_alarms_are_rare_and_intervals_cover(setting, trainings):
    alarms, differences, accuracies = errors(crossed_effects, setting, trainings, REPETITIONS)
    assert alarms == pytest.approx(differences)  # the test and the interval agree
    assert alarms <= 0.06 + MARGIN_OF_DIFFERENCES
    assert accuracies <= 0.06 + MARGIN_OF_ACCURACIES


def test_sign_flips_take_the_trainings_as_given():
    setting, trainings = SETTINGS[0]
    assert errors(sign_flips, setting, trainings, 30)[0] > 0.2


def test_large_differences_are_found():
    few, some = power(0.5, 2, 20), power(0.5, 5, 20)
    assert (np.diff(few) >= 0).all()
    assert few[0] < 0.2
    assert some[-1] > 0.9


def test_simulated_systems_have_the_given_accuracy_and_spread():
    population = Population(Setting("", PAPER, (1000,), (0.0, 1.0, 2.0)), seed=0)
    samples = [population.draw(16) for _ in range(60)]
    shares = np.array([sample.correct.sum(axis=2) / sample.clips.sum() for sample in samples])
    assert shares.mean(axis=(0, 2)) == pytest.approx(samples[0].truth, abs=0.005)
    assert samples[0].truth == pytest.approx([0.75] * 3, abs=0.001)
    spreads = 100 * np.sqrt(shares.var(axis=2, ddof=1).mean(axis=0))
    interaction = spreads[0]  # with its locations, a training differs by this much
    assert np.sqrt(spreads[1:] ** 2 - interaction**2) == pytest.approx([1, 2], rel=0.1)
