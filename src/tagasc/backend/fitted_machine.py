"""A fitted support vector machine as arrays: what a bundle keeps, and nobody has to unpickle."""

from dataclasses import dataclass
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.svm import SVC

from tagasc.artifacts.tags import STANDARDISED_LIMIT

Codes = NDArray[np.float64]
"""Codes, or other values for each clip (clips, code)."""
Labels = NDArray[Any]
"""One label per clip (clips,)."""

_ARRAYS = ("support_vectors", "coefficients", "intercepts", "counts", "scenes", "kernel", "gamma", "mean", "deviation")


@dataclass(frozen=True)
class FittedMachine:
    """A support vector machine with one decision value for each pair of scenes, as libsvm computes it.

    Parameters
    ----------
    scenes
        The scenes, sorted.
    kernel, gamma
        "linear", "rbf" or "sigmoid", and the factor in the last two.
    support_vectors
        (support vectors, code), in the order of their scenes.
    coefficients
        (scenes - 1, support vectors), libsvm's dual coefficients.
    intercepts
        (pairs,), in the order of ``itertools.combinations``.
    counts
        Number of support vectors of each scene, (scenes,).
    mean, deviation
        What codes are standardised with, (code,); empty if they are not.
    """

    scenes: list[str]
    kernel: str
    gamma: float
    support_vectors: Codes
    coefficients: Codes
    intercepts: Codes
    counts: NDArray[np.int64]
    mean: Codes
    deviation: Codes

    @classmethod
    def of(cls, machine: SVC, mean: Codes, deviation: Codes, codes: Codes) -> Self:
        """Return the arrays of a fitted machine; ``codes`` are those on which it was fitted, already standardised."""
        variance = float(codes.var())
        # With two scenes, scikit-learn turns libsvm's signs around.
        sign = -1 if len(machine.classes_) == 2 else 1
        return cls(
            scenes=[str(scene) for scene in machine.classes_],
            kernel=machine.kernel,
            gamma=1 / (codes.shape[1] * variance) if variance else 1.0,  # what gamma="scale" stands for
            support_vectors=machine.support_vectors_,
            coefficients=sign * machine.dual_coef_,
            intercepts=sign * machine.intercept_,
            counts=machine.n_support_.astype(np.int64),
            mean=mean,
            deviation=deviation,
        )

    def decide(self, codes: Codes) -> NDArray[np.float64]:
        """Return the decision value of each pair of scenes for codes (clips, code): (clips, pairs).

        It is positive where the first scene of the pair is more likely; ± 1 is the margin.
        """
        kernel = self._kernel(self._standardised(codes))
        ends = np.cumsum([0, *self.counts])
        rows = [slice(first, last) for first, last in pairwise(ends)]
        values = [
            kernel[:, rows[one]] @ self.coefficients[other - 1, rows[one]]
            + kernel[:, rows[other]] @ self.coefficients[one, rows[other]]
            for one, other in self.pairs
        ]
        return np.stack(values, axis=1) + self.intercepts

    def predict(self, decisions: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the indices of the predicted scenes (clips,), given the values of `decide`.

        It is the scene that wins most pairs; of equals the first, as in libsvm.
        """
        votes = np.zeros((len(decisions), len(self.scenes)), np.int64)
        for (one, other), value in zip(self.pairs, decisions.T, strict=True):
            votes[:, one] += value > 0
            votes[:, other] += value <= 0
        return votes.argmax(axis=1)

    def margins(self, decisions: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return each scene's margin (clips, scenes): its smallest decision value against any other scene.

        A scene with a positive margin wins all of its pairs, so it is the predicted one.
        """
        margins = np.full((len(decisions), len(self.scenes)), np.inf)
        for (one, other), value in zip(self.pairs, decisions.T, strict=True):
            margins[:, one] = np.minimum(margins[:, one], value)
            margins[:, other] = np.minimum(margins[:, other], -value)
        return margins

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """The pairs of scenes, as indices."""
        return list(combinations(range(len(self.scenes)), 2))

    def _standardised(self, codes: Codes) -> Codes:
        if not len(self.mean):
            return codes
        limits = -STANDARDISED_LIMIT, STANDARDISED_LIMIT
        return np.clip((codes - self.mean) / self.deviation, *limits)

    def _kernel(self, codes: Codes) -> NDArray[np.float64]:
        """Return the kernel of codes and support vectors (clips, support vectors)."""
        products = codes @ self.support_vectors.T
        if self.kernel == "linear":
            return products
        if self.kernel == "sigmoid":
            return np.tanh(self.gamma * products)
        squares = (codes**2).sum(axis=1)[:, None] + (self.support_vectors**2).sum(axis=1)
        return np.exp(-self.gamma * (squares - 2 * products))

    def write(self, path: Path) -> None:
        """Write the arrays as npz without pickles."""
        arrays: dict[str, Any] = {name: np.asarray(getattr(self, name)) for name in _ARRAYS}
        np.savez(path, **arrays)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the machine of a file.

        Raises
        ------
        ValueError
            If an array is missing or a pickle.
        """
        with np.load(path, allow_pickle=False) as file:
            if missing := [name for name in _ARRAYS if name not in file]:
                raise ValueError(f"there is no array {missing[0]}")
            arrays: dict[str, Any] = {name: file[name] for name in _ARRAYS}
        arrays |= {"scenes": arrays["scenes"].tolist(), "kernel": str(arrays["kernel"])}
        return cls(**arrays | {"gamma": float(arrays["gamma"])})
