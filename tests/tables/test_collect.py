import pandas as pd
import pytest

from tagasc.errors import InputError
from tagasc.tables.collect import collect_scores


def test_scores_come_in_the_order_of_the_tables_then_by_seed(scored, tmp_path):
    names = ["shared-heads32-layers3", "attention-heads64-layers1", "attention-heads16-layers0", "baseline"]
    paths = scored({name: [70.0, 71.0] for name in names})
    collect_scores(paths[::-1], tmp_path / "out" / "scores.csv")
    scores = pd.read_csv(tmp_path / "out" / "scores.csv")
    assert list(dict.fromkeys(scores["cell"])) == [
        *("baseline", "attention-heads16-layers0", "shared-heads32-layers3"),
        "attention-heads64-layers1",  # not the paper's
    ]
    assert scores["seed"].tolist() == [0, 0, 1, 1] * 4
    assert scores["test_list"].tolist() == ["official", "all_but_train"] * 8
    assert scores["accuracy"].tolist() == [0.7, 0, 0.71, 0] * 4


def test_no_scores_make_an_empty_file(tmp_path):
    collect_scores([], tmp_path / "scores.csv")
    assert (tmp_path / "scores.csv").read_text() == (
        "cell,seed,protocol,kernel,epoch,test_list,clips,correct,accuracy\n"
    )


def test_a_file_given_twice(scored, tmp_path):
    paths = scored({"baseline": [70.0]})
    with pytest.raises(InputError, match=r"baseline/seed0/scores\.csv: another file has the same cell"):
        collect_scores(paths * 2, tmp_path / "scores.csv")


def test_scores_on_different_clips(scored, tmp_path):
    paths = scored({"baseline": [70.0]}) + scored({"codecat": [70.0]}, clips=100)
    with pytest.raises(InputError, match=r"codecat/seed0/scores\.csv: not scored on as many clips as .*baseline"):
        collect_scores(paths, tmp_path / "scores.csv")


def test_a_file_without_a_column(tmp_path):
    (tmp_path / "old.csv").write_text("cell,seed\nbaseline,0\n")
    with pytest.raises(InputError, match=r"old\.csv: no column protocol, kernel, .*; delete it"):
        collect_scores([tmp_path / "old.csv"], tmp_path / "scores.csv")
