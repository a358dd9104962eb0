"""How far the cells differ from the baseline, and how far that can be trusted.

The cells of a table differ by tenths of a point, and the 4,185 clips of the official test list come from 149 locations.
So each accuracy has an interval, and each cell a paired test against the baseline.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tagasc.backend.scoring import read_clips
from tagasc.cells import TEST_LISTS, place_in_tables, tables_of_cell
from tagasc.config import Comparisons
from tagasc.errors import InputError
from tagasc.paper import ACCURACY
from tagasc.tables.collect import prediction_interval, training_of
from tagasc.tables.resampling import holm, interval, resampled_accuracies, resampled_means, sign_flip_test
from tagasc.writing import written_whole

COMPARISON_COLUMNS = [
    *("cell", "tables", "protocol", "test_list", "seeds", "clips", "accuracy", "low", "high"),
    *("accuracy_seen", "accuracy_unseen", "difference", "difference_low", "difference_high", "p", "p_holm"),
    *("paper", "further_low", "further_high"),
]
CLASSWISE_COLUMNS = ["cell", "protocol", "test_list", "scene", "predicted", "clips"]

_READ_COLUMNS = ["filename", "scene", "protocol", "predicted", "test_list"]
_BASELINE = "baseline"


def compare_cells(
    prediction_paths: Sequence[str | Path],
    clips_path: str | Path,
    comparisons_path: str | Path,
    classwise_path: str | Path,
    settings: Comparisons,
) -> None:
    """Compare every cell with the baseline, and count what it takes for what.

    Parameters
    ----------
    prediction_paths
        predictions.csv of all cells and seeds; their folders say which: ``…/<cell>/seed<k>/predictions.csv``.
    clips_path
        The corpus's clips.csv, for cities and locations.
    comparisons_path
        Written with a row a cell, protocol and test list. Accuracies and differences are fractions, means over seeds.
        ``low`` and ``high`` bound the 95 % bootstrap interval over locations and, where there are several, seeds.
        ``accuracy_seen`` and ``accuracy_unseen`` are those in cities that training clips do or do not come from.
        ``difference`` is paired over the seeds that the cell shares with the baseline; ``p`` is that of a sign-flip
        test over locations, which speaks of these trainings and leaves chance between seeds to the interval;
        ``p_holm`` is adjusted for the number of the table's cells. Under protocol ``best_on_test`` the paper's figure
        stands beside the 95 % prediction interval of one further run, with three seeds or more.
    classwise_path
        Written with the confusion matrix of each of them: how many clips of a scene, summed over seeds, were taken for
        each scene.
    settings
        Number of draws, and their seed.

    Raises
    ------
    InputError
        If the files do not fit together.
    """
    clips = read_clips(clips_path)
    runs = _read_runs(prediction_paths, clips, clips_path)
    compared: list[pd.DataFrame] = []
    counted: list[pd.DataFrame] = []
    for protocol, test_list in dict.fromkeys((run.protocol, run.test_list) for run in runs):
        runs_there = [run for run in runs if (run.protocol, run.test_list) == (protocol, test_list)]
        tested = _Tested(clips, TEST_LISTS[test_list], runs_there)
        where = {"protocol": protocol, "test_list": test_list}
        compared.append(_compared(tested, settings).assign(**where))
        counted.append(_counted(tested).assign(**where))
    if compared and _BASELINE not in {run.cell for run in runs}:
        print("The baseline is not among the cells, so differences and tests stay empty.", file=sys.stderr)
    for path, frames, columns in (
        (comparisons_path, compared, COMPARISON_COLUMNS),
        (classwise_path, counted, CLASSWISE_COLUMNS),
    ):
        frame = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)
        frame = frame.sort_values("cell", key=lambda cells: cells.map(place_in_tables), kind="stable")
        with written_whole(path) as partial:
            frame.to_csv(partial, columns=columns, index=False)


@dataclass(frozen=True)
class _Run:
    """What one training, scored by one protocol, took the clips of one test list for.

    ``predicted`` (clips,) has positions in the sorted scenes, in the order of clips.csv.
    """

    cell: str
    seed: int
    protocol: str
    test_list: str
    predicted: NDArray[np.intp]


class _Tested:
    """The clips of a test list (those in ``splits``), and where each of a protocol's runs is right.

    A place is a location with one scene. In TAU 2019 a location has one; recordings of one's own may differ.
    """

    def __init__(self, clips: pd.DataFrame, splits: list[str], runs: list[_Run]) -> None:
        self.runs = runs
        self.clips = clips[clips["split"].isin(splits)]
        self.scenes = sorted(clips["scene"].unique())
        self.truth = _positions(self.scenes, self.clips["scene"])
        self.predicted = np.stack([run.predicted for run in runs])  # (runs, clips)
        self.right = self.predicted == self.truth
        self.seen = self.clips["city"].isin(clips.loc[clips["split"] == "train", "city"]).to_numpy()
        groups = self.clips.groupby(["scene", "location"])
        self.places = groups.size().rename("clips").reset_index()  # columns scene, location, clips
        place = groups.ngroup().to_numpy()
        counts = [np.bincount(place[right], minlength=len(self.places)) for right in self.right]
        self.correct = np.stack(counts)  # (runs, places)

    def runs_of(self, cell: str) -> dict[int, int]:
        """Return the rows of a cell's runs, by seed."""
        rows = {run.seed: row for row, run in enumerate(self.runs) if run.cell == cell}
        return dict(sorted(rows.items()))


def _compared(tested: _Tested, settings: Comparisons) -> pd.DataFrame:
    """Return the rows of comparisons.csv that belong to one protocol and test list."""
    draws, seed = settings.draws, settings.seed
    sizes, scenes = tested.places["clips"].to_numpy(), tested.places["scene"].to_numpy(dtype=str)
    drawn = resampled_accuracies(tested.correct, sizes, scenes, draws, seed)
    accuracies = tested.right.mean(axis=1)
    baseline = tested.runs_of(_BASELINE)
    rows: list[dict[str, Any]] = []
    differences: dict[int, NDArray[np.int64]] = {}
    for cell in sorted({run.cell for run in tested.runs}, key=place_in_tables):
        runs = tested.runs_of(cell)
        own = list(runs.values())
        low, high = interval(resampled_means(drawn[:, own], seed))
        row = {
            "cell": cell,
            "tables": " ".join(map(str, tables_of_cell(cell))),
            "seeds": len(runs),
            "clips": len(tested.clips),
            "accuracy": accuracies[own].mean(),
            "low": low,
            "high": high,
            "accuracy_seen": tested.right[own][:, tested.seen].mean() if tested.seen.any() else np.nan,
            "accuracy_unseen": tested.right[own][:, ~tested.seen].mean() if not tested.seen.all() else np.nan,
        }
        if tested.runs[own[0]].protocol == "best_on_test":
            row |= _beside_the_paper(cell, accuracies[own])
        shared = [] if cell == _BASELINE else [number for number in runs if number in baseline]
        if shared:
            ours, theirs = [runs[number] for number in shared], [baseline[number] for number in shared]
            low, high = interval(resampled_means(drawn[:, ours] - drawn[:, theirs], seed))
            row |= {
                "difference": (accuracies[ours] - accuracies[theirs]).mean(),
                "difference_low": low,
                "difference_high": high,
            }
            differences[len(rows)] = (tested.correct[ours] - tested.correct[theirs]).sum(axis=0)
        rows.append(row)
    frame = pd.DataFrame(rows, columns=COMPARISON_COLUMNS)
    if differences:
        # All scenes of a location change sign together.
        by_location = pd.DataFrame(np.stack(list(differences.values())).T).groupby(tested.places["location"]).sum()
        frame.loc[list(differences), "p"] = sign_flip_test(by_location.to_numpy().T, draws, seed)
        tests = frame.loc[list(differences)]
        # Table 6 shows cells of Table 5, so a cell's first table is its own; cells of no table are a family, too.
        for _, p in tests["p"].astype(float).groupby(tests["tables"].str.split().str[0].fillna("")):
            frame.loc[p.index, "p_holm"] = holm(p.to_numpy())
    return frame


def _counted(tested: _Tested) -> pd.DataFrame:
    """Return the rows of classwise.csv that belong to one protocol and test list: every scene beside every scene."""
    scenes, n = tested.scenes, len(tested.scenes)
    frames = []
    for cell in sorted({run.cell for run in tested.runs}, key=place_in_tables):
        pairs = tested.truth * n + tested.predicted[list(tested.runs_of(cell).values())]
        counts = np.bincount(pairs.ravel(), minlength=n * n)
        frames.append(
            pd.DataFrame({"cell": cell, "scene": np.repeat(scenes, n), "predicted": scenes * n, "clips": counts})
        )
    return pd.concat(frames, ignore_index=True)


def _positions(scenes: list[str], labels: pd.Series) -> NDArray[np.intp]:
    """Return where each label stands among the scenes, or -1."""
    return pd.Index(scenes).get_indexer(pd.Index(labels))


def _beside_the_paper(cell: str, accuracies: NDArray[np.float64]) -> dict[str, float]:
    """Return the paper's figure, and where one further run of ours would fall, as fractions."""
    columns = {"paper": ACCURACY[cell] / 100} if cell in ACCURACY else {}
    sd = float(accuracies.std(ddof=1)) if len(accuracies) > 1 else None
    if (further := prediction_interval(float(accuracies.mean()), sd, len(accuracies))) is not None:
        columns |= dict(zip(("further_low", "further_high"), further, strict=True))
    return columns


def _read_runs(paths: Sequence[str | Path], clips: pd.DataFrame, clips_path: str | Path) -> list[_Run]:
    scenes = sorted(clips["scene"].unique())
    runs: list[_Run] = []
    known: set[tuple[str, int]] = set()
    for path in map(Path, paths):
        cell, seed = training_of(path)
        if (cell, seed) in known:
            raise InputError(f"{path}: another file has the same cell and seed; give each once")
        known.add((cell, seed))
        read = pd.read_csv(path, dtype=str, keep_default_na=False)
        missing = [column for column in _READ_COLUMNS if column not in read.columns]
        if missing:
            raise InputError(f"{path}: no column {', '.join(missing)}; delete it, and the cell is scored again")
        for (protocol, test_list), rows in read.groupby(["protocol", "test_list"], sort=False):
            if test_list not in TEST_LISTS:
                raise InputError(f"{path}: no test list '{test_list}'; delete it, and the cell is scored again")
            listed = clips[clips["split"].isin(TEST_LISTS[test_list])]
            names, truth = pd.Index(listed["filename"]), _positions(scenes, listed["scene"])
            row_of = names.get_indexer(pd.Index(rows["filename"]))
            if sorted(row_of) != list(range(len(names))):
                raise InputError(f"{path}: not the clips of {clips_path}; delete it, and the cell is scored again")
            taken = _positions(scenes, rows["predicted"])
            if (_positions(scenes, rows["scene"]) != truth[row_of]).any() or (taken < 0).any():
                raise InputError(f"{path}: not the scenes of {clips_path}; delete it, and the cell is scored again")
            predicted = np.empty_like(taken)
            predicted[row_of] = taken
            runs.append(_Run(cell, seed, str(protocol), str(test_list), predicted))
    return runs
