import numpy as np
import pandas as pd
import pytest

from tagasc.artifacts.comparisons import COMPARISONS
from tagasc.tables.overview.system_table import system_table

NUMBERS = [column.name for column in COMPARISONS.columns if column.type is float]


def comparisons(*rows):
    common = {"protocol": "last", "test_list": "official", "seeds": 1, "tables": ""}
    return pd.DataFrame([common | row for row in rows], columns=COMPARISONS.names).astype(dict.fromkeys(NUMBERS, float))


FULL = {
    "cell": "shared-heads2-layers0",
    "tables": "5 6",
    "accuracy": 0.7512,
    "low": 0.7,
    "high": 0.8,
    "macro_accuracy": 0.7401,
    "difference": -0.0123,
    "difference_low": -0.03,
    "difference_high": 0.006,
    "p_holm": 0.0004,
    "accuracy_seen": 0.76,
    "accuracy_unseen": 0.72,
}


def column(table, title):
    place = [heading for heading, _ in table.headings].index(title)
    return [row[place] for row in table.rows]


@pytest.mark.parametrize(
    ("title", "text", "key"),
    [
        ("Accuracy", "75.12", 0.7512),
        ("95 % interval", "70.00 to 80.00", 0.7),
        ("Paper", "76.12", 0.7612),
        ("Class-averaged", "74.01", 0.7401),
        ("Difference", "-1.23", -0.0123),
        ("Its 95 % interval", "-3.00 to +0.60", -0.03),
        ("Adjusted p", "< 0.001", 0.0004),
        ("Seen cities", "76.00", 0.76),
        ("Unseen cities", "72.00", 0.72),
    ],
)
def test_accuracies_are_in_per_cent_and_differences_in_points(title, text, key):
    (value,) = column(system_table(comparisons(FULL), with_paper=True), title)
    assert value.text == text
    assert value.key == pytest.approx(key)


def test_rows_keep_the_order_of_the_file_and_end_with_their_tables():
    rows = comparisons({"cell": "tags_alone", "accuracy": 0.5}, FULL)
    table = system_table(rows, with_paper=False)
    assert [row[0] for row in table.rows] == ["tags_alone", "shared-heads2-layers0"]
    assert [row[-1] for row in table.rows] == ["", "5,\N{NO-BREAK SPACE}6"]


def test_only_the_headline_is_shown():
    others = [FULL | {"protocol": "best_on_test"}, FULL | {"test_list": "all_but_train"}]
    table = system_table(comparisons(FULL, *others), with_paper=False)
    assert len(table.rows) == 1
    assert table.note.startswith("Protocol last, test list official.")


def test_empty_columns_are_left_out():
    table = system_table(comparisons({"cell": "baseline", "tables": "2", "accuracy": 0.5}), with_paper=False)
    assert [title for title, _ in table.headings] == ["Cell or control", "Accuracy", "Tables"]


def test_the_number_of_seeds_is_shown_where_it_differs():
    rows = comparisons(FULL, FULL | {"cell": "codecat", "seeds": 3})
    assert [value.text for value in column(system_table(rows, with_paper=False), "Seeds")] == ["1", "3"]


def test_a_missing_number_has_no_text_and_no_key():
    table = system_table(comparisons(FULL, {"cell": "baseline", "accuracy": 0.5, "low": np.nan}), with_paper=False)
    assert [value.text for value in column(table, "Difference")] == ["-1.23", ""]
