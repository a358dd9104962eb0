import re

import numpy as np
import pandas as pd
import pytest

from tagasc.artifacts.history import CELL_HISTORY, write_history
from tagasc.artifacts.scores import CELL_SCORES
from tagasc.paper.grid import CELLS
from tagasc.runtime.errors import InputError
from tagasc.tables.figures.draw_learning import draw_learning
from tagasc.tables.figures.learning import draw_learning as draw

COLUMNS = ["cell", "family", "seed", "epoch", "loss", "train_accuracy", "evaluate_accuracy", "svm_accuracy"]


@pytest.fixture(scope="module")
def learned(write):
    cells = ["baseline", *(f"attention-heads{heads}-layers0" for heads in (2, 4, 8, 16)), "codecat-shuffled"]
    written = write(cells, (0, 1))
    paths = [written.made_up.paths("cells", name) for name in ("history.jsonl", "scores.csv")]
    draw_learning(*paths, folder=written.figures)
    return written


def test_one_row_per_training_and_epoch_in_the_order_of_the_tables(learned):
    table = learned.table("learning")
    assert table.columns.tolist() == COLUMNS
    assert len(table) == 6 * 2 * 3
    assert list(dict.fromkeys(table["cell"]))[:3] == [
        "baseline",
        "attention-heads2-layers0",
        "attention-heads4-layers0",
    ]
    assert table["epoch"].tolist() == [1, 2, 3] * 12
    assert table["evaluate_accuracy"].notna().tolist() == [False, False, True] * 12


def test_the_accuracy_of_the_svm_stands_in_the_row_of_its_epoch(learned):
    table = learned.table("learning").set_index(["cell", "seed", "epoch"])["svm_accuracy"]
    assert table.notna().sum() == 12
    for path in learned.made_up.paths("cells", "scores.csv"):
        score = CELL_SCORES.read(path).iloc[0]
        assert table[score["cell"], score["seed"], score["epoch"]] == score["accuracy"]


def test_best_median_and_worst_are_those_of_the_last_losses(learned):
    table = learned.table("learning")
    figure = draw(table)
    last = table[(table["epoch"] == 3) & (table["family"] == "attention")].groupby("cell")["loss"].mean().sort_values()
    axes = next(axes for axes in figure.axes if axes.get_title() == "attention")
    lines = {line.get_label().partition(":")[0]: line for line in axes.lines}
    for key, place in (("best", 0), ("median", 1), ("worst", 3)):
        cell = last.index[place]
        assert lines[key].get_label() == f"{key}: {cell.removeprefix('attention-')}"
        losses = table[table["cell"] == cell].groupby("epoch")["loss"].mean()
        assert np.asarray(lines[key].get_ydata()) == pytest.approx(losses.to_numpy())


def test_all_losses_have_one_scale(learned):
    axes = [axes for axes in draw(learned.table("learning")).axes if axes.get_title()]
    assert [each.get_title() for each in axes] == ["baseline", "attention", "shuffled"]
    assert len({each.get_ylim() for each in axes}) == 1


def test_every_family_and_one_epoch_are_drawn():
    cells = [*CELLS, "jung2019", "jung2019-kd", "codecat-shuffled"]
    rows = [(cell, "", 0, 1, 1.0, 0.5, None, None) for cell in cells]
    table = pd.DataFrame(rows, columns=COLUMNS).astype({"evaluate_accuracy": float, "svm_accuracy": float})
    table["family"] = [re.sub(r"(kd|shuffled)$", "", cell).partition("-")[0] for cell in cells]
    table.loc[table["cell"] == "jung2019-kd", "family"] = "distilled"
    table.loc[table["cell"] == "codecat-shuffled", "family"] = "shuffled"
    titles = [axes.get_title() for axes in draw(table).axes if axes.get_title()]
    expected = [
        "baseline",
        "jung2019",
        "codecat",
        "before_code",
        "attention",
        "separate",
        "shared",
        "distilled",
        "shuffled",
    ]
    assert titles == expected


def test_a_damaged_history_is_named(tmp_path):
    path = tmp_path / "history.jsonl"
    rows = [{"cell": "codecat", "seed": 0, "epoch": 1, "loss": 1.0, "train_accuracy": 0.5}]
    write_history(CELL_HISTORY, path, rows)
    with pytest.raises(InputError, match="its last epoch has no evaluate_accuracy"):
        draw_learning([path], [], folder=tmp_path)
