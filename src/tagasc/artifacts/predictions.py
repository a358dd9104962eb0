"""What the support vector machines predict."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd

from tagasc.artifacts.controls import CONTROLS
from tagasc.artifacts.table import Column, TableFile
from tagasc.paper.grid import TEST_LISTS, test_lists
from tagasc.runtime.errors import InputError

_COLUMNS = [
    Column("cell", str, "name of the cell or control"),
    Column("seed", int, "seed of the training"),
    Column("filename", str, "the clip, as in clips.csv"),
    Column("scene", str, "its label"),
    Column("split", str, "evaluate or unused"),
    Column("protocol", str, "how epoch and kernel were chosen: last or best_on_test"),
    Column("kernel", str, "kernel of the support vector machine; for tuned controls, what was chosen"),
    Column("predicted", str, "the scene that it predicts"),
    Column("test_list", str, "the test list of the prediction: official, or all_but_train if some clips are unused"),
]
PREDICTIONS = TableFile(
    path="experiments/<name>/cells/<cell>/seed<k>/predictions.csv",
    rule="score_cell",
    meaning="One row per protocol, test list and clip of that list.",
    columns=_COLUMNS,
)
CONTROL_PREDICTIONS = TableFile(
    path="experiments/<name>/controls/<control>/seed<k>/predictions.csv",
    rule="score_control",
    meaning="The same for controls that need no training of their own; the column cell has the name of the control. "
    f"{' '.join(f'`{name}`: {control.meaning}.' for name, control in CONTROLS.items())}",
    columns=_COLUMNS,
)
_EITHER = replace(PREDICTIONS, rule="score_cell or score_control")


def read_predictions(paths: Iterable[Path], clips: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Yield the predictions of each cell, seed, protocol and test list, with the clips in the order of ``clips``.

    Parameters
    ----------
    paths
        Files of different cells and seeds.
    clips
        The table of clips that were classified.

    Raises
    ------
    InputError
        If a file is missing, damaged or foreign, repeats the cell and seed of another, or is of other clips.

    Examples
    --------
    >>> row = ("codecat", 0, "a.wav", "bus", "evaluate", "last", "rbf", "bus")
    >>> PREDICTIONS.write(folder / "predictions.csv", pd.DataFrame([(*row, "official")], columns=PREDICTIONS.names))
    >>> clips = pd.DataFrame([("a.wav", "bus", "evaluate")], columns=["filename", "scene", "split"])
    >>> [predictions["predicted"].tolist() for predictions in read_predictions([folder / "predictions.csv"], clips)]
    [['bus']]
    """
    known: dict[tuple[str, int], Path] = {}
    expected = test_lists(clips["split"])
    for path in paths:
        table = _EITHER.read(path)
        cell, seed = str(table["cell"].iloc[0]), int(table["seed"].iloc[0])
        if len(table[["cell", "seed"]].drop_duplicates()) > 1:
            raise _EITHER.error(path, "has the predictions of several cells or seeds")
        _EITHER.check_run(path, cell, seed)
        if (cell, seed) in known:
            raise InputError(
                f"{path}: has the cell {cell} and seed {seed}, and so has {known[cell, seed]}; give each file once"
            )
        known[cell, seed] = path
        for protocol, of_protocol in table.groupby("protocol", sort=False):
            if set(of_protocol["test_list"]) != set(expected):
                raise _EITHER.error(path, f"does not have the test lists {', '.join(expected)} under {protocol}")
            for test_list, rows in of_protocol.groupby("test_list", sort=False):
                yield _in_order(path, rows, clips, str(test_list))


def _in_order(path: Path, rows: pd.DataFrame, clips: pd.DataFrame, test_list: str) -> pd.DataFrame:
    """Return the rows in the order of the clips of a test list, and check that they are of these clips."""
    listed = clips[clips["split"].isin(TEST_LISTS[test_list])]
    if sorted(rows["filename"]) != sorted(listed["filename"]):
        raise _EITHER.error(path, f"does not have the {len(listed)} clips of the test list {test_list}")
    ordered = rows.set_index("filename").loc[listed["filename"]].reset_index()
    if (ordered["scene"].to_numpy() != listed["scene"].to_numpy()).any():
        raise _EITHER.error(path, "labels a clip with another scene than clips.csv does")
    unknown = set(ordered["predicted"]) - set(clips["scene"])
    if unknown:
        raise _EITHER.error(path, f"predicts '{min(unknown)}', which is no scene of clips.csv")
    return ordered
