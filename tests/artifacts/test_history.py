import json

import pytest

from tagasc.artifacts.history import CELL_HISTORY, TAGGER_HISTORY, read_history, write_history
from tagasc.runtime.errors import InputError

pytestmark = pytest.mark.usefixtures("without_records")

ROWS = [
    {"cell": "codecat", "seed": 0, "epoch": 1, "loss": 2.5, "train_accuracy": 0.1},
    {"cell": "codecat", "seed": 0, "epoch": 2, "loss": 1 / 3, "train_accuracy": 0.2},
    {"cell": "codecat", "seed": 0, "epoch": 3, "loss": 1.0, "train_accuracy": 0.3, "evaluate_accuracy": 0.25},
]


@pytest.fixture
def path(tmp_path):
    write_history(TAGGER_HISTORY, tmp_path / "history.jsonl", ROWS)
    return tmp_path / "history.jsonl"


def test_a_history_is_read_as_it_was_written(path):
    assert read_history(CELL_HISTORY, path) == ROWS


def test_a_damaged_history_names_the_rule_that_writes_it_again(path, damage):
    damage(path)
    with pytest.raises(InputError, match=rf"^{path}: .*; delete it, and rule train_cell writes it again$"):
        read_history(CELL_HISTORY, path)


def test_a_history_that_is_cut_short_is_recognised_at_every_length(path):
    content = path.read_bytes()
    for length in range(len(content)):
        path.write_bytes(content[:length])
        with pytest.raises(InputError, match="rule train_cell writes it again"):
            read_history(CELL_HISTORY, path)


def test_a_history_that_lacks_its_last_epochs_is_cut_short(path):
    write_history(TAGGER_HISTORY, path, ROWS[:2])
    with pytest.raises(InputError, match=r"is cut short: its last epoch has no evaluate_accuracy; .*rule train_cell"):
        read_history(CELL_HISTORY, path)


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        ([ROWS[0], ROWS[2]], 2),
        (ROWS[1:], 1),
        ([*ROWS[:2], ROWS[1]], 3),
        ([{"epoch": 1, "loss": 2.5}], 1),
        ([7], 1),
    ],
)
def test_a_foreign_history_is_an_error(rows, line, path):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    problem = f"line {line} is not epoch {line} with cell, seed, epoch, loss, train_accuracy"
    with pytest.raises(InputError, match=problem):
        read_history(CELL_HISTORY, path)


def test_the_history_of_a_tagger_ends_with_its_lwlrap(path):
    rows = [{"epoch": 1, "loss": 1.0}, {"epoch": 2, "loss": 0.5, "held_out_lwlrap": 0.6}]
    write_history(TAGGER_HISTORY, path, rows)
    assert read_history(TAGGER_HISTORY, path) == rows
    write_history(TAGGER_HISTORY, path, rows[:1])
    with pytest.raises(InputError, match="no held_out_lwlrap; delete it, and rule train_stage1 or train_stage2"):
        read_history(TAGGER_HISTORY, path)
