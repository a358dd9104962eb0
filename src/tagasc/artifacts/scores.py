"""Accuracies of cells and seeds, by protocol and test list."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from tagasc.artifacts.table import Column, TableFile
from tagasc.paper.grid import HEADLINE, TEST_LISTS, table_order
from tagasc.runtime.errors import InputError

_COLUMNS = [
    Column("cell", str, "name of the cell"),
    Column("seed", int, "seed of the training"),
    Column("protocol", str, "how epoch and kernel were chosen: last or best_on_test"),
    Column("kernel", str, "kernel of the support vector machine"),
    Column("epoch", int, "epoch whose codes were classified"),
    Column("test_list", str, "official, or all_but_train if some clips are unused"),
    Column("clips", int, "clips of the test list"),
    Column("correct", int, "correctly classified ones"),
    Column("accuracy", float, "correct / clips"),
    Column("macro_accuracy", float, "mean over the scenes of the test list of the share of correct clips"),
]
CELL_SCORES = TableFile(
    path="experiments/<name>/cells/<cell>/seed<k>/scores.csv",
    rule="score_cell",
    meaning="One row per protocol and test list.",
    columns=_COLUMNS,
)
SCORES = TableFile(
    path="experiments/<name>/scores.csv",
    rule="collect_scores",
    meaning="All scores, in the order of the tables, then by seed.",
    columns=_COLUMNS,
)
_KEY = ["cell", "seed", "protocol", "test_list"]


def read_scores(paths: Sequence[Path]) -> pd.DataFrame:
    """Return the scores of several cells and seeds, in the order of the tables, then by seed.

    Raises
    ------
    InputError
        If a file is missing, damaged or foreign, has a score that another file has, or counts other clips.

    Examples
    --------
    >>> row = ("codecat", 0, "last", "rbf", 90)
    >>> counts = {"official": (4185, 3103), "all_but_train": (5215, 3850)}
    >>> rows = [(*row, name, clips, right, right / clips, 0.74) for name, (clips, right) in counts.items()]
    >>> CELL_SCORES.write(folder / "scores.csv", pd.DataFrame(rows, columns=CELL_SCORES.names))
    >>> read_scores([folder / "scores.csv"])["correct"].tolist()
    [3103, 3850]
    """
    scores = pd.DataFrame(columns=SCORES.names)
    for path in paths:
        read = _read_one(path)
        known = scores if len(scores) else read
        for column, plural in (("protocol", "protocols"), ("test_list", "test lists")):
            if set(read[column]) != set(known[column]):
                raise CELL_SCORES.error(path, f"does not have the {plural} of {paths[0]}")
        scores = pd.concat([scores, read], ignore_index=True) if len(scores) else read
        if scores.duplicated(_KEY).any():
            raise InputError(f"{path}: has a cell, seed, protocol and test list of another file; give each file once")
        if len(scores[["test_list", "clips"]].drop_duplicates()) > scores["test_list"].nunique():
            raise InputError(
                f"{path}: counts other clips than {paths[0]}; delete the one that belongs to another corpus"
            )
    order = scores["cell"].map(table_order)
    return scores.assign(order=order).sort_values(["order", "seed"], kind="stable", ignore_index=True)[SCORES.names]


def _read_one(path: Path) -> pd.DataFrame:
    """Return the scores of one file, which must be whole and agree with themselves."""
    scores = CELL_SCORES.read(path)
    named = scores["test_list"].unique().tolist()
    for protocol, test_lists in scores.groupby("protocol")["test_list"]:
        if sorted(test_lists) != sorted(named):
            raise CELL_SCORES.error(path, f"does not have one row for each test list under protocol {protocol}")
    if named not in ([HEADLINE[1]], list(TEST_LISTS)):
        raise CELL_SCORES.error(path, f"has the test lists {', '.join(named)}, expected {' and '.join(TEST_LISTS)}")
    for cell, seed in scores[["cell", "seed"]].drop_duplicates().itertuples(index=False):
        CELL_SCORES.check_run(path, str(cell), int(seed))
    if (scores["correct"] / scores["clips"] != scores["accuracy"]).any():
        raise CELL_SCORES.error(path, "has an accuracy that is not correct / clips")
    if not scores["accuracy"].between(0, 1).all():
        raise CELL_SCORES.error(path, "has an accuracy outside [0, 1]")
    if not scores["macro_accuracy"].between(0, 1).all():
        raise CELL_SCORES.error(path, "has a macro_accuracy outside [0, 1]")
    return scores


def headline_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of protocol last on the official test list.

    >>> table = pd.DataFrame({"protocol": ["last", "best_on_test"], "test_list": "official"})
    >>> headline_rows(table)["protocol"].tolist()
    ['last']
    """
    protocol, test_list = HEADLINE
    return table[(table["protocol"] == protocol) & (table["test_list"] == test_list)]
