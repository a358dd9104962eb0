import csv
from io import StringIO

import pytest

from tagasc.artifacts.tables import TABLE
from tagasc.paper.grid import TABLES
from tagasc.paper.numbers import ACCURACY
from tagasc.runtime.errors import InputError
from tagasc.tables.overview.page_table import Value
from tagasc.tables.overview.result_tables import read_result_tables
from tagasc.tables.render import DASH

FEW = ["baseline", "codecat", "before_code-layers1", *(f"attention-heads{heads}-layers0" for heads in (2, 4))]
OFFICIAL = ["official"]


@pytest.fixture(scope="module")
def several(write):
    """Return an experiment with two seeds, two protocols and two test lists, next to the paper."""
    scenes = {"bus": (6, 20, 6), "park": (6, 14, 6)}
    return write([*FEW, "shared-heads2-layers0"], (0, 1), scenes=scenes, paper=True, protocols=("last", "best_on_test"))


@pytest.fixture(scope="module")
def single(write):
    """Return an experiment with one seed."""
    return write(FEW, (3,), scenes={"bus": (6, 20, 0), "park": (6, 14, 0)})


def rows_of(result, name):
    return list(csv.DictReader(StringIO((result.folder / "tables" / f"{name}.csv").read_text())))


def read(result, number, protocols=("last",), test_lists=OFFICIAL):
    return read_result_tables(number, protocols, test_lists, result.folder / "tables")


def texts(row):
    return [entry.text if isinstance(entry, Value) else entry for entry in row]


def test_the_headline_comes_first_and_every_combination_once(several):
    found = read(several, 3, ["best_on_test", "last"], ["all_but_train", "official"])
    assert [name for name, _ in found] == [
        "protocol last, test list official",
        "protocol best_on_test, test list all_but_train",
        "protocol best_on_test, test list official",
        "protocol last, test list all_but_train",
    ]
    assert found[0][1].id == "table3"
    assert found[1][1].id == "table3-best_on_test-all_but_train"


@pytest.mark.parametrize("number", [2, 3, 4, 5])
def test_rows_have_headers_then_accuracies_then_class_averages(several, number):
    (_, table), layout = read(several, number)[0], TABLES[number]
    for row, stored in zip(table.rows, rows_of(several, f"table{number}"), strict=True):
        kinds = ["", " macro"]
        assert texts(row) == [
            *(stored[header] for header in layout.row_headers),
            *(stored[column + kind] for kind in kinds for column in layout.columns),
        ]
        assert len(row) == len(table.headings)


def test_deviations_and_the_papers_numbers_stand_next_to_ours(several):
    (_, table), stored = read(several, 2)[0], rows_of(several, "table2")[0]
    accuracy, macro = table.rows[0][3:]
    assert accuracy.suffix == f" ± {stored['Acc sd']}"
    assert accuracy.detail == f"paper {ACCURACY['baseline']:.2f}"
    assert macro.suffix == f" ± {stored['Acc macro sd']}"
    assert macro.detail == ""
    assert "over 2 seeds. The paper's number stands below ours." in table.caption


def test_one_seed_without_the_paper_has_plain_numbers(single):
    ((_, table),) = read(single, 2)
    assert [(entry.suffix, entry.detail) for row in table.rows for entry in row if isinstance(entry, Value)] == [
        ("", "")
    ] * 16
    assert table.caption == "Accuracy in %. Class-averaged: mean over scenes."


def test_the_best_of_table_2_is_bold_and_the_best_of_each_row_of_table_3(single):
    for number in (2, 3):
        ((_, table),) = read(single, number)
        bold = [[entry.bold for entry in row if isinstance(entry, Value)] for row in table.rows]
        scored = [[entry.text for entry in row if isinstance(entry, Value)] for row in table.rows]
        half = len(bold[0]) // 2
        groups = [scored] if number == 2 else [[row] for row in scored]
        expected = []
        for group in groups:
            best = [max((row[i] for row in group for i in part if row[i]), default=None) for part in parts(half)]
            expected += [[row[i] != "" and row[i] == best[i >= half] for i in range(2 * half)] for row in group]
        assert bold == expected
        assert sum(map(sum, bold)) >= 2


def parts(half):
    return range(half), range(half, 2 * half)


def test_cells_without_a_score_stay_empty_and_are_not_bold(single):
    ((_, table),) = read(single, 4)
    assert {(entry.text, entry.bold) for row in table.rows for entry in row[1:]} == {("", False)}
    assert table.note == "None of these cells has been scored. Bold: the best of each row. –: not scored."
    assert DASH in table.note


def test_numbers_of_seeds_are_in_brackets_where_they_differ(several, tmp_path):
    text = (several.folder / "tables/table2.csv").read_text()
    header, first, *others = text.splitlines()
    place = header.split(",").index("Acc n")
    values = first.split(",")
    values[place] = "5"
    TABLE.write_text(tmp_path / "table2.csv", "\n".join([header, ",".join(values), *others]) + "\n")
    TABLE.write_text(tmp_path / "table2.md", "caption\n\nnote\n")
    ((_, table),) = read_result_tables(2, ["last"], OFFICIAL, tmp_path)
    assert table.rows[0][3].suffix.endswith(" [5]")
    assert table.rows[1][3].suffix.endswith(" [2]")
    assert "in brackets their number" in table.caption


def test_the_note_names_clips_and_protocol_and_not_another_file(several):
    note = read(several, 5)[0][1].note
    assert note.startswith("Accuracy on the 34 clips of the test list official; protocol last:")
    assert "conclusion.md" not in note


def test_table_6_sorts_by_numbers_of_parameters(several):
    ((_, table),) = read(several, 6)
    by_system = {row[0]: row[1] for row in table.rows}
    assert (by_system["Huang et al. [2]"].text, by_system["Huang et al. [2]"].key) == ("53452k", 53_452_000)
    assert by_system["Zheng et al. [8]"].text == ""
    ours = by_system["Ours, shared-heads2-layers0, table1"]
    assert ours.text == f"{ours.key:,}"
    stored = {row["System"]: row for row in rows_of(several, "table6")}
    assert str(ours.key) == stored["Ours, shared-heads2-layers0, table1"]["# Param"]


def test_table_6_has_deviations_of_this_run_alone(several):
    ((_, table),) = read(several, 6)
    stored = {row["System"]: row for row in rows_of(several, "table6")}
    for system, _, accuracy, macro, source in table.rows:
        assert accuracy.text == stored[system]["Acc (%)"]
        if source == "this run":
            assert accuracy.suffix == f" ± {stored[system]['Acc sd']} [2]"
            assert macro.suffix == f" ± {stored[system]['Class-averaged sd']} [2]"
        else:
            assert (accuracy.suffix, macro.text) == ("", "")
    assert sum(accuracy.bold for _, _, accuracy, _, _ in table.rows) == 1


@pytest.mark.parametrize(
    ("text", "problem"),
    [("System,x\nBaseline,1\n", "has no column Transform after concat"), ("", "has no column System")],
)
def test_a_foreign_csv_file_is_refused(tmp_path, text, problem):
    TABLE.write_text(tmp_path / "table2.csv", text)
    with pytest.raises(InputError, match=problem):
        read_result_tables(2, ["last"], OFFICIAL, tmp_path)


def test_a_csv_file_without_rows_is_refused(several, tmp_path):
    header = (several.folder / "tables/table2.csv").read_text().splitlines()[0]
    TABLE.write_text(tmp_path / "table2.csv", header + "\n")
    with pytest.raises(InputError, match="is cut short"):
        read_result_tables(2, ["last"], OFFICIAL, tmp_path)


def test_a_file_in_another_encoding_is_refused(tmp_path):
    (tmp_path / "table2.csv").write_bytes("Système".encode("latin-1"))
    with pytest.raises(InputError, match=r"table2\.csv: is no text in UTF-8"):
        read_result_tables(2, ["last"], OFFICIAL, tmp_path)


def test_a_missing_table_is_named(tmp_path):
    with pytest.raises(InputError, match=r"table6-best_on_test-official\.csv: does not exist"):
        read_result_tables(6, ["best_on_test"], OFFICIAL, tmp_path)
