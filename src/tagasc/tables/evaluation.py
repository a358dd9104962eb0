"""The runs that were tested on the same clips, aligned clip by clip."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tagasc.artifacts.predictions import read_predictions
from tagasc.paper.grid import TEST_LISTS, table_order


@dataclass(frozen=True)
class Run:
    """A training and its predictions, as positions in the sorted scenes (clips of the test list,)."""

    cell: str
    seed: int
    predicted: NDArray[np.intp]


@dataclass(frozen=True)
class Groups:
    """Clips counted by pairs of scene and location. In TAU 2019 each location has one scene.

    Parameters
    ----------
    table
        Columns scene, location and clips: one row per group.
    correct
        Correct clips of each run in each group (runs, groups).
    """

    table: pd.DataFrame
    correct: NDArray[np.int64]


class Evaluation:
    """The runs of one protocol on one test list: which clips each of them classifies correctly, and where.

    Parameters
    ----------
    clips
        The table of all clips.
    protocol, test_list
        What the runs share.
    runs
        The runs; their predictions are in the order of the clips.

    Attributes
    ----------
    clips : DataFrame
        The clips of the test list.
    scenes : list of str
        All scenes, sorted.
    truth, predicted : ndarray
        Positions in ``scenes`` of labels (clips,) and predictions (runs, clips).
    correct : ndarray
        Whether each run classifies each clip correctly (runs, clips).
    seen : ndarray
        Whether each clip comes from a city that also has training clips (clips,).
    """

    def __init__(self, clips: pd.DataFrame, protocol: str, test_list: str, runs: Sequence[Run]) -> None:
        self.protocol, self.test_list, self._runs = protocol, test_list, runs
        self.clips = clips[clips["split"].isin(TEST_LISTS[test_list])]
        self.scenes = sorted(clips["scene"].unique())
        self.truth = pd.Index(self.scenes).get_indexer(pd.Index(self.clips["scene"]))
        self.predicted = np.stack([run.predicted for run in runs])
        self.correct = self.predicted == self.truth
        self.seen = self.clips["city"].isin(clips.loc[clips["split"] == "train", "city"]).to_numpy()

    @property
    def cells(self) -> list[str]:
        """The cells of the runs, in the order of the tables."""
        return sorted({run.cell for run in self._runs}, key=table_order)

    def runs_of(self, cell: str) -> dict[int, int]:
        """Return the rows of a cell's runs, by seed."""
        return dict(sorted((run.seed, row) for row, run in enumerate(self._runs) if run.cell == cell))

    def groups(self, clips: NDArray[np.bool_]) -> Groups:
        """Count some of the clips by scene and location; ``clips`` says which of them (clips of the test list,)."""
        grouped = self.clips[clips].groupby(["scene", "location"])
        table = grouped.size().rename("clips").reset_index()
        group = grouped.ngroup().to_numpy()
        correct = [np.bincount(group[of_run], minlength=len(table)) for of_run in self.correct[:, clips]]
        return Groups(table, np.stack(correct))


def read_evaluations(prediction_paths: Iterable[Path], clips: pd.DataFrame) -> list[Evaluation]:
    """Return one evaluation per protocol and test list.

    Raises
    ------
    InputError
        If a file is missing, damaged or foreign, or if the files do not belong together.
    """
    scenes = pd.Index(sorted(clips["scene"].unique()))
    runs: dict[tuple[str, str], list[Run]] = {}
    for predictions in read_predictions(prediction_paths, clips):
        first = predictions.iloc[0]
        # Positions take far less memory than tables of text.
        run = Run(first["cell"], int(first["seed"]), scenes.get_indexer(pd.Index(predictions["predicted"])))
        runs.setdefault((first["protocol"], first["test_list"]), []).append(run)
    return [Evaluation(clips, *coordinates, runs_there) for coordinates, runs_there in runs.items()]
