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


def written(number, paths, folder):
    """Return a table's csv, Markdown and LaTeX."""
    csv, md, tex = (folder / f"table{number}.{suffix}" for suffix in ("csv", "md", "tex"))
    write_cell_table(number, ["last"], score_paths=paths, folder=folder)
    return pd.read_csv(csv, dtype=str, keep_default_na=False), md.read_text(), tex.read_text()


def bold(text):
    """Return the bold numbers of a table in Markdown, without the number of the table in the caption."""
    return [float(number) for number in re.findall(r"\*\*([\d.]+)\*\*", text)]


@pytest.mark.parametrize("number", [2, 3, 4, 5])
def test_the_papers_own_numbers_print_the_papers_table(number, scored, tmp_path):
    paths = scored({name: [value] for name, value in ACCURACY.items()})  # of all tables: each shows its own cells
    csv, md, tex = written(number, paths, tmp_path)
    assert bold(md) == BOLD[number]
    assert [float(value) for value in re.findall(r"\\textbf\{([\d.]+)\}", tex)] == BOLD[number]
    layout = TABLES[number]
    assert list(csv.columns) == [
        *layout.row_headers,
        *(title for column in layout.columns for title in (column, f"{column} paper")),
    ]
    for column, cells in zip(layout.columns, zip(*layout.cells, strict=True), strict=True):
        expected = [f"{ACCURACY[cell.name]:.2f}" for cell in cells]
        assert csv[column].tolist() == csv[f"{column} paper"].tolist() == expected
    assert md.count("(") - tex.count("(") == -(1 if layout.column_header else 0)  # \cmidrule(lr)
    assert "–" not in md


def test_one_row_in_all_three_forms(scored, tmp_path):
    csv, md, tex = written(
        3, scored({"attention-heads8-layers1": [75.1], "attention-heads8-layers3": [74.0]}), tmp_path
    )
    assert csv.loc[2].tolist() == ["8", "", "74.41", "75.10", "74.36", "", "74.89", "74.00", "75.17"]
    assert csv.loc[0].tolist() == ["2", "", "75.67", "", "76.58", "", "75.93", "", "75.50"]
    assert "| 8 | – (74.41) | **75.10** (74.36) | – (74.89) | 74.00 (75.17) |" in md.splitlines()
    assert r"8 & -- (74.41) & \textbf{75.10} (74.36) & -- (74.89) & 74.00 (75.17) \\" in tex
    assert md.splitlines()[2:5] == [
        "| # Head | # Transform layers for attention map |  |  |  |",
        "| :-- | --: | --: | --: | --: |",
        "|  | 0 | 1 | 2 | 3 |",
    ]
    assert "10,000 clips of the test list official; protocol last: codes of the last epoch (90)" in md
    assert "grouped by location (rbf 2×). The paper does not say which protocol it used." in md
    assert "Bold: the best of each row. –: not scored." in md


def test_all_equal_bests_are_bold(scored, tmp_path):
    cells = {"shared-heads2-layers0": [75.0], "shared-heads2-layers2": [75.0], "shared-heads2-layers3": [74.99]}
    _, md, _ = written(5, scored(cells), tmp_path)
    assert bold(md) == [75.0, 75.0]


def test_seeds_give_a_mean_and_a_standard_deviation(scored, tmp_path):
    seeds = {"baseline": [70.0, 71.0, 73.0], "codecat": [72.0, 72.5, 73.0]}
    csv, md, tex = written(2, scored(seeds), tmp_path)
    sd = f"{stdev([70, 71, 73]):.2f}"
    assert csv.loc[0].tolist() == ["Baseline", "-", "-", "71.33", sd, "3", "73.63"]
    assert csv.loc[2].tolist() == ["Codecat", "○", "×", "", "", "0", "74.36"]
    assert list(csv.columns[3:]) == ["Acc", "Acc sd", "Acc n", "Acc paper"]
    assert f"| Baseline | - | - | 71.33 ± {sd} (73.63) |" in md
    assert "| Codecat | × | - | **72.50** ± 0.50 (74.15) |" in md
    assert "mean ± standard deviation of 3 seeds" in md
    assert r"Codecat & $\times$ & - & \textbf{72.50} $\pm$ 0.50 (74.15) \\" in tex


def test_if_the_number_of_seeds_differs_it_is_printed(scored, tmp_path):
    csv, md, _ = written(2, scored({"baseline": [70.0], "codecat": [72.0, 73.0]}), tmp_path)
    assert csv["Acc n"].tolist()[:3] == ["1", "2", "0"]
    assert csv["Acc sd"].tolist()[:2] == ["", "0.71"]
    assert "70.00 [1] (73.63)" in md
    assert "**72.50** ± 0.71 [2] (74.15)" in md


def test_each_protocol_and_test_list_has_a_table_of_its_own(scored, tmp_path):
    paths = scored({"baseline": [70.0], "codecat": [60.0]}, best={"baseline": [71.0], "codecat": [75.0]})
    write_cell_table(2, ["last", "best_on_test"], score_paths=paths, folder=tmp_path / "tables")
    combinations = {
        "table2": ("70.00", "60.00"),
        "table2-last-all_but_train": ("0.00", "0.00"),
        "table2-best_on_test-official": ("71.00", "75.00"),
        "table2-best_on_test-all_but_train": ("0.00", "0.00"),
    }
    suffixes = ("csv", "md", "tex")
    written = {path.name for path in (tmp_path / "tables").iterdir()}
    assert written == {f"{name}.{suffix}" for name in combinations for suffix in suffixes}
    for name, values in combinations.items():
        table = pd.read_csv(tmp_path / f"tables/{name}.csv", dtype=str, keep_default_na=False)
        assert tuple(table["Acc"][:2]) == values
        assert rf"\label{{tab:{name.removeprefix('table')}}}" in (tmp_path / f"tables/{name}.tex").read_text()
    note = (tmp_path / "tables/table2-best_on_test-official.md").read_text()
    assert "test list official; protocol best_on_test: the epoch (7 to 7) and SVM kernel (sigmoid 2×)" in note
    assert "10,005 clips of the test list all_but_train; protocol last" in (
        (tmp_path / "tables/table2-last-all_but_train.md").read_text()
    )


def test_prediction_intervals_are_compared_with_the_paper_for_best_on_test_only(scored, tmp_path):
    # With three seeds the interval is mean ± 4.3027 · sd · √(4/3), here ± 4.97 and ± 0.497.
    seeds = {"baseline": [68.0, 69.0, 70.0], "codecat": [73.9, 74.0, 74.1], "before_code-layers1": [70.0, 70.0]}
    write_cell_table(2, ["last", "best_on_test"], score_paths=scored(seeds, best=seeds), folder=tmp_path)
    sentence = "Of 2 cells, 2 have the paper's number within the 95 % prediction interval of one further run."
    assert sentence in (tmp_path / "table2-best_on_test-official.md").read_text()
    assert "prediction interval" not in (tmp_path / "table2.md").read_text()


def test_a_table_of_dashes(tmp_path):
    csv, md, _ = written(4, [], tmp_path)
    assert set(csv["3/4"]) == {""}
    assert md.count("– (") == 8
    assert bold(md) == []
    assert "None of these cells has been scored." in md


def test_latex_is_one_table_environment(scored, tmp_path):
    _, _, tex = written(2, scored({name: [70.0] for name in TABLES[2].names}), tmp_path)
    lines = [line.strip() for line in tex.splitlines()]
    assert lines[1] == r"\begin{table}"
    assert lines[-1] == r"\end{table}"
    assert re.findall(r"\\(begin|end)\{(\w+)\}", tex) == [
        *(("begin", "table"), ("begin", "tabular"), ("end", "tabular"), ("end", "table")),
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


def test_headers_span_the_papers_columns(scored, tmp_path):
    _, _, tex = written(4, scored({"separate-heads2-concat3-attention3": [70.0]}), tmp_path)
    assert r"& \multicolumn{4}{c}{\# Transform layers for concat/att} \\" in tex
    assert r"\cmidrule(lr){2-5}" in tex
    assert r"\# Head & 3/3 & 3/4 & 4/3 & 4/4 \\" in tex
