"""Bootstrap intervals and permutation tests over locations and seeds.

Clips of one location were recorded in one session and are not independent, so locations are resampled and not clips.
All cells of a corpus share the same resamples: the numbers of a cell do not depend on which other cells there are.
"""

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.integer]
Floats = NDArray[np.floating]

# Independent streams of random numbers that follow from one seed.
_LOCATIONS, _SEEDS, _SIGNS = range(3)


def resampled_accuracies(
    correct: Counts, clips: Counts, scenes: NDArray[np.str_], n_resamples: int, seed: int
) -> Floats:
    """Return accuracies of bootstrap resamples, with locations resampled within their scenes.

    A resample draws from each scene as many locations as it has, with replacement and with all of their clips. A scene
    with a single location contributes no spread.

    Parameters
    ----------
    correct
        Correct clips of each run at each location (runs, locations).
    clips
        Clips at each location (locations,).
    scenes
        The scene of each location (locations,).
    n_resamples, seed
        Number of resamples and their seed.

    Returns
    -------
    Floats
        (resamples, runs); row i of all runs comes from the same locations.
    """
    random = np.random.default_rng([seed, _LOCATIONS])
    # Sums of clips are exact in single precision up to 16 million.
    times = np.empty((n_resamples, len(scenes)), dtype=np.float32)
    for scene in np.unique(scenes):
        (members,) = np.nonzero(scenes == scene)
        times[:, members] = random.multinomial(len(members), np.full(len(members), 1 / len(members)), size=n_resamples)
    return (times @ correct.T.astype(np.float32)) / (times @ clips.astype(np.float32))[:, None].astype(np.float64)


def resampled_means(values: Floats, seed: int) -> Floats:
    """Return the mean over seeds of each row (resamples, seeds), with seeds resampled; one seed stays as it is."""
    n_resamples, n = values.shape
    times = np.random.default_rng([seed, _SEEDS]).multinomial(n, np.full(n, 1 / n), size=n_resamples)
    return np.einsum("ds,ds->d", times, values) / n


def percentile_interval(resamples: Floats) -> tuple[float, float]:
    """Return the 95 % percentile interval of bootstrap resamples (resamples,)."""
    low, high = np.quantile(resamples, (0.025, 0.975))
    return float(low), float(high)


def sign_flip_test(differences: Counts, n_resamples: int, seed: int) -> Floats:
    """Return two-sided p-values of paired differences (tests, locations) against no difference.

    Under the null hypothesis, each location's difference could have the other sign. p is the share of random signs
    whose sum is at least as far from zero as the observed one. The observed signs count as well:
    p = (1 + hits) / (1 + n_resamples).
    """
    random = np.random.default_rng([seed, _SIGNS])
    flips = random.integers(0, 2, size=(n_resamples, differences.shape[1]), dtype=np.int8)
    # Whole numbers below 2^24 are exact in single precision, so ties are ties.
    sums = (2 * flips - 1).astype(np.float32) @ differences.T.astype(np.float32)
    hits = (np.abs(sums) >= np.abs(differences.sum(axis=1))).sum(axis=0)
    return (1 + hits) / (1 + n_resamples)


def holm(p: Floats) -> Floats:
    """Return p-values (tests,) adjusted for their number by Holm's step-down procedure."""
    order = np.argsort(p, kind="stable")
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)), 1)
    return adjusted
