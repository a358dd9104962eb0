"""The choice of a support vector machine by cross-validation on the training clips.

The paper names two kernels (section 2.1) but not how it chose between them. The released code of Jung et al. (2019)
[22] chose on the test clips; here the training clips decide.
"""

import sys
from collections.abc import Sequence
from typing import Self

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold

from tagasc.backend.fitted_machine import Codes, Labels
from tagasc.backend.machine import Machine
from tagasc.config import Backend
from tagasc.runtime.errors import InputError


class SvmClassifier:
    """Support vector machines to choose from.

    Parameters
    ----------
    machines
        The candidates.
    n_splits
        Folds of the cross-validation.
    threads
        Number of machines to fit at the same time.

    Examples
    --------
    >>> [machine.name for machine in SvmClassifier.of_cells(Backend()).machines]
    ['rbf', 'sigmoid']
    """

    def __init__(self, machines: Sequence[Machine], n_splits: int, threads: int = 1) -> None:
        self.machines, self.threads = machines, threads
        self._n_splits = n_splits

    @classmethod
    def of_cells(cls, backend: Backend, threads: int = 1) -> Self:
        """Return the machines that classify the codes of cells: one for each kernel.

        >>> [machine.name for machine in SvmClassifier.of_cells(Backend(standardise=True)).machines]
        ['rbf, standardised', 'sigmoid, standardised']
        """
        svm, scaled = backend.svm, backend.standardise
        machines = [Machine(kernel + ", standardised" * scaled, kernel, svm.C, scaled) for kernel in svm.kernels]
        return cls(machines, svm.n_splits, threads)

    @classmethod
    def of_tuned_controls(cls, backend: Backend, threads: int = 1) -> Self:
        """Return the machines of tuned controls: one for each kernel and C, on standardised values.

        >>> SvmClassifier.of_tuned_controls(Backend()).machines[0].name
        'linear, C=0.01, standardised'
        """
        machines = [
            Machine(f"{kernel}, C={C:g}, standardised", kernel, C, standardise=True)
            for kernel, values in backend.controls
            for C in values
        ]
        return cls(machines, backend.svm.n_splits, threads)

    def cross_validate(
        self, codes: Codes, labels: Labels, locations: Labels, tested: Codes | None = None
    ) -> list[float]:
        """Return the cross-validation accuracy of each machine, as a fraction of all clips; see `cross_predict`."""
        predictions = self.cross_predict(codes, labels, locations, tested)
        return [float(np.count_nonzero(predicted == labels)) / len(labels) for predicted in predictions]

    def cross_predict(
        self, codes: Codes, labels: Labels, locations: Labels, tested: Codes | None = None
    ) -> list[Labels]:
        """Return what each machine predicts for the clips (clips,) when they are held out.

        Clips of one location sound alike, and test clips come from other locations than training clips. Each location
        is therefore held out as a whole, and each clip once. A scene that only one fold contains cannot be predicted
        there: its clips count as wrong, and stderr says so. The parameters are those of `choose`.

        Raises
        ------
        InputError
            If there are fewer than two locations.
        """
        count = len(np.unique(locations))
        if count < 2:
            raise InputError(
                f"backend.svm.kernels and backend.controls: choosing among {len(self.machines)} support vector "
                f"machines needs training clips from at least 2 locations, and there is {count}; record at more "
                f"locations, or name one kernel in backend.svm.kernels, and one C of one kernel in backend.controls"
            )
        folds = list(GroupKFold(min(self._n_splits, count)).split(codes, labels, locations))
        for _, held_out in folds:
            _report_unknown_scenes(labels, held_out)

        whole = codes if tested is None else tested
        order = np.argsort(np.concatenate([held_out for _, held_out in folds]))

        def predict(machine: Machine, rest: NDArray[np.intp], held_out: NDArray[np.intp]) -> Labels:
            return machine.predict(codes[rest], labels[rest], whole[held_out])

        # Threads are enough, because libsvm releases the interpreter lock.
        by_fold = Parallel(self.threads, "threading")(
            delayed(predict)(machine, *fold) for machine in self.machines for fold in folds
        )
        starts = range(0, len(by_fold), len(folds))
        return [np.concatenate(by_fold[start : start + len(folds)])[order] for start in starts]

    def choose(self, codes: Codes, labels: Labels, locations: Labels, tested: Codes | None = None) -> Machine:
        """Return the machine with the best cross-validation accuracy on the training clips; of equals the first.

        If there is only one machine, it is returned without cross-validation.

        Parameters
        ----------
        codes
            Training codes (clips, code).
        labels, locations
            Scene and location of each training clip (clips,).
        tested
            Codes of the same clips (clips, code) that are predicted where a clip is held out; None for ``codes``.

        Raises
        ------
        InputError
            If there are several machines but fewer than two locations.
        """
        if len(self.machines) == 1:
            return self.machines[0]
        accuracies = self.cross_validate(codes, labels, locations, tested)
        pairs = zip(self.machines, accuracies, strict=True)
        listed = "; ".join(f"{machine.name}: {100 * accuracy:.2f} %" for machine, accuracy in pairs)
        print(f"cross-validation on the training clips: {listed}", file=sys.stderr)
        return self.machines[accuracies.index(max(accuracies))]  # index finds the first of equals


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
