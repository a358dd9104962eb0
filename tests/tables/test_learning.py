import json
import re

import pandas as pd
import pytest

from tagasc.errors import InputError
from tagasc.tables.learning import LEARNING_COLUMNS, write_learning

CELLS = ["shared-heads2-layers1", "baseline", "attention-heads2-layers0", "attention-heads4-layers0"]


@pytest.fixture
def histories(tmp_path):
    """Write histories of four cells, two seeds and three epochs; the last one alone is evaluated."""
    paths = []
    for number, cell in enumerate(CELLS):
        for seed in (0, 1):
            path = tmp_path / cell / f"seed{seed}" / "history.jsonl"
            path.parent.mkdir(parents=True)
            rows = [{"epoch": n, "loss": (1 + number + seed) / n, "train_accuracy": n / 4} for n in (1, 2, 3)]
            rows[-1]["evaluate_accuracy"] = 0.5
            path.write_text("".join(json.dumps(row | {"seconds": 1.0}) + "\n" for row in rows))
            paths.append(path)
    return paths


def test_all_histories_in_one_table(histories, tmp_path):
    write_learning(histories, tmp_path / "learning.csv", tmp_path / "learning.svg")
    table = pd.read_csv(tmp_path / "learning.csv")
    assert list(table.columns) == LEARNING_COLUMNS
    assert len(table) == 4 * 2 * 3
    assert list(dict.fromkeys(table["cell"])) == [CELLS[1], CELLS[2], CELLS[3], CELLS[0]]
    shared = table[(table["cell"] == CELLS[0]) & (table["seed"] == 1)]
    assert shared["loss"].tolist() == [2.0, 1.0, pytest.approx(2 / 3)]
    assert shared["evaluate_accuracy"].isna().tolist() == [True, True, False]


def test_the_figure_has_a_panel_a_variant_and_a_line_a_cell(histories, tmp_path):
    write_learning(histories, tmp_path / "learning.csv", tmp_path / "learning.svg")
    picture = (tmp_path / "learning.svg").read_text()
    for text in ("baseline", "attention", "shared", "epoch", "training loss", "heads2-layers0", "heads4-layers0"):
        assert re.search(rf">{text}</text>", picture), text
    write_learning(histories, tmp_path / "learning.csv", tmp_path / "again.svg")
    assert (tmp_path / "again.svg").read_text() == picture


def test_without_trainings(tmp_path):
    write_learning([], tmp_path / "learning.csv", tmp_path / "learning.svg")
    assert (tmp_path / "learning.csv").read_text() == ",".join(LEARNING_COLUMNS) + "\n"


def test_a_path_that_does_not_name_a_cell(tmp_path):
    with pytest.raises(InputError, match=r"history\.jsonl: the path does not name cell and seed"):
        write_learning([tmp_path / "history.jsonl"], tmp_path / "learning.csv", tmp_path / "learning.svg")
