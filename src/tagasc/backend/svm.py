"""Support vector machines on codes, and the cross-validation that chooses their kernel.

As in the released code of the paper's reference [22]: scikit-learn's SVC with gamma='scale', codes not normalised, no
class weights. The paper names the two kernels (section 2.1) but not how it chose between them; [22] chose on the test
clips, here the training clips decide.

It is scikit-learn's own SVC. On made-up codes of the paper's size that reach 74 %, a Gram matrix computed apart takes
as long as libsvm's own (3.5 s to fit and predict with rbf, one core of an AMD EPYC), and scikit-learn-intelex 2026.2
saves a third with rbf and nothing with sigmoid, but differs in 2 and 199 of 5,215 predictions.
"""

import sys
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold
from sklearn.svm import SVC

from tagasc.config import Backend
from tagasc.errors import InputError

Codes = NDArray[np.float64]
Labels = NDArray[Any]  # scene names or numbers


def classify(kernel: str, codes: Codes, labels: Labels, others: Codes, settings: Backend) -> Labels:
    """Fit one SVM and return its predictions.

    Parameters
    ----------
    kernel
        "rbf" or "sigmoid".
    codes
        Training codes (clips, code); ``labels`` (clips,) are their scenes.
    others
        Codes to predict (other clips, code).

    Returns
    -------
    ndarray
        Predicted scenes (other clips,). Where training knows a single scene, all clips get it.
    """
    scenes = np.unique(labels)
    if len(scenes) == 1:  # a fold can end up so on a tiny corpus, and SVC refuses it
        return np.repeat(scenes, len(others))
    machine = SVC(C=settings.regularisation, kernel=kernel, gamma="scale").fit(codes, labels)
    predicted: Labels = machine.predict(others)
    return predicted


def cross_validate(
    codes: Codes, labels: Labels, locations: Labels, settings: Backend, threads: int = 1
) -> dict[str, float]:
    """Return the cross-validation accuracy of each kernel, as a fraction of all clips.

    Clips of one location sound alike, and the test clips come from other locations than the training clips, so a
    location is held out as a whole. Each clip is held out once; the accuracy is pooled over the folds. A scene that
    only one fold contains cannot be predicted there: its clips count as wrong, and a line on stderr says so.

    Raises
    ------
    InputError
        If there are fewer than two locations.
    """
    count = len(np.unique(locations))
    if count < 2:
        raise InputError(
            f"backend.kernels: choosing among {', '.join(settings.kernels)} needs training clips from at least 2 "
            f"locations, got {count}; record at more locations, or name one kernel only"
        )
    folds = list(GroupKFold(min(settings.folds, count)).split(codes, labels, locations))
    for _, held_out in folds:
        _report_unknown(labels, held_out)

    def count_correct(kernel: str, rest: NDArray[np.intp], held_out: NDArray[np.intp]) -> int:
        predicted = classify(kernel, codes[rest], labels[rest], codes[held_out], settings)
        return int(np.count_nonzero(predicted == labels[held_out]))

    # Threads, since libsvm lets go of the interpreter.
    correct = Parallel(threads, "threading")(
        delayed(count_correct)(kernel, *fold) for kernel in settings.kernels for fold in folds
    )
    by_kernel = np.reshape(correct, (len(settings.kernels), len(folds))).sum(axis=1) / len(labels)
    return dict(zip(settings.kernels, by_kernel.tolist(), strict=True))


def choose_kernel(codes: Codes, labels: Labels, locations: Labels, settings: Backend, threads: int = 1) -> str:
    """Return the kernel with the best cross-validation accuracy on the training clips.

    Parameters
    ----------
    codes
        Training codes (clips, code).
    labels, locations
        Scene and location of each training clip (clips,).
    settings
        Kernels to choose from, C and the number of folds. Of kernels that tie the first is taken; where there is only
        one, there is nothing to validate.
    threads
        SVMs to fit at a time.

    Raises
    ------
    InputError
        If there are several kernels, but fewer than two locations.
    """
    if len(settings.kernels) == 1:
        return settings.kernels[0]
    accuracy = cross_validate(codes, labels, locations, settings, threads)
    print(  # goes to the job's log
        "cross-validation on training clips: " + ", ".join(f"{k} {100 * a:.2f} %" for k, a in accuracy.items()),
        file=sys.stderr,
    )
    return max(accuracy, key=lambda kernel: accuracy[kernel])  # max returns the first of equals


def _report_unknown(labels: Labels, held_out: NDArray[np.intp]) -> None:
    """Say which scenes of the held-out clips no other fold contains."""
    unknown = np.setdiff1d(labels[held_out], np.delete(labels, held_out))
    if len(unknown):
        clips = np.count_nonzero(np.isin(labels[held_out], unknown))
        print(
            f"cross-validation: no location outside one fold has {', '.join(map(str, unknown))}; "
            f"{'its' if len(unknown) == 1 else 'their'} {clips} training clips count as wrong there",
            file=sys.stderr,
        )
