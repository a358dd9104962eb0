"""Simulated experiments: correct clips of systems whose expected accuracies are known.

Whether a clip is classified correctly is drawn by a probability. Its logit is the sum of the scene, the difficulty of
the location, the system's strength at the location, the training's strength there, and the training's strength overall.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.polynomial.hermite_e import hermegauss
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit

Floats = NDArray[np.float64]

ACCURACY = 0.75
SCENES, LOCATION, SYSTEM, TRAINING = 2.1, 1.5, 0.5, 0.3
"""In logits: the range of the scenes, and the standard deviations of the other parts."""


@dataclass(frozen=True)
class Setting:
    """A test list, and systems with the same expected accuracy; the first of them is the baseline.

    Parameters
    ----------
    name
        What it stands for.
    per_scene
        Locations of each scene.
    clips
        Clips of the locations, repeated as often as needed; None for 1 to 60, drawn again for each experiment.
    spreads
        Standard deviation between trainings of each system, in points.
    """

    name: str
    per_scene: Sequence[int]
    clips: Sequence[int] | None
    spreads: Sequence[float]


@dataclass(frozen=True)
class Sample:
    """One experiment.

    Parameters
    ----------
    scenes, clips
        The scene and the number of clips of each location (locations,).
    correct
        Correct clips (systems, trainings, locations).
    truth
        Expected accuracies (systems,).
    """

    scenes: NDArray[np.str_]
    clips: NDArray[np.int64]
    correct: NDArray[np.int64]
    truth: Floats


class Population:
    """Locations, systems and trainings to draw from.

    >>> sample = Population(Setting("small", (2, 2), (10,), (0.0, 1.0)), seed=0).draw(trainings=3)
    >>> sample.correct.shape
    (2, 3, 4)
    """

    def __init__(self, setting: Setting, seed: int) -> None:
        self._clips, self._random = setting.clips, np.random.default_rng(seed)
        self._scenes = np.repeat(np.arange(len(setting.per_scene)), setting.per_scene)
        self._offsets = np.linspace(-SCENES / 2, SCENES / 2, len(setting.per_scene))
        share = np.bincount(self._scenes) / len(self._scenes)
        self._middle = brentq(lambda middle: share @ self._expected(middle) - ACCURACY, -5, 9)
        slope = share @ (self._expected(self._middle + 0.01) - self._expected(self._middle - 0.01)) / 0.02
        self._spreads = np.asarray(setting.spreads) / 100 / slope
        self._expectations = np.array([self._expected(self._middle, spread) for spread in self._spreads])

    def draw(self, trainings: int) -> Sample:
        """Draw one experiment with this number of trainings per system."""
        n, systems, normal = len(self._scenes), len(self._spreads), self._random.standard_normal
        clips = self._random.integers(1, 61, n) if self._clips is None else np.resize(self._clips, n)
        logits = (
            (self._middle + self._offsets[self._scenes] + LOCATION * normal(n))
            + SYSTEM * normal((systems, 1, n))
            + TRAINING * normal((systems, trainings, n))
            + self._spreads[:, None, None] * normal((systems, trainings, 1))
        )
        truth = self._expectations @ (np.bincount(self._scenes, clips) / clips.sum())
        return Sample(self._scenes.astype(str), clips, self._random.binomial(clips, expit(logits)), truth)

    def _expected(self, middle: float, spread: float = 0.0) -> Floats:
        """Return the expected accuracy of each scene."""
        points, weights = hermegauss(61)
        sd = np.sqrt(LOCATION**2 + SYSTEM**2 + TRAINING**2 + spread**2)
        return np.asarray(expit(middle + self._offsets[:, None] + sd * points) @ weights / weights.sum())
