import numpy as np
import pandas as pd
import pytest

from tagasc.artifacts.scenes import CLIPS, WAVEFORMS, read_clips, read_scenes
from tagasc.runtime.errors import InputError

pytestmark = pytest.mark.usefixtures("without_records")

ROWS = [
    ("b.wav", "tram", "oslo", "oslo-0", "train", 0.5, "a"),
    ("c.wav", "bus", "rome", "rome-1", "train", 0.5, ""),
    ("a.wav", "bus", "oslo", "oslo-2", "evaluate", 0.5, "b"),
]


@pytest.fixture
def table():
    return pd.DataFrame(ROWS, columns=CLIPS.names)


@pytest.fixture
def paths(table, tmp_path):
    CLIPS.write(tmp_path / "clips.csv", table)
    WAVEFORMS.write(tmp_path / "waveforms.npy", np.arange(3 * 2 * 10).reshape(3, 2, 10))
    return tmp_path / "clips.csv", tmp_path / "waveforms.npy"


def test_scenes_are_read_as_they_were_written(paths):
    corpus = read_scenes(*paths)
    assert corpus.scenes == ["bus", "tram"]
    assert corpus.labels.tolist() == [1, 0, 0]
    assert corpus.clips["source_label"].tolist() == ["a", "", "b"]
    assert (corpus.rows("train"), corpus.rows("evaluate"), corpus.rows("unused")) == (
        slice(0, 2),
        slice(2, 3),
        slice(3, 3),
    )
    assert corpus.waveforms[1, 0].tolist() == list(range(20, 30))


@pytest.mark.parametrize("number", [0, 1])
def test_a_damaged_file_names_the_rule_that_writes_it_again(paths, number, damage):
    damage(paths[number])
    with pytest.raises(InputError, match=rf"^{paths[number]}: .*; delete it, and rule pack_scenes writes it again$"):
        read_scenes(*paths)


def test_a_table_that_is_cut_at_the_end_of_a_line_does_not_belong_to_its_waveforms(paths):
    lines = paths[0].read_text().splitlines(keepends=True)
    paths[0].write_text("".join(lines[:-1]))
    with pytest.raises(InputError, match=r"clips\.csv: lists 2 clips, but waveforms\.npy has 3; .*rule pack_scenes"):
        read_scenes(*paths)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda table: table.assign(split="test"), "has the split 'test', expected train, evaluate, unused"),
        (lambda table: table[::-1], "is not sorted by split"),
        (lambda table: table.assign(filename="a.wav"), r"lists a\.wav twice"),
        (lambda table: table.drop(columns="location"), "line 2 has no location"),
    ],
)
def test_a_foreign_table_is_an_error(table, change, problem, tmp_path):
    CLIPS.write(tmp_path / "clips.csv", change(table))
    with pytest.raises(InputError, match=rf"clips\.csv: {problem}; delete it, and rule pack_scenes"):
        read_clips(tmp_path / "clips.csv")


def test_waveforms_of_another_type_are_an_error(paths):
    np.save(paths[1], np.zeros((3, 2, 10), np.float32))
    with pytest.raises(InputError, match=r"waveforms\.npy: is float32 .*rule pack_scenes"):
        read_scenes(*paths)
