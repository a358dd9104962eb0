import re

import pytest

from tagasc.artifacts.history import CELL_HISTORY, write_history
from tagasc.artifacts.learning import LEARNING
from tagasc.runtime.errors import InputError
from tagasc.tables.draw_learning import draw_learning

CELLS = ["shared-heads2-layers1", "baseline", "attention-heads2-layers0", "attention-heads4-layers0"]


@pytest.fixture
def histories(tmp_path):
    """Write histories of four cells, two seeds and three epochs, of which only the last is evaluated."""
    paths = []
    for number, cell in enumerate(CELLS):
        for seed in (0, 1):
            path = tmp_path / f"{number}-{seed}.jsonl"
            training = {"cell": cell, "seed": seed, "seconds": 1.0}
            rows = [
                {**training, "epoch": n, "loss": (1 + number + seed) / n, "train_accuracy": n / 4} for n in (1, 2, 3)
            ]
            rows[-1]["evaluate_accuracy"] = 0.5
            write_history(CELL_HISTORY, path, rows)
            paths.append(path)
    return paths


def test_one_table_has_all_histories(histories, tmp_path):
    draw_learning(histories, table_path=tmp_path / "learning.csv", figure_path=tmp_path / "learning.svg")
    table = LEARNING.read(tmp_path / "learning.csv")
    assert len(table) == 4 * 2 * 3
    assert list(dict.fromkeys(table["cell"])) == [CELLS[1], CELLS[2], CELLS[3], CELLS[0]]
    shared = table[(table["cell"] == CELLS[0]) & (table["seed"] == 1)]
    assert shared["loss"].tolist() == [2.0, 1.0, pytest.approx(2 / 3)]
    assert shared["evaluate_accuracy"].isna().tolist() == [True, True, False]


def test_the_figure_has_one_panel_per_variant_and_one_line_per_cell(histories, tmp_path):
    draw_learning(histories, table_path=tmp_path / "learning.csv", figure_path=tmp_path / "learning.svg")
    picture = (tmp_path / "learning.svg").read_text()
    for text in ("baseline", "attention", "shared", "epoch", "training loss", "heads2-layers0", "heads4-layers0"):
        assert re.search(rf">{text}</text>", picture), text
    draw_learning(histories, table_path=tmp_path / "learning.csv", figure_path=tmp_path / "again.svg")
    assert (tmp_path / "again.svg").read_text() == picture


def test_without_trainings_the_table_is_empty(tmp_path):
    draw_learning([], table_path=tmp_path / "learning.csv", figure_path=tmp_path / "learning.svg")
    assert (tmp_path / "learning.csv").read_text() == ",".join(LEARNING.names) + "\n"


@pytest.mark.usefixtures("without_records")
def test_a_history_that_is_cut_short_is_an_error(histories, tmp_path):
    lines = histories[0].read_text().splitlines(keepends=True)
    histories[0].write_text("".join(lines[:-1]))
    with pytest.raises(InputError, match=r"0-0\.jsonl: is cut short: .*rule train_cell writes it again"):
        draw_learning(histories, table_path=tmp_path / "learning.csv", figure_path=tmp_path / "learning.svg")
