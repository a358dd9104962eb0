"""The variance of an accuracy, or of a difference of accuracies, that comes from the choice of locations.

Clips of one location resemble each other, so locations are the sampling units. Scenes are fixed, and each of them is a
stratum of its own. The estimate is the usual one for a ratio in strata of clusters. Each location's squared residual is
divided by the share that is expected to remain after its stratum's mean has been removed, as in the bias-reduced
linearisation of Bell and McCaffrey (2002), from which the degrees of freedom come as well. The working model is that
the locations of a stratum have independent effects of equal variance, of whatever number of clips.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Counts = NDArray[np.integer] | Floats


class Locations:
    """The locations of a test list, as the units of a weighted sum of correct clips.

    Clips are counted by group: a pair of scene and location. All groups of a location belong together.

    Parameters
    ----------
    scenes, locations
        The scene and the location of each group (groups,).
    clips
        Clips of each group (groups,).
    macro
        Whether the sum is the mean of the scenes' accuracies, and not the accuracy over all clips.

    Attributes
    ----------
    n_locations : int
        Number of locations.
    df : float
        Degrees of freedom of `variance`; NaN if there is a single location.

    Examples
    --------
    >>> locations = Locations(["bus", "bus", "bus"], ["oslo-0", "oslo-1", "oslo-2"], [10, 10, 10])
    >>> correct = np.array([4, 6, 8])
    >>> print(f"{locations.share(correct):.2f}, sd {locations.variance(correct) ** 0.5:.4f}, df {locations.df:.0f}")
    0.60, sd 0.1155, df 2
    """

    def __init__(
        self,
        scenes: Sequence[str] | NDArray[np.str_],
        locations: Sequence[str] | NDArray[np.str_],
        clips: Sequence[int] | Counts,
        *,
        macro: bool = False,
    ) -> None:
        of_scene = np.unique(scenes, return_inverse=True)[1]
        location = np.unique(locations, return_inverse=True)[1]
        size = np.asarray(clips, dtype=float)
        in_scene = np.bincount(of_scene, size)
        # Over all clips, weights of 1 keep sums exact.
        self._weights = 1 / in_scene[of_scene] if macro else np.ones(len(size))
        self._total = len(in_scene) if macro else size.sum()
        self.n_locations = int(location.max()) + 1
        weighted = self._weights * size / self._total  # each group's share of the sum
        stratum = _strata(of_scene, location)
        # From groups to residuals of locations: what a location has beyond its part of the stratum.
        same = stratum[:, None] == stratum
        part = weighted / np.bincount(stratum, weighted)[stratum]
        belongs = np.arange(self.n_locations)[:, None] == location
        residuals = belongs @ (np.eye(len(size)) - part[:, None] * same)
        # The same for the working model, in which a location's effect counts by its clips.
        effects = residuals @ (weighted[:, None] * belongs.T)
        left = (effects**2).sum(axis=1)
        if self.n_locations == 1:
            self._residuals, self.df = np.full((1, len(size)), np.nan), np.nan
            return
        scale = (belongs @ weighted) / np.sqrt(left)
        self._residuals = scale[:, None] * residuals * self._weights / self._total
        effects *= scale[:, None]
        self.df = float((effects**2).sum() ** 2 / ((effects @ effects.T) ** 2).sum())

    def share(self, correct: Counts) -> Floats:
        """Return the weighted sum of correct clips (..., groups): an accuracy, or a difference of two."""
        return np.asarray((correct * self._weights).sum(axis=-1) / self._total)

    def variance(self, correct: Counts) -> Floats:
        """Return the variance of `share` over the choice of locations; NaN if there is a single location."""
        return np.asarray(((correct @ self._residuals.T) ** 2).sum(axis=-1))


def _strata(scenes: NDArray[np.intp], locations: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the stratum of each group: its scene, unless the scene has a single location.

    A single location shows no variance within its scene. All such scenes form one stratum, and what sets them apart
    counts as variance between locations, so that intervals are rather too wide. If only one location is in that
    stratum, it joins the scene with the fewest locations.
    """
    strata = scenes.copy()
    n_locations = np.array([len(np.unique(locations[scenes == scene])) for scene in range(scenes.max() + 1)])
    single = n_locations[scenes] == 1
    if single.any():
        strata[single] = scenes[single].min()
        if len(np.unique(locations[single])) == 1 and not single.all():
            fewest = np.where(n_locations == 1, n_locations.max() + 1, n_locations).argmin()
            strata[single] = fewest
    return np.unique(strata, return_inverse=True)[1]
