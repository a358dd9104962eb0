"""The two protocols of scoring: how the epoch and the kernel of a training are selected.

Protocol ``last`` takes the codes of the last epoch and the kernel that cross-validation on the training clips chooses.
No test clip decides anything. Protocol ``best_on_test`` takes, for each test list, the epoch and kernel with the most
correct clips on that list, as the released code of Jung et al. (2019) [22] does. Its accuracies are maxima over noise:
they exceed what the network reaches on clips that take no part in the selection. The paper does not say which protocol
it used.

Machines are fitted on codes of whole training clips or, with ``backend.train_codes: crops``, on those of random crops,
as in [22]. Whatever they predict is a whole clip, also in cross-validation.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.typing import NDArray
from tqdm import tqdm

from tagasc.artifacts.controls import Feature
from tagasc.backend.fitted_machine import Codes, Labels
from tagasc.backend.machine import Machine
from tagasc.backend.svm import SvmClassifier
from tagasc.paper.grid import TEST_LISTS, test_lists


@dataclass(frozen=True)
class ClipCodes:
    """Codes of all clips, or other values for each of them.

    Parameters
    ----------
    whole
        Codes of whole clips (clips, code), in the order of clips.csv: training clips first.
    fitted
        Codes of the training clips on which machines are fitted (train clips, code): the first rows of ``whole``, or
        codes of crops. A clip whose values are NaN takes no part.
    """

    whole: Codes
    fitted: Codes

    def split(self, used: NDArray[np.bool_]) -> tuple[Codes, Codes, Codes]:
        """Return what to fit on, the same clips as wholes, and all clips that are not for training."""
        return self.fitted[used], self.whole[: len(used)][used], self.whole[len(used) :]


@dataclass(frozen=True)
class Selection:
    """The epoch and kernel that a protocol selects for one test list, and what they predict.

    ``predicted`` has one scene for each clip outside the training split, in the order of clips.csv.
    """

    protocol: str
    test_list: str
    kernel: str
    epoch: int
    predicted: Labels

    def predictions(self, clips: pd.DataFrame) -> pd.DataFrame:
        """Return the clips of the test list with protocol, kernel, predicted scene and test list."""
        tested = clips[clips["split"] != "train"].assign(
            protocol=self.protocol, kernel=self.kernel, predicted=self.predicted, test_list=self.test_list
        )
        return tested[tested["split"].isin(TEST_LISTS[self.test_list])]


def select_last(codes: ClipCodes, epoch: int, clips: pd.DataFrame, classifier: SvmClassifier) -> Iterator[Selection]:
    """Yield the selection of protocol ``last`` for each test list.

    Parameters
    ----------
    codes
        Codes of the last epoch.
    epoch
        Number of that epoch.
    clips
        The table of all clips.
    classifier
        The support vector machines.

    Raises
    ------
    InputError
        If there are several machines, but the training clips come from fewer than two locations.
    """
    used, scenes, locations = training_clips(clips, [codes])
    fitted, whole, others = codes.split(used)
    machine = classifier.choose(fitted, scenes, locations, whole)
    predicted = machine.predict(fitted, scenes, others)
    for test_list in test_lists(clips["split"]):
        yield Selection("last", test_list, machine.name, epoch, predicted)


def select_by_fusion(
    values: Mapping[Feature, ClipCodes], epoch: int, clips: pd.DataFrame, classifier: SvmClassifier
) -> Iterator[Selection]:
    """Yield the selection of late fusion for each test list, under protocol ``last``.

    For each feature, one machine is chosen and fitted, and their one-vs-rest decision values are added with
    equal weight. Weights are not learned: the network has memorised its training clips, so that codes look better on
    these clips than they are, and learned weights would rely on codes too much.

    Parameters
    ----------
    values
        Tag vectors and codes of all clips.
    epoch
        Number of the epoch of the codes.
    clips
        The table of all clips.
    classifier
        The support vector machines.

    Raises
    ------
    InputError
        If there are several machines, but the training clips come from fewer than two locations.
    """
    used, scenes, locations = training_clips(clips, values.values())
    names, decided = [], []
    for feature, of_feature in values.items():
        fitted, whole, others = of_feature.split(used)
        machine = classifier.choose(fitted, scenes, locations, whole)
        names.append(f"{feature}: {machine.name}")
        decided.append(machine.decide(fitted, scenes, others))
    predicted = np.unique(scenes)[np.sum(decided, axis=0).argmax(axis=1)]
    for test_list in test_lists(clips["split"]):
        yield Selection("last", test_list, "; ".join(names), epoch, predicted)


def training_clips(clips: pd.DataFrame, values: Iterable[ClipCodes]) -> tuple[NDArray[np.bool_], Labels, Labels]:
    """Return which training clips have all values (train clips,), and the scene and location of each of these."""
    used = np.all([~np.isnan(of_feature.fitted).any(axis=1) for of_feature in values], axis=0)
    scenes, locations = (clips.loc[clips["split"] == "train", column].to_numpy(str) for column in ("scene", "location"))
    return used, scenes[used], locations[used]


def select_best_on_test(
    codes: NDArray[np.float16],
    fitted: NDArray[np.float16],
    epochs: Sequence[int],
    clips: pd.DataFrame,
    classifier: SvmClassifier,
) -> Iterator[Selection]:
    """Yield the selection of protocol ``best_on_test`` for each test list; of equals the first.

    Parameters
    ----------
    codes, fitted
        Codes of several epochs, of all clips (epochs, clips, code) and of what machines are fitted on (epochs, train
        clips, code); see `ClipCodes`.
    epochs
        Numbers of these epochs.
    clips
        The table of all clips.
    classifier
        The support vector machines.
    """
    tested_clips = clips[clips["split"] != "train"]
    splits, scenes = tested_clips["split"].to_numpy(str), tested_clips["scene"].to_numpy(str)
    listed = {name: np.isin(splits, TEST_LISTS[name]) for name in test_lists(clips["split"])}
    candidates = [(index, machine) for index in range(len(epochs)) for machine in classifier.machines]

    def predict(index: int, machine: Machine) -> Labels:
        of_epoch = ClipCodes(codes[index].astype(np.float64), fitted[index].astype(np.float64))
        used, known, _ = training_clips(clips, [of_epoch])
        train, _, others = of_epoch.split(used)
        return machine.predict(train, known, others)

    best: dict[str, Selection] = {}
    most = dict.fromkeys(listed, -1)
    jobs = (delayed(predict)(*candidate) for candidate in candidates)
    predictions = Parallel(classifier.threads, "threading", return_as="generator")(jobs)
    pairs = zip(candidates, predictions, strict=True)
    for (index, machine), predicted in tqdm(pairs, "scoring all epochs", len(candidates), mininterval=5):
        for test_list, tested in listed.items():
            correct = int(np.count_nonzero((predicted == scenes)[tested]))
            if correct > most[test_list]:
                most[test_list] = correct
                best[test_list] = Selection("best_on_test", test_list, machine.name, epochs[index], predicted)
    for test_list, selection in best.items():
        print(f"best on {test_list}: epoch {selection.epoch}, {selection.kernel}", file=sys.stderr)
    yield from best.values()
