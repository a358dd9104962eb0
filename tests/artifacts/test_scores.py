import pandas as pd
import pytest

from tagasc.artifacts.scores import CELL_SCORES, read_scores
from tagasc.paper.grid import TEST_LISTS
from tagasc.runtime.errors import InputError

pytestmark = pytest.mark.usefixtures("without_records")


@pytest.fixture
def write(tmp_path):
    """Write the scores of a cell; return the path."""

    def write(cell="codecat", seed=0, clips=7, protocols=("last", "best_on_test"), test_lists=tuple(TEST_LISTS)):
        rows = [
            (cell, seed, protocol, "rbf", 90, test_list, clips + more, 3, 3 / (clips + more), 0.4)
            for protocol in protocols
            for test_list, more in (("official", 0), ("all_but_train", 4))
            if test_list in test_lists
        ]
        path = tmp_path / f"{cell}-{seed}.csv"
        CELL_SCORES.write(path, pd.DataFrame(rows, columns=CELL_SCORES.names))
        return path

    return write


def test_scores_of_several_files_are_sorted_by_table_then_by_seed(write):
    paths = [write(cell, seed) for cell in ("zebra", "codecat", "baseline") for seed in (1, 0)]
    scores = read_scores(paths)
    assert scores[["cell", "seed"]].drop_duplicates().to_numpy().tolist() == [
        *(["baseline", 0], ["baseline", 1], ["codecat", 0], ["codecat", 1], ["zebra", 0], ["zebra", 1])
    ]
    assert scores["accuracy"].tolist() == [3 / 7, 3 / 11] * 12


def test_damaged_scores_name_the_rule_that_writes_them_again(write, damage):
    path = write()
    damage(path)
    with pytest.raises(InputError, match=rf"^{path}: .*; delete it, and rule score_cell writes it again$"):
        read_scores([path])


@pytest.mark.parametrize("rows", [[0, 1, 2], [0, 2, 3], [0, 0, 2]])
def test_scores_that_lack_a_test_list_of_one_protocol_are_an_error(write, rows):
    path = write()
    CELL_SCORES.write(path, CELL_SCORES.read(path).iloc[rows])
    with pytest.raises(InputError, match=r"does not have one row for each test list under protocol .*rule score_cell"):
        read_scores([path])


def test_without_unused_clips_there_is_one_test_list_in_all_files(write):
    paths = [write("baseline", test_lists=["official"]), write("codecat", test_lists=["official"])]
    assert read_scores(paths)["test_list"].unique().tolist() == ["official"]
    write("codecat")
    with pytest.raises(InputError, match=r"codecat-0\.csv: does not have the test lists of .*baseline-0\.csv; delete"):
        read_scores(paths)


def test_scores_without_the_official_list_are_an_error(write):
    with pytest.raises(InputError, match="has the test lists all_but_train, expected official and all_but_train; del"):
        read_scores([write(test_lists=["all_but_train"])])


def test_scores_that_are_cut_between_protocols_lack_one_of_the_other_files(write):
    paths = [write("baseline"), write("codecat", protocols=["last"])]
    with pytest.raises(InputError, match=r"codecat-0\.csv: does not have the protocols of .*baseline-0\.csv; delete"):
        read_scores(paths)


def test_a_macro_accuracy_that_is_no_share_is_an_error(write):
    path = write()
    CELL_SCORES.write(path, CELL_SCORES.read(path).assign(macro_accuracy=40.0))
    with pytest.raises(InputError, match=r"has a macro_accuracy outside \[0, 1\]; delete it, and rule score_cell"):
        read_scores([path])


@pytest.mark.parametrize("change", [{"correct": 4}, {"accuracy": 0.5}, {"clips": 0}])
def test_an_accuracy_that_is_not_correct_per_clips_is_an_error(write, change):
    path = write()
    CELL_SCORES.write(path, CELL_SCORES.read(path).assign(**change))
    with pytest.raises(
        InputError, match=r"has an accuracy that is not correct / clips; delete it, and rule score_cell"
    ):
        read_scores([path])


def test_a_file_given_twice_is_an_error(write):
    path = write()
    with pytest.raises(InputError, match=r"codecat-0\.csv: has a cell, seed, .* of another file; give each file once"):
        read_scores([path, path])


def test_scores_on_other_clips_are_an_error(write):
    paths = [write("baseline"), write("codecat", clips=8)]
    with pytest.raises(InputError, match=r"codecat-0\.csv: counts other clips than .*baseline-0\.csv; delete the one"):
        read_scores(paths)


def test_without_files_there_are_no_scores():
    assert read_scores([]).empty
