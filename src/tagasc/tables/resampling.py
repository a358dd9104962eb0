"""Intervals and tests by resampling locations and seeds.

Clips of one location are recorded in one go and stand or fall together, so locations are resampled and not clips. All
draws of a corpus are shared by all cells: a cell's figures do not depend on which others there are.
"""

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.integer]
Floats = NDArray[np.floating]

# Independent streams that follow from one seed.
_LOCATIONS, _SEEDS, _SIGNS = range(3)


def resampled_accuracies(correct: Counts, clips: Counts, scenes: NDArray[np.str_], draws: int, seed: int) -> Floats:
    """Return bootstrap draws of accuracies, with locations resampled within their scenes.

    A draw takes from each scene as many of its locations as it has, with replacement, with all of their clips. A scene
    with a single location contributes no spread.

    Parameters
    ----------
    correct
        Correct clips of each run at each location (runs, locations).
    clips
        Clips at each location (locations,).
    scenes
        The scene of each location (locations,).
    draws, seed
        How many, and which.

    Returns
    -------
    Floats
        (draws, runs); row i of all runs comes from the same locations.
    """
    random = np.random.default_rng([seed, _LOCATIONS])
    # Sums of clips are exact in single precision up to 16 million.
    times = np.empty((draws, len(scenes)), dtype=np.float32)
    for scene in np.unique(scenes):
        (members,) = np.nonzero(scenes == scene)
        times[:, members] = random.multinomial(len(members), np.full(len(members), 1 / len(members)), size=draws)
    return (times @ correct.T.astype(np.float32)) / (times @ clips.astype(np.float32))[:, None].astype(np.float64)


def resampled_means(values: Floats, seed: int) -> Floats:
    """Return the mean over seeds of each draw (draws, seeds) with seeds resampled, or the value of a single one."""
    draws, n = values.shape
    times = np.random.default_rng([seed, _SEEDS]).multinomial(n, np.full(n, 1 / n), size=draws)
    return np.einsum("ds,ds->d", times, values) / n


def interval(draws: Floats) -> tuple[float, float]:
    """Return the 95 % percentile interval of bootstrap draws (draws,)."""
    low, high = np.quantile(draws, (0.025, 0.975))
    return float(low), float(high)


def sign_flip_test(differences: Counts, draws: int, seed: int) -> Floats:
    """Return two-sided p-values of paired differences (tests, locations), each against none.

    If there were no difference, a location's could as well have the other sign. p is the share of random signs with
    which the sum is at least as far from zero as the one found; that one counts, too: (1 + hits) / (1 + draws).
    """
    flips = np.random.default_rng([seed, _SIGNS]).integers(0, 2, size=(draws, differences.shape[1]), dtype=np.int8)
    # Whole numbers below 2^24 are exact in single precision, so ties are ties.
    sums = (2 * flips - 1).astype(np.float32) @ differences.T.astype(np.float32)
    hits = (np.abs(sums) >= np.abs(differences.sum(axis=1))).sum(axis=0)
    return (1 + hits) / (1 + draws)


def holm(p: Floats) -> Floats:
    """Return p-values (tests,) adjusted for their number by Holm's step-down procedure."""
    order = np.argsort(p, kind="stable")
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)), 1)
    return adjusted
