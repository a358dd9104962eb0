"""Intervals and tests that cover both the choice of locations and chance between trainings.

A system is trained several times, and every training is tested at the same locations. This is the design of studies
with several readers and cases: trainings take the place of readers, and locations that of cases. Their usual analysis
has crossed random effects (Dorfman, Berbaum and Metz 1992; Obuchowski and Rockette 1995; Hillis 2007). The variance of
a difference between two systems of k trainings each is

    V = L + R - E.

L is the variance over locations of the mean over trainings. R is the variance between trainings, of both systems,
divided by k. E is the interaction of training and location, which L and R both contain. The expectations of L and of R
are not above that of V, so the estimate of V is not below either of them. Degrees of freedom are Satterthwaite's.

Two or three trainings hardly show how much a system varies, but the trainings of all cells together do. Each system's
own variance is therefore combined with the pooled one, as in Smyth (2004). In that method, the data decide how much the
pooled variance counts. Here, it counts as `POOLED_DF` degrees of freedom: with two trainings per cell, data cannot tell
equal from unequal variances, and a plain pool gives too many false alarms where they are unequal.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Self

import numpy as np
from scipy.special import stdtr, stdtrit

from tagasc.tables.locations import Counts, Locations

POOLED_DF = 2
"""Degrees of freedom as which the pooled variance between trainings counts."""
_ROUNDING = 1e-18
"""A variance below this is rounding: one clip of a million gives more."""


@dataclass(frozen=True)
class Spread:
    """Variance between trainings, pooled over systems.

    Parameters
    ----------
    variance
        Variance of the accuracy of single trainings.
    interaction
        The part of it that comes from the interaction of training and location.
    df
        Degrees of freedom of both; 0 if no system has two trainings.
    """

    variance: float
    interaction: float
    df: int

    @classmethod
    def pooled(cls, locations: Locations, systems: Sequence[Counts]) -> Self:
        """Pool the correct clips of systems, each (trainings, groups)."""
        deviations = [runs - runs.mean(axis=0) for runs in systems]
        df = sum(len(runs) - 1 for runs in systems)
        variance = sum(float((locations.share(runs) ** 2).sum()) for runs in deviations)
        interaction = sum(float(locations.variance(runs).sum()) for runs in deviations)
        return cls(variance / max(df, 1), interaction / max(df, 1), df)


@dataclass(frozen=True)
class Term:
    """A system, as part of a signed sum.

    Parameters
    ----------
    runs
        Correct clips of each training and group (trainings, groups).
    spread
        What is known about chance between its trainings; None if it has no training, so that there is no such chance.
    sign
        1 or -1.
    """

    runs: Counts
    spread: Spread | None
    sign: int = 1


@dataclass(frozen=True)
class Estimate:
    """An accuracy or a difference, and how far it can be trusted.

    Parameters
    ----------
    value, variance
        The estimate and its variance.
    df
        Degrees of freedom of the variance.
    n_locations
        Number of locations.
    covers_trainings
        Whether the variance contains chance between trainings. With one training per system, it cannot.
    """

    value: float
    variance: float
    df: float
    n_locations: int
    covers_trainings: bool

    @property
    def p(self) -> float:
        """Two-sided p-value against 0; NaN if the variance does not contain chance between trainings."""
        if not self.covers_trainings or np.isnan(self.variance):
            return np.nan
        if self.variance < _ROUNDING:  # all locations and trainings agree
            return float(self.value == 0)
        return 2 * float(stdtr(self.df, -abs(self.value) / sqrt(self.variance)))

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of Student's t."""
        half_width = self._quantile * sqrt(self.variance)
        return self.value - half_width, self.value + half_width

    @property
    def share_interval(self) -> tuple[float, float]:
        """The 95 % interval of an accuracy: Wilson's, for the number of clips that would give the same variance.

        It lies within 0 and 1. If all clips are right or wrong, each location counts as one clip.
        """
        binomial = self.value * (1 - self.value)
        certain = binomial < _ROUNDING**0.5 or self.variance < _ROUNDING
        n = self.n_locations if certain else binomial / self.variance
        excess = self._quantile**2 / n
        middle = (self.value + excess / 2) / (1 + excess)
        half_width = sqrt(excess * (binomial + excess / 4)) / (1 + excess)
        return middle - half_width, middle + half_width

    @property
    def _quantile(self) -> float:
        return float(stdtrit(self.df, 0.975))


def estimate(locations: Locations, *terms: Term) -> Estimate:
    """Estimate the accuracy of a system, or a difference between systems whose trainings are independent.

    Examples
    --------
    >>> locations = Locations(["bus"] * 3, ["oslo-0", "oslo-1", "oslo-2"], [10, 10, 10])
    >>> ours, theirs = np.array([[7, 8, 6], [9, 8, 7]]), np.array([[5, 5, 6], [4, 6, 5]])
    >>> spread = Spread.pooled(locations, [ours, theirs])
    >>> difference = estimate(locations, Term(ours, spread), Term(theirs, spread, -1))
    >>> print(f"{difference.value:.3f}, df {difference.df:.1f}, p {difference.p:.3f}")
    0.233, df 2.1, p 0.091
    """
    combined = sum(term.sign * term.runs.mean(axis=0) for term in terms)
    value, between_locations = float(locations.share(combined)), float(locations.variance(combined))
    trained = [(term.runs, term.spread) for term in terms if term.spread is not None]
    covers = all(len(runs) > 1 for runs, _ in trained)
    variance, df = between_locations, locations.df
    if trained and covers:
        between_runs, runs_df = _between_runs(locations, trained)
        interaction = sum(spread.interaction / len(runs) for runs, spread in trained)
        variance = max(between_locations + between_runs - interaction, between_locations, between_runs)
        if variance > between_locations:
            uncertainty = between_runs**2 / runs_df
            if variance > between_runs:  # otherwise, the bound has left out the locations
                uncertainty += between_locations**2 / locations.df
            df = variance**2 / uncertainty
    return Estimate(value, variance, df, locations.n_locations, covers)


def _between_runs(locations: Locations, trained: Sequence[tuple[Counts, Spread]]) -> tuple[float, float]:
    """Return the variance between trainings in a sum of systems' means, and its degrees of freedom."""
    parts, uncertainties, most = [], [], 0
    for runs, spread in trained:
        own, own_df = locations.share(runs).var(ddof=1), len(runs) - 1
        pooled_df, all_df = min(POOLED_DF, spread.df), max(spread.df, own_df)
        parts.append((pooled_df * spread.variance + own_df * own) / (pooled_df + own_df) / len(runs))
        uncertainties.append(parts[-1] ** 2 / min(pooled_df + own_df, all_df))
        most = max(most, all_df)
    total, uncertainty = sum(parts), sum(uncertainties)
    return total, min(total**2 / uncertainty, most) if uncertainty else most
