"""Which epoch and kernel speak for a training: the two protocols of scoring.

Protocol ``last`` takes the last epoch's codes and the kernel that cross-validation on the training clips chooses, so
that no test clip decides anything. ``best_on_test`` takes, for each test list, the epoch and kernel with the most
correct clips on that list, as the released code of reference [22] does: its figures are maxima over noise, and above
what the network reaches on clips that have no say. The paper does not tell which of them it prints.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from tqdm import tqdm

from tagasc.backend.svm import Codes, Labels, choose_kernel, classify
from tagasc.cells import TEST_LISTS
from tagasc.config import Backend


@dataclass(frozen=True)
class Clips:
    """The clips of a corpus: scene, location and split of each, (clips,)."""

    scenes: Labels
    locations: Labels
    splits: Labels

    @property
    def train(self) -> NDArray[np.bool_]:
        """Which are training clips."""
        return self.splits == "train"

    def listed(self, test_list: str) -> NDArray[np.bool_]:
        """Which of the other clips are on a test list, (other clips,)."""
        return np.isin(self.splits[~self.train], TEST_LISTS[test_list])


@dataclass(frozen=True)
class Chosen:
    """What a protocol takes the clips outside the training split for, (other clips,), on behalf of one test list."""

    protocol: str
    test_list: str
    kernel: str
    epoch: int
    predicted: Labels


def score_last(codes: Codes, epoch: int, clips: Clips, settings: Backend, threads: int) -> Iterator[Chosen]:
    """Yield what protocol ``last`` makes of the last epoch's codes (clips, code), for each test list.

    Raises
    ------
    InputError
        As `choose_kernel`.
    """
    train, scenes = clips.train, clips.scenes[clips.train]
    kernel = choose_kernel(codes[train], scenes, clips.locations[train], settings, threads)
    predicted = classify(kernel, codes[train], scenes, codes[~train], settings)
    for test_list in TEST_LISTS:
        yield Chosen("last", test_list, kernel, epoch, predicted)


def score_best_on_test(
    codes: NDArray[np.float16], epochs: Sequence[int], clips: Clips, settings: Backend, threads: int
) -> Iterator[Chosen]:
    """Yield what protocol ``best_on_test`` makes of codes (epochs, clips, code), for each test list.

    Of epochs and kernels that tie the first is taken.
    """
    train, truth = clips.train, clips.scenes[~clips.train]
    runs = [(index, kernel) for index in range(len(epochs)) for kernel in settings.kernels]

    def predict(index: int, kernel: str) -> Labels:
        of_epoch = codes[index].astype(np.float64)
        return classify(kernel, of_epoch[train], clips.scenes[train], of_epoch[~train], settings)

    best: dict[str, Chosen] = {}
    most = dict.fromkeys(TEST_LISTS, -1)
    predictions = Parallel(threads, "threading", return_as="generator")(delayed(predict)(*run) for run in runs)
    for (index, kernel), predicted in tqdm(
        zip(runs, predictions, strict=True), "scoring all epochs", len(runs), mininterval=5
    ):
        for test_list in TEST_LISTS:
            correct = int(np.count_nonzero((predicted == truth)[clips.listed(test_list)]))
            if correct > most[test_list]:
                most[test_list] = correct
                best[test_list] = Chosen("best_on_test", test_list, kernel, epochs[index], predicted)
    for test_list, chosen in best.items():
        print(f"best on {test_list}: epoch {chosen.epoch}, {chosen.kernel}", file=sys.stderr)
    yield from best.values()
