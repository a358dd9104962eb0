"""Support vector machines on codes, and the cross-validation that chooses their kernel.

As in the released code of Jung et al. (2019) [22], this is scikit-learn's SVC with gamma='scale'. Codes are not
normalised and scenes are not weighted. The paper names the two kernels (section 2.1) but not how it chose between them.
[22] chose on the test clips; here the training clips decide.

Alternatives to scikit-learn's own SVC were measured on one core of an AMD EPYC, with synthetic codes of the paper's
size that reach 74 %. A precomputed Gram matrix takes as long as libsvm's own: 3.5 s to fit and predict with rbf.
scikit-learn-intelex 2026.2 saves a third with rbf and nothing with sigmoid, but differs in 2 and 199 of 5,215
predictions.
"""

import sys
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold
from sklearn.svm import SVC

from tagasc.config import Svm
from tagasc.runtime.errors import InputError

Codes = NDArray[np.float64]
"""Codes (clips, code)."""
Labels = NDArray[Any]
"""One label per clip (clips,)."""


class SvmClassifier:
    """The support vector machines of one set of options.

    Parameters
    ----------
    svm
        Kernels to choose from, C and the number of folds.
    threads
        Number of machines to fit at the same time.

    Examples
    --------
    >>> classifier = SvmClassifier(Svm())
    >>> codes, scenes = np.array([[0.0], [1.0]]), np.array(["bus", "park"])
    >>> classifier.predict("rbf", codes, scenes, np.array([[0.9]])).tolist()
    ['park']
    """

    def __init__(self, svm: Svm, threads: int = 1) -> None:
        self.kernels, self.threads = svm.kernels, threads
        self._C, self._n_splits = svm.C, svm.n_splits

    def predict(self, kernel: str, codes: Codes, labels: Labels, others: Codes) -> Labels:
        """Fit one machine and return its predictions.

        Parameters
        ----------
        kernel
            "rbf" or "sigmoid".
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
        machine = SVC(C=self._C, kernel=kernel, gamma="scale").fit(codes, labels)
        predicted: Labels = machine.predict(others)
        return predicted

    def cross_validate(self, codes: Codes, labels: Labels, locations: Labels) -> dict[str, float]:
        """Return the cross-validation accuracy of each kernel, as a fraction of all clips.

        Clips of one location sound alike, and test clips come from other locations than training clips. Each location
        is therefore held out as a whole. Each clip is held out once, and the accuracy is pooled over the folds. A scene
        that only one fold contains cannot be predicted there: its clips count as wrong, and stderr says so.

        Raises
        ------
        InputError
            If there are fewer than two locations.
        """
        count = len(np.unique(locations))
        if count < 2:
            raise InputError(
                f"backend.svm.kernels: choosing among {', '.join(self.kernels)} needs training clips from at least 2 "
                f"locations, and there is {count}; record at more locations, or name one kernel only"
            )
        folds = list(GroupKFold(min(self._n_splits, count)).split(codes, labels, locations))
        for _, held_out in folds:
            _report_unknown_scenes(labels, held_out)

        def count_correct(kernel: str, rest: NDArray[np.intp], held_out: NDArray[np.intp]) -> int:
            predicted = self.predict(kernel, codes[rest], labels[rest], codes[held_out])
            return int(np.count_nonzero(predicted == labels[held_out]))

        # Threads are enough, because libsvm releases the interpreter lock.
        correct = Parallel(self.threads, "threading")(
            delayed(count_correct)(kernel, *fold) for kernel in self.kernels for fold in folds
        )
        by_kernel = np.reshape(correct, (len(self.kernels), len(folds))).sum(axis=1) / len(labels)
        return dict(zip(self.kernels, by_kernel.tolist(), strict=True))

    def choose_kernel(self, codes: Codes, labels: Labels, locations: Labels) -> str:
        """Return the kernel with the best cross-validation accuracy on the training clips; of equals the first.

        If there is only one kernel, it is returned without cross-validation.

        Parameters
        ----------
        codes
            Training codes (clips, code).
        labels, locations
            Scene and location of each training clip (clips,).

        Raises
        ------
        InputError
            If there are several kernels but fewer than two locations.
        """
        if len(self.kernels) == 1:
            return self.kernels[0]
        accuracy = self.cross_validate(codes, labels, locations)
        listed = ", ".join(f"{kernel} {100 * value:.2f} %" for kernel, value in accuracy.items())
        print(f"cross-validation on the training clips: {listed}", file=sys.stderr)
        return max(accuracy, key=lambda kernel: accuracy[kernel])  # max returns the first of equals


def _report_unknown_scenes(labels: Labels, held_out: NDArray[np.intp]) -> None:
    """Report scenes of the held-out clips that no other fold contains."""
    unknown = np.setdiff1d(labels[held_out], np.delete(labels, held_out))
    if len(unknown):
        clips = np.count_nonzero(np.isin(labels[held_out], unknown))
        print(
            f"cross-validation: only one fold has locations with {', '.join(map(str, unknown))}; "
            f"{'its' if len(unknown) == 1 else 'their'} {clips} training clips count as wrong there",
            file=sys.stderr,
        )
