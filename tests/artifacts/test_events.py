import numpy as np
import pandas as pd
import pytest

from tagasc.artifacts.events import CLIPS, LABELS, MEL_POWER, read_events, read_labels
from tagasc.runtime.errors import InputError

pytestmark = pytest.mark.usefixtures("without_records")

ROWS = [
    ("a.wav", "curated", "Bark,Rain", 0, 3, 2.0),
    ("b.wav", "curated", "Siren", 3, 1, 1.0),
    ("a.wav", "test", "Bark", 4, 2, 0.5),
]


@pytest.fixture
def table():
    return pd.DataFrame(ROWS, columns=CLIPS.names)


@pytest.fixture
def paths(table, tmp_path):
    paths = tmp_path / "clips.csv", tmp_path / "labels.csv", tmp_path / "mel_power.npy"
    CLIPS.write(paths[0], table)
    LABELS.write(paths[1], pd.DataFrame({"label": ["Bark", "Rain", "Siren"]}))
    MEL_POWER.write(paths[2], np.arange(6 * 4).reshape(6, 4))
    return paths


def test_events_are_read_as_they_were_written(paths):
    events = read_events(*paths)
    assert events.targets.tolist() == [[1, 1, 0], [0, 0, 1], [1, 0, 0]]
    assert (events.rows("curated"), events.rows("noisy"), events.rows("test")) == (
        slice(0, 2),
        slice(3, 3),
        slice(2, 3),
    )
    assert events.power(2).tolist() == (0.5 * np.arange(16, 24).reshape(2, 4)).tolist()


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_damaged_file_names_the_rule_that_writes_it_again(paths, number, damage):
    damage(paths[number])
    with pytest.raises(
        InputError, match=rf"^{paths[number].parent}/.*; delete it, and rule pack_events writes it again$"
    ):
        read_events(*paths)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda table: table[:2], r"its clips do not add up to the 6 frames of mel_power\.npy"),
        (lambda table: table.assign(frames=2), "its clips do not add up"),
        (lambda table: table.assign(start=0), "its clips do not add up"),
        (lambda table: table.assign(subset=["test", "curated", "curated"]), "is not sorted by subset"),
        (lambda table: table.assign(subset="train"), "is not sorted by subset"),
        (lambda table: table.assign(labels="Bark,Howl"), r"its label 'Howl' is not in labels\.csv"),
    ],
)
def test_a_foreign_table_is_an_error(table, paths, change, problem):
    CLIPS.write(paths[0], change(table))
    with pytest.raises(InputError, match=rf"clips\.csv: {problem}.*; delete it, and rule pack_events"):
        read_events(*paths)


def test_a_vocabulary_that_is_cut_at_the_end_of_a_line_lacks_a_label(paths):
    LABELS.write(paths[1], pd.DataFrame({"label": ["Bark", "Rain"]}))
    with pytest.raises(InputError, match=r"its label 'Siren' is not in labels\.csv"):
        read_events(*paths)


@pytest.mark.parametrize("labels", [["Rain", "Bark"], ["Bark", "Bark"]])
def test_a_vocabulary_has_sorted_and_different_labels(labels, paths):
    LABELS.write(paths[1], pd.DataFrame({"label": labels}))
    with pytest.raises(InputError, match=r"labels\.csv: is not a sorted list of different labels; .*rule pack_events"):
        read_labels(paths[1])
