import pandas as pd
import pytest

from tagasc.artifacts.pictures import GAINED_CLIPS
from tagasc.tables.overview.gained_table import gained_table


def clips(gained, lost=1):
    rows = [
        {
            "cell": "codecat",
            "filename": f"{change}{number}.wav",
            "scene": "bus",
            "change": change,
            "baseline_predicted": "park" if change == "gained" else "bus",
            "predicted": "bus" if change == "gained" else "park",
            "tag1": "Bus",
            "value1": 0.5,
            "tag2": "Bark" if number else "",
            "value2": 0.125 if number else None,
            "tag3": "",
            "value3": None,
        }
        for change, count in (("lost", lost), ("gained", gained))
        for number in range(count)
    ]
    return pd.DataFrame(rows, columns=GAINED_CLIPS.table.names)


def test_only_gained_clips_are_shown_with_their_tags():
    table = gained_table(clips(2))
    assert table.rows == [
        ["gained0.wav", "bus", "park", "Bus 0.50"],
        ["gained1.wav", "bus", "park", "Bus 0.50, Bark 0.12"],
    ]
    assert table.caption == "Here are the 2 clips that codecat gets right and the baseline wrong."


@pytest.mark.parametrize(
    ("gained", "rows", "start", "end"),
    [
        (1, 1, "Here are the only clip", "wrong."),
        (40, 40, "Here are the 40 clips", "wrong."),
        (41, 40, "Here are the first 40 of 41 clips", "The others are in figures/gained_clips.csv."),
    ],
)
def test_the_first_forty_are_shown_and_the_caption_says_where_the_others_are(gained, rows, start, end):
    table = gained_table(clips(gained))
    assert len(table.rows) == rows
    assert table.caption.startswith(start)
    assert table.caption.endswith(end)


def test_there_is_no_table_without_gained_clips():
    assert gained_table(clips(0, lost=3)) is None
    assert gained_table(GAINED_CLIPS.table.empty) is None
