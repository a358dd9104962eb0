import pandas as pd
import pytest

from tagasc.artifacts.table import Column, TableFile
from tagasc.runtime.errors import InputError

pytestmark = pytest.mark.usefixtures("without_records")

FILE = TableFile(
    path="lengths.csv",
    rule="measure",
    meaning="",
    columns=[
        Column("clip", str, ""),
        Column("frames", int, ""),
        Column("seconds", float, ""),
        Column("gain", float, "", optional=True),
    ],
)
HEADER = "clip,frames,seconds,gain\n"


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "lengths.csv"
    table = {"clip": ["NA", 'a "b", c', "ö\nö"], "frames": [1, 20, 300], "seconds": [0.1, 1 / 3, 2e-300]}
    FILE.write(path, pd.DataFrame({**table, "gain": [None, 0.5, None]}))
    return path


def test_a_table_is_read_as_it_was_written(path):
    table = FILE.read(path)
    assert table["clip"].tolist() == ["NA", 'a "b", c', "ö\nö"]
    assert table["frames"].tolist() == [1, 20, 300]
    assert table["seconds"].tolist() == [0.1, 1 / 3, 2e-300]
    assert table["gain"].isna().tolist() == [True, False, True]
    assert table["frames"].dtype == int


def test_a_column_that_the_table_lacks_is_left_empty(tmp_path):
    FILE.write(tmp_path / "x.csv", pd.DataFrame({"seconds": [1.0], "clip": ["a"], "frames": [2], "other": [3]}))
    assert (tmp_path / "x.csv").read_text() == HEADER + "a,2,1.0,\n"


def test_a_damaged_table_names_the_rule_that_writes_it_again(path, damage):
    damage(path)
    with pytest.raises(InputError, match=rf"^{path}: .*; delete it, and rule measure writes it again$"):
        FILE.read(path)


def test_a_table_that_is_cut_within_a_line_is_recognised_at_every_length(path):
    content = path.read_bytes()
    complete = {length for length in range(len(content)) if content[:length].endswith(b"\n")}
    for length in set(range(len(content))) - complete:
        path.write_bytes(content[:length])
        with pytest.raises(InputError, match="rule measure writes it again"):
            FILE.read(path)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (HEADER, "is cut short"),
        ("clip,frames\na,1\n", "expected the columns clip, frames, seconds, gain"),
        ("frames,clip,seconds,gain\n1,a,1.0,\n", "expected the columns clip, frames"),
        (HEADER + "a,1,1.0\n", "line 2 has 3 values, expected 4"),
        (HEADER + "a,1,1.0,0.5\nb,1,1.0,0.5,7\n", "line 3 has 5 values, expected 4"),
        (HEADER + "a,1,1.0,0.5,7\nb,1,1.0,0.5,7\n", "line 2 has 5 values"),
        (HEADER + "a,1,1.0,0.5\n\n", "line 3 has 0 values"),
        (HEADER + '"a,1,1.0,0.5\n', "cannot be read as a csv file"),
        (HEADER + "a,1,1.0,\nb,,1.0,\n", "line 3 has no frames"),
        (HEADER + "a,1.5,1.0,\n", "column frames: invalid literal"),
        (HEADER + "a,1,x,\n", "column seconds: could not convert"),
        (HEADER + "a,1,nan,\n", "column seconds: a value is not finite"),
        (HEADER + "a,1,1.0,inf\n", "column gain: a value is not finite"),
        (HEADER + "a\0,1,1.0,\n", "column clip: a value has a zero byte"),
    ],
)
def test_the_error_names_the_problem(text, problem, tmp_path):
    (tmp_path / "x.csv").write_text(text)
    with pytest.raises(InputError, match=rf"x\.csv: {problem}.*; delete it, and rule measure writes it again$"):
        FILE.read(tmp_path / "x.csv")
