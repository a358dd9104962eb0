import pandas as pd
import pytest

from tagasc.artifacts.predictions import PREDICTIONS, read_predictions
from tagasc.runtime.errors import InputError

pytestmark = pytest.mark.usefixtures("without_records")

CLIPS = pd.DataFrame(
    [
        ("t.wav", "bus", "train"),
        ("u.wav", "tram", "train"),
        ("b.wav", "bus", "evaluate"),
        ("a.wav", "tram", "evaluate"),
        ("c.wav", "bus", "unused"),
    ],
    columns=["filename", "scene", "split"],
)


def table(cell="codecat", seed=0, protocols=("last",)):
    """Return predictions in which every clip is a tram."""
    tested = CLIPS[CLIPS["split"] != "train"].assign(cell=cell, seed=seed, kernel="rbf", predicted="tram")
    return pd.concat(
        rows.assign(protocol=protocol, test_list=test_list)
        for protocol in protocols
        for test_list, rows in (("official", tested[:2]), ("all_but_train", tested))
    )


@pytest.fixture
def path(tmp_path):
    PREDICTIONS.write(tmp_path / "predictions.csv", table(protocols=["last", "best_on_test"]))
    return tmp_path / "predictions.csv"


def read(*paths):
    return list(read_predictions(paths, CLIPS))


def test_there_is_one_table_per_protocol_and_test_list(path):
    found = read(path)
    coordinates = [(rows["protocol"].iloc[0], rows["test_list"].iloc[0], len(rows)) for rows in found]
    assert coordinates == [
        ("last", "official", 2),
        ("last", "all_but_train", 3),
        ("best_on_test", "official", 2),
        ("best_on_test", "all_but_train", 3),
    ]


def test_without_unused_clips_there_is_no_second_test_list(path):
    clips = CLIPS[CLIPS["split"] != "unused"]
    PREDICTIONS.write(path, table().query("test_list == 'official'"))
    assert [rows["test_list"].iloc[0] for rows in read_predictions([path], clips)] == ["official"]
    PREDICTIONS.write(path, table())
    with pytest.raises(InputError, match="does not have the test lists official under last"):
        list(read_predictions([path], clips))


def test_clips_are_in_the_order_of_the_table_of_clips(path):
    PREDICTIONS.write(path, table().iloc[::-1])
    assert {tuple(rows["filename"]) for rows in read(path)} == {("b.wav", "a.wav"), ("b.wav", "a.wav", "c.wav")}


def test_damaged_predictions_name_the_rules_that_write_them_again(path, damage):
    damage(path)
    problem = rf"^{path}: .*; delete it, and rule score_cell or score_control writes it again$"
    with pytest.raises(InputError, match=problem):
        read(path)


def test_predictions_that_are_cut_at_the_end_of_a_line_are_recognised_at_every_line(path):
    lines = path.read_text().splitlines(keepends=True)
    for length in {*range(len(lines))} - {6}:  # 6 lines are all predictions of the first protocol
        path.write_text("".join(lines[:length]))
        with pytest.raises(InputError, match="rule score_cell or score_control writes it again"):
            read(path)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda rows: rows.iloc[1:], "does not have the 2 clips of the test list official"),
        (lambda rows: pd.concat([rows, rows.iloc[:1]]), "does not have the 2 clips of the test list official"),
        (lambda rows: rows.replace("a.wav", "d.wav"), "does not have the 2 clips of the test list official"),
        (lambda rows: rows.assign(scene="bus"), r"labels a clip with another scene than clips\.csv does"),
        (lambda rows: rows.assign(predicted="metro"), r"predicts 'metro', which is no scene of clips\.csv"),
        (lambda rows: rows.replace("official", "offical"), "does not have the test lists official, all_but_train"),
        (lambda rows: rows.assign(seed=range(len(rows))), "has the predictions of several cells or seeds"),
        (lambda rows: rows.assign(predicted=None), "line 2 has no predicted"),
    ],
)
def test_foreign_predictions_are_an_error(change, problem, path):
    PREDICTIONS.write(path, change(table()))
    with pytest.raises(InputError, match=rf"predictions\.csv: {problem}.*; delete it, and rule score_cell or"):
        read(path)


def test_two_files_of_the_same_cell_and_seed_are_an_error(path, tmp_path):
    PREDICTIONS.write(tmp_path / "other.csv", table(seed=1))
    assert len(read(path, tmp_path / "other.csv")) == 6
    with pytest.raises(InputError, match=r"has the cell codecat and seed 0, and so has .*; give each file once"):
        read(path, path)
