"""Statistics of printed accuracies, for the audit of the paper's own numbers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist, mean, stdev
from typing import Literal

from scipy.integrate import quad
from scipy.stats import binom

Printing = Literal["truncated", "rounded"]
"""How an accuracy gets its two decimals."""

_NORMAL = NormalDist()


@dataclass(frozen=True)
class Fit:
    """How well some values fit a number of clips.

    Parameters
    ----------
    values
        Number of distinct values.
    impossible
        Those, in per cent, that no whole number of correct clips gives.
    chance
        Probability that at least as many fit among as many values drawn at random from all hundredths.
    """

    values: int
    impossible: list[float]
    chance: float


@dataclass(frozen=True)
class Spread:
    """Statistics of n values, compared with n draws from a normal distribution of the same mean and deviation.

    Parameters
    ----------
    n, mean, sd, maximum
        Statistics of the values.
    expected_maximum
        Expected maximum of the draws.
    chance
        Probability that the maximum of the draws reaches that of the values.
    """

    n: int
    mean: float
    sd: float
    maximum: float
    expected_maximum: float
    chance: float


def possible_hundredths(clips: int, printing: Printing) -> set[int]:
    """Return how accuracies on a number of clips can be printed, in hundredths of a per cent."""
    # In whole numbers, so that no binary fraction decides. With an odd number of clips nothing lies halfway.
    half = clips if printing == "rounded" else 0
    return {(20_000 * correct + half) // (2 * clips) for correct in range(clips + 1)}


def fit(values: Iterable[float], clips: int, printing: Printing) -> Fit:
    """Test whether values in per cent are possible on a number of clips."""
    possible, distinct = possible_hundredths(clips, printing), sorted({round(100 * value) for value in values})
    misses = [value / 100 for value in distinct if value not in possible]
    hits = len(distinct) - len(misses)
    return Fit(len(distinct), misses, float(binom.sf(hits - 1, len(distinct), len(possible) / 10_001)))


def standard_error(accuracy: float, clips: int) -> float:
    """Return the binomial standard error, in points, of an accuracy in per cent on independent clips."""
    return sqrt(accuracy * (100 - accuracy) / clips)


def largest_difference(sd: float) -> float:
    """Return the difference that two independent normal draws of this deviation exceed in 5 % of cases."""
    return sqrt(2) * _NORMAL.inv_cdf(0.975) * sd


def expected_maximum(n: int) -> float:
    """Return the expected maximum of n standard normal draws."""
    return float(quad(lambda x: x * n * _NORMAL.pdf(x) * _NORMAL.cdf(x) ** (n - 1), -10, 10)[0])


def spread(values: Sequence[float]) -> Spread:
    """Compare the maximum of values with what noise of their own mean and standard deviation would give."""
    n, centre, sd, maximum = len(values), mean(values), stdev(values), max(values)
    chance = 1 - _NORMAL.cdf((maximum - centre) / sd) ** n
    return Spread(n, centre, sd, maximum, centre + sd * expected_maximum(n), chance)
