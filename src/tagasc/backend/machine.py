"""One support vector machine: scikit-learn's SVC with gamma='scale', if wanted on standardised values.

As in the released code of Jung et al. (2019) [22], codes are not scaled by default and scenes are not weighted.

Alternatives to scikit-learn's own SVC were measured on one core of an AMD EPYC, with synthetic codes of the paper's
size that reach 74 %. A precomputed Gram matrix takes as long as libsvm's own: 3.5 s to fit and predict with rbf.
scikit-learn-intelex 2026.2 saves a third with rbf and nothing with sigmoid, but differs in 2 and 199 of 5,215
predictions.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from tagasc.artifacts.tags import STANDARDISED_LIMIT
from tagasc.backend.fitted_machine import Codes, FittedMachine, Labels


@dataclass(frozen=True)
class Machine:
    """A support vector machine with given options.

    Parameters
    ----------
    name
        What the column ``kernel`` of scores and predictions calls it.
    kernel
        "linear", "rbf" or "sigmoid".
    C
        Inverse strength of the regularisation.
    standardise
        Whether each value is standardised with its mean and standard deviation over the training clips.

    Examples
    --------
    >>> codes, scenes = np.array([[0.0], [1.0]]), np.array(["bus", "park"])
    >>> Machine("rbf", "rbf", C=1).predict(codes, scenes, np.array([[0.9]])).tolist()
    ['park']
    """

    name: str
    kernel: str
    C: float
    standardise: bool = False

    def predict(self, codes: Codes, labels: Labels, others: Codes) -> Labels:
        """Fit the machine and return its predictions.

        Parameters
        ----------
        codes, labels
            Training codes (clips, code) and their scenes (clips,).
        others
            Codes to classify (other clips, code).

        Returns
        -------
        ndarray
            Predicted scenes (other clips,). If the training clips have a single scene, it is predicted for all.
        """
        scenes = np.unique(labels)
        if len(scenes) == 1:  # a fold of a tiny corpus can have a single scene, and SVC refuses that
            return np.repeat(scenes, len(others))
        codes, others = self._scale(codes, others)
        predicted: Labels = self._fit(codes, labels).predict(others)
        return predicted

    def decide(self, codes: Codes, labels: Labels, others: Codes) -> NDArray[np.float64]:
        """Fit the machine and return its one-vs-rest decision values.

        With three scenes or more, a value is the number of pairwise comparisons that the scene wins, plus or minus
        less than a third for the distances to the margins. Values of different machines thus have one scale. With two
        scenes, they are the distance to the boundary and its negative, in units of the margin.

        Parameters
        ----------
        codes, labels, others
            As in `predict`.

        Returns
        -------
        ndarray
            Decision values (other clips, scenes), for the sorted scenes of the training clips.
        """
        if len(np.unique(labels)) == 1:
            return np.zeros((len(others), 1))
        codes, others = self._scale(codes, others)
        values = self._fit(codes, labels).decision_function(others)
        return values if values.ndim == 2 else np.stack([-values, values], axis=1)

    def fit(self, codes: Codes, labels: Labels) -> FittedMachine:
        """Fit the machine and return it; ``codes`` and ``labels`` are those of `predict`, of two scenes or more."""
        scaler = StandardScaler().fit(codes) if self.standardise else None
        scaled, _ = self._scale(codes, codes)
        nothing = np.zeros(0)
        mean, deviation = (nothing, nothing) if scaler is None else (scaler.mean_, scaler.scale_)
        return FittedMachine.of(self._fit(scaled, labels), mean, deviation, scaled)

    def _fit(self, codes: Codes, labels: Labels) -> SVC:
        return SVC(C=self.C, kernel=self.kernel, gamma="scale").fit(codes, labels)

    def _scale(self, codes: Codes, others: Codes) -> tuple[Codes, Codes]:
        """Return training codes and others, standardised if wanted; what is constant in training gets variance 1."""
        if not self.standardise:
            return codes, others
        scaler = StandardScaler().fit(codes)
        limits = -STANDARDISED_LIMIT, STANDARDISED_LIMIT
        return np.clip(scaler.transform(codes), *limits), np.clip(scaler.transform(others), *limits)
