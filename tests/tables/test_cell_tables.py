import re
from statistics import stdev

import pandas as pd
import pytest

from tagasc.paper.grid import TABLES
from tagasc.paper.numbers import ACCURACY
from tagasc.tables.write_table import write_cell_table

# What the paper prints in bold, by table.
BOLD = {
    2: [75.66],
    3: [76.58, 76.24, 75.17, 75.96, 75.57],
    4: [75.74, 76.24],
    5: [76.12, 76.75, 75.96, 76.00, 76.27],
}


@pytest.fixture
def written(published_clips, tmp_path):
    """Return a function that writes a table and returns its csv, Markdown and LaTeX."""

    def write(number, paths, compare_with_paper="auto", clips=published_clips, protocols=("last",)):
        folder = tmp_path / "tables"
        write_cell_table(number, protocols, compare_with_paper, score_paths=paths, clips_path=clips, folder=folder)
        csv, md, tex = (folder / f"table{number}.{suffix}" for suffix in ("csv", "md", "tex"))
        return pd.read_csv(csv, dtype=str, keep_default_na=False), md.read_text(), tex.read_text()

    return write


def bold(text):
    """Return the bold numbers of a table in Markdown, without the number of the table in the caption."""
    return [float(number) for number in re.findall(r"\*\*([\d.]+)\*\*", text)]


def with_averages(values):
    """Return accuracies and the class-averaged ones below them, which are ten points lower."""
    return [*values, *(round(value - 10, 2) for value in values)]


@pytest.mark.parametrize("number", [2, 3, 4, 5])
def test_the_papers_own_numbers_print_the_papers_table(number, scored, written):
    paths = scored({name: [value] for name, value in ACCURACY.items()})  # of all tables: each shows its own cells
    csv, md, tex = written(number, paths)
    assert bold(md) == with_averages(BOLD[number])
    assert [float(value) for value in re.findall(r"\\textbf\{([\d.]+)\}", tex)] == with_averages(BOLD[number])
    layout = TABLES[number]
    assert list(csv.columns) == [
        *layout.row_headers,
        *(title for column in layout.columns for title in (column, f"{column} paper", f"{column} macro")),
    ]
    for column, cells in zip(layout.columns, zip(*layout.cells, strict=True), strict=True):
        expected = [f"{ACCURACY[cell.name]:.2f}" for cell in cells]
        assert csv[column].tolist() == csv[f"{column} paper"].tolist() == expected
        assert csv[f"{column} macro"].tolist() == [f"{ACCURACY[cell.name] - 10:.2f}" for cell in cells]
    assert md.count("(") - tex.count("(") == -(2 if layout.column_header else 0)  # \cmidrule(lr)
    assert "–" not in md


def test_one_row_in_all_three_forms(scored, written):
    csv, md, tex = written(3, scored({"attention-heads8-layers1": [75.1], "attention-heads8-layers3": [74.0]}))
    entries = [("", "74.41", ""), ("75.10", "74.36", "65.10"), ("", "74.89", ""), ("74.00", "75.17", "64.00")]
    assert csv.loc[2].tolist() == ["8", *(text for entry in entries for text in entry)]
    assert csv.loc[0].tolist() == ["2", "", "75.67", "", "", "76.58", "", "", "75.93", "", "", "75.50", ""]
    assert "| 8 | – (74.41) | **75.10** (74.36) | – (74.89) | 74.00 (75.17) |" in md.splitlines()
    assert r"8 & -- (74.41) & \textbf{75.10} (74.36) & -- (74.89) & 74.00 (75.17) \\" in tex
    header = [
        "| # Head | # Transform layers for attention map |  |  |  |",
        "| :-- | --: | --: | --: | --: |",
        "|  | 0 | 1 | 2 | 3 |",
    ]
    lines = md.splitlines()
    assert lines[0].endswith(": accuracy in %, and in parentheses the paper's number.")
    assert lines[2:5] == header
    assert lines[11:16] == ["Class-averaged accuracy in %: mean over scenes, DCASE's metric.", "", *header]
    assert lines[18] == "| 8 | – | **65.10** | – | 64.00 |"
    assert r"8 & -- & \textbf{65.10} & -- & 64.00 \\" in tex
    assert "10,000 clips of the test list official; protocol last: codes of the last epoch (90)" in md
    assert "grouped by location (rbf 2×). The paper does not say which protocol it used." in md
    assert (
        "Bold: the best of each row. –: not scored. conclusion.md compares the best cell with the best control." in md
    )


@pytest.mark.parametrize("number", [2, 3, 4, 5])
def test_recordings_of_your_own_are_not_compared_with_the_paper(number, scored, written, own_clips):
    best = {name: [ACCURACY[name]] for name in TABLES[number].names}
    csv, md, tex = written(number, scored(best, best=best), clips=own_clips, protocols=("last", "best_on_test"))
    assert not [title for title in csv.columns if "paper" in title]
    assert "paper" not in md + tex
    assert not re.search(r"\(\d\d\.\d\d\)", md + tex)
    assert re.search(r": accuracy in %\.\n", md)
    assert csv[TABLES[number].columns[0]].tolist() == [f"{ACCURACY[row[0].name]:.2f}" for row in TABLES[number].cells]


def test_the_key_decides_before_the_clips_do(scored, written, own_clips):
    paths = scored({"baseline": [70.0]})
    assert "70.00** (73.63) |" in written(2, paths, True, own_clips)[1]
    assert "| Baseline | - | - | **70.00** |" in written(2, paths, False)[1]
    assert "paper" not in written(2, paths, False)[1]


@pytest.mark.usefixtures("without_records")
def test_the_bests_of_both_kinds_of_accuracy_are_marked_apart(scored, written):
    paths = scored({"baseline": [70.0], "codecat": [72.0]})
    table = pd.read_csv(paths[0])
    paths[0].write_text(table.assign(macro_accuracy=0.65).to_csv(index=False))
    assert bold(written(2, paths)[1]) == [72.0, 65.0]


def test_all_equal_bests_are_bold(scored, written):
    cells = {"shared-heads2-layers0": [75.0], "shared-heads2-layers2": [75.0], "shared-heads2-layers3": [74.99]}
    _, md, _ = written(5, scored(cells))
    assert bold(md) == with_averages([75.0, 75.0])


def test_seeds_give_a_mean_and_a_standard_deviation(scored, written):
    seeds = {"baseline": [70.0, 71.0, 73.0], "codecat": [72.0, 72.5, 73.0]}
    csv, md, tex = written(2, scored(seeds))
    sd = f"{stdev([70, 71, 73]):.2f}"
    assert csv.loc[0].tolist() == ["Baseline", "-", "-", "71.33", sd, "3", "73.63", "61.33", sd]
    assert csv.loc[2].tolist() == ["Codecat", "○", "×", "", "", "0", "74.36", "", ""]
    assert list(csv.columns[3:]) == ["Acc", "Acc sd", "Acc n", "Acc paper", "Acc macro", "Acc macro sd"]
    assert f"| Baseline | - | - | 71.33 ± {sd} (73.63) |" in md
    assert f"| Baseline | - | - | 61.33 ± {sd} |" in md
    assert "| Codecat | × | - | **72.50** ± 0.50 (74.15) |" in md
    assert "mean ± standard deviation of 3 seeds" in md
    assert r"Codecat & $\times$ & - & \textbf{72.50} $\pm$ 0.50 (74.15) \\" in tex


def test_if_the_number_of_seeds_differs_it_is_printed(scored, written):
    csv, md, _ = written(2, scored({"baseline": [70.0], "codecat": [72.0, 73.0]}))
    assert csv["Acc n"].tolist()[:3] == ["1", "2", "0"]
    assert csv["Acc sd"].tolist()[:2] == ["", "0.71"]
    assert "70.00 [1] (73.63)" in md
    assert "**72.50** ± 0.71 [2] (74.15)" in md


def test_each_protocol_and_test_list_has_a_table_of_its_own(scored, written, tmp_path):
    paths = scored({"baseline": [70.0], "codecat": [60.0]}, best={"baseline": [71.0], "codecat": [75.0]})
    written(2, paths, protocols=("last", "best_on_test"))
    combinations = {
        "table2": ("70.00", "60.00"),
        "table2-last-all_but_train": ("0.00", "0.00"),
        "table2-best_on_test-official": ("71.00", "75.00"),
        "table2-best_on_test-all_but_train": ("0.00", "0.00"),
    }
    suffixes = ("csv", "md", "tex")
    files = {path.name for path in (tmp_path / "tables").glob("[!.]*")}
    assert files == {f"{name}.{suffix}" for name in combinations for suffix in suffixes}
    for name, values in combinations.items():
        table = pd.read_csv(tmp_path / f"tables/{name}.csv", dtype=str, keep_default_na=False)
        assert tuple(table["Acc"][:2]) == values
        assert rf"\label{{tab:{name.removeprefix('table')}}}" in (tmp_path / f"tables/{name}.tex").read_text()
    note = (tmp_path / "tables/table2-best_on_test-official.md").read_text()
    assert "test list official; protocol best_on_test: the epoch (7 to 7) and SVM kernel (sigmoid 2×)" in note
    assert "10,005 clips of the test list all_but_train; protocol last" in (
        (tmp_path / "tables/table2-last-all_but_train.md").read_text()
    )


@pytest.mark.usefixtures("without_records")
def test_without_unused_clips_there_is_one_test_list(scored, written, own_clips, tmp_path):
    paths = scored({"baseline": [70.0]}, best={"baseline": [71.0]})
    for path in paths:
        table = pd.read_csv(path)
        path.write_text(table[table["test_list"] == "official"].to_csv(index=False))
    written(2, paths, clips=own_clips, protocols=("last", "best_on_test"))
    files = {path.stem for path in (tmp_path / "tables").glob("[!.]*")}
    assert files == {"table2", "table2-best_on_test-official"}


def test_prediction_intervals_are_compared_with_the_paper_for_best_on_test_only(scored, written, tmp_path):
    # With three seeds the interval is mean ± 4.3027 · sd · √(4/3), here ± 4.97 and ± 0.497.
    seeds = {"baseline": [68.0, 69.0, 70.0], "codecat": [73.9, 74.0, 74.1], "before_code-layers1": [70.0, 70.0]}
    paths = scored(seeds, best=seeds)
    written(2, paths, protocols=("last", "best_on_test"))
    sentence = "Of 2 cells, 2 have the paper's number within the 95 % prediction interval of one further run."
    further = tmp_path / "tables/table2-best_on_test-official.md"
    assert sentence in further.read_text()
    assert "prediction interval" not in (tmp_path / "tables/table2.md").read_text()
    written(2, paths, False, protocols=("last", "best_on_test"))
    assert "prediction interval" not in further.read_text()


def test_a_table_of_dashes(written):
    csv, md, _ = written(4, [])
    assert set(csv["3/4"]) == {""}
    assert md.count("– (") == 8
    assert bold(md) == []
    assert "None of these cells has been scored." in md


def test_latex_is_one_table_environment(scored, written):
    _, _, tex = written(2, scored({name: [70.0] for name in TABLES[2].names}))
    lines = [line.strip() for line in tex.splitlines()]
    assert lines[1] == r"\begin{table}"
    assert lines[-1] == r"\end{table}"
    assert re.findall(r"\\(begin|end)\{(\w+)\}", tex) == [
        ("begin", "table"),
        *(("begin", "tabular"), ("end", "tabular")) * 2,
        ("end", "table"),
    ]
    rules = [lines.index(rf"\{rule}rule") for rule in ("top", "mid", "bottom")]
    assert rules == sorted(rules)
    columns = re.search(r"\\begin\{tabular\}\{([lcr]+)\}", tex)[1]
    body = lines[rules[1] + 1 : rules[2]]
    assert len(body) == 8
    assert all(line.endswith(r" \\") and line.count("&") == len(columns) - 1 for line in body)
    assert r"System & Transform after concat & \# Layers before transform & Acc \\" in lines
    assert r"accuracy in \%" in tex
    assert tex.isascii()
    assert not re.search(r"(?<!\\)[#%_^]", tex.split("\n", 1)[1])


def test_headers_span_the_papers_columns(scored, written):
    _, _, tex = written(4, scored({"separate-heads2-concat3-attention3": [70.0]}))
    assert r"& \multicolumn{4}{c}{\# Transform layers for concat/att} \\" in tex
    assert r"\cmidrule(lr){2-5}" in tex
    assert r"\# Head & 3/3 & 3/4 & 4/3 & 4/4 \\" in tex
