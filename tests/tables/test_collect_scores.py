import pytest

from tagasc.artifacts.scores import SCORES
from tagasc.runtime.errors import InputError
from tagasc.tables.collect_scores import collect_scores


def test_scores_are_in_the_order_of_the_tables_then_by_seed(scored, tmp_path):
    names = ["shared-heads32-layers3", "attention-heads64-layers1", "attention-heads16-layers0", "baseline"]
    paths = scored({name: [70.0, 71.0] for name in names})
    collect_scores(paths[::-1], tmp_path / "out" / "scores.csv")
    scores = SCORES.read(tmp_path / "out" / "scores.csv")
    assert list(dict.fromkeys(scores["cell"])) == [
        *("baseline", "attention-heads16-layers0", "shared-heads32-layers3"),
        "attention-heads64-layers1",  # not the paper's
    ]
    assert scores["seed"].tolist() == [0, 0, 1, 1] * 4
    assert scores["test_list"].tolist() == ["official", "all_but_train"] * 8
    assert scores["accuracy"].tolist() == [0.7, 0, 0.71, 0] * 4


def test_no_scores_give_a_file_without_rows(tmp_path):
    collect_scores([], tmp_path / "scores.csv")
    assert (tmp_path / "scores.csv").read_text() == (
        "cell,seed,protocol,kernel,epoch,test_list,clips,correct,accuracy,macro_accuracy\n"
    )


@pytest.mark.usefixtures("without_records")
def test_a_damaged_file_leaves_no_output(scored, tmp_path):
    (path,) = scored({"baseline": [70.0]})
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(InputError, match=r"baseline/seed0/scores\.csv: is cut short; delete it, and rule score_cell"):
        collect_scores([path], tmp_path / "scores.csv")
    assert not (tmp_path / "scores.csv").exists()
