"""Tables 2-6 on the page, read from the files of the experiment."""

import csv
from collections.abc import Mapping, Sequence
from functools import partial
from io import StringIO
from itertools import product
from pathlib import Path

from tagasc.artifacts.tables import TABLE
from tagasc.paper.grid import HEADLINE, TABLES, Layout, table_name
from tagasc.tables.overview.page_table import PageTable, Value
from tagasc.tables.overview.read_text import read_text
from tagasc.tables.summary import CONCLUSION

Row = Mapping[str, str]

TITLES = {number: layout.caption for number, layout in TABLES.items()} | {6: "The best system, and others on waveforms"}
"""Numbers of the tables, and what they show."""


def read_result_tables(
    number: int, protocols: Sequence[str], test_lists: Sequence[str], folder: Path
) -> list[tuple[str, PageTable]]:
    """Return a table for each protocol and test list, the headline's first, with a name of that combination.

    Parameters
    ----------
    number
        2 to 6.
    protocols, test_lists
        Those of the experiment.
    folder
        The folder ``tables`` of the experiment.

    Raises
    ------
    InputError
        If a file is missing, damaged or foreign.
    """
    combinations = sorted(product(protocols, test_lists), key=lambda combination: combination != HEADLINE)
    read = _read_table6 if number == 6 else partial(_read_cell_table, TABLES[number])
    return [
        (f"protocol {protocol}, test list {test_list}", read(folder / table_name(number, protocol, test_list)))
        for protocol, test_list in combinations
    ]


def _read_cell_table(layout: Layout, path: Path) -> PageTable:
    """Return one of Tables 2-5; ``path`` has no suffix."""
    rows = _read_rows(path, [*layout.row_headers, *layout.columns, *(f"{column} macro" for column in layout.columns)])
    several, with_paper = f"{layout.columns[0]} sd" in rows[0], f"{layout.columns[0]} paper" in rows[0]
    counts = {row[f"{column} n"] for row in rows for column in layout.columns if row[column]} if several else set()
    alone = len(layout.columns) == 1
    headings = [(title.replace("# ", "#\N{NO-BREAK SPACE}"), False) for title in layout.row_headers]
    headings += [(title, True) for title in (("Accuracy", "Class-averaged") if alone else layout.columns * 2)]
    n_columns = len(layout.columns)
    above = f", {layout.column_header[2:].lower()}" if layout.column_header else ""
    groups = [("", len(layout.row_headers)), (f"Accuracy{above}", n_columns), (f"Class-averaged{above}", n_columns)]
    return PageTable(
        id=path.name,
        caption=_caption(counts, with_paper=with_paper),
        headings=headings,
        groups=[] if alone else groups,
        rows=[
            [
                *(row[header] for header in layout.row_headers),
                *_values(layout, rows, row, "", print_n=len(counts) > 1),
                *_values(layout, rows, row, " macro", print_n=len(counts) > 1),
            ]
            for row in rows
        ],
        note=_read_note(path),
    )


def _caption(counts: set[str], *, with_paper: bool) -> str:
    """Return the sentences that explain the entries."""
    caption = "Accuracy in %"
    if len(counts) > 1:
        caption += ", mean ± standard deviation over seeds, and in brackets their number"
    elif counts:
        caption += f", mean ± standard deviation over {min(counts)} seeds"
    paper = " The paper's number stands below ours." if with_paper else ""
    return f"{caption}.{paper} Class-averaged: mean over scenes."


def _values(layout: Layout, rows: Sequence[Row], row: Row, kind: str, *, print_n: bool) -> list[Value]:
    """Return the accuracies of a row; ``kind`` is what follows a column's name in the file."""
    compared = rows if layout.best_of == "table" else [row]
    best = _best([each[column + kind] for each in compared for column in layout.columns])
    values = []
    for column in layout.columns:
        text = row[column + kind]
        n = f" [{row[f'{column} n']}]" if print_n and text else ""
        paper = row.get(f"{column}{kind} paper", "")
        values.append(
            Value(
                text,
                suffix=_deviation(row.get(f"{column}{kind} sd", "")) + n,
                detail=f"paper {paper}" if paper else "",
                bold=text == best,
            )
        )
    return values


def _read_table6(path: Path) -> PageTable:
    """Return Table 6; ``path`` has no suffix."""
    accuracies = {"Acc": "Acc (%)", "Class-averaged": "Class-averaged (%)"}
    rows = _read_rows(path, ["System", "# Param", *accuracies.values(), "Source"])
    shown = {column: [row[column] for row in rows if row[column]] for column in accuracies.values()}
    best = {column: _best(texts) if len(texts) > 1 else None for column, texts in shown.items()}

    def value(row: Row, name: str, column: str) -> Value:
        n = row.get("Acc n", "")
        suffix = _deviation(row.get(f"{name} sd", "")) + (f" [{n}]" if n else "")
        return Value(row[column], suffix=suffix, bold=row[column] != "" and row[column] == best[column])

    several = "Acc sd" in rows[0]
    return PageTable(
        id=path.name,
        caption="Trainable parameters, and accuracy in %"
        + (", of this run as mean ± standard deviation [number of seeds]" if several else "")
        + ". Class-averaged: mean over scenes.",
        headings=[
            ("System", False),
            *((title, True) for title in ("Parameters", "Accuracy", "Class-averaged")),
            ("Source", False),
        ],
        rows=[
            [
                row["System"],
                _parameters(row["# Param"]),
                *(value(row, name, column) for name, column in accuracies.items()),
                row["Source"],
            ]
            for row in rows
        ],
        note=_read_note(path),
    )


def _parameters(text: str) -> Value:
    """Return a number of parameters: an exact one, one that the paper prints as 636k, or none."""
    if text.isdecimal():
        return Value(f"{int(text):,}", int(text))
    if text[-1:] == "k":
        return Value(text, 1000 * float(text[:-1]))
    return Value("")


def _read_rows(path: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    """Return the rows of the csv file of a table, which has these columns and others."""
    path = path.with_name(f"{path.name}.csv")
    reader = csv.DictReader(StringIO(read_text(TABLE, path), newline=""))
    rows = list(reader)
    missing = [column for column in columns if column not in (reader.fieldnames or ())]
    if missing or not rows:
        raise TABLE.error(path, f"has no column {missing[0]}" if missing else "is cut short")
    return rows


def _read_note(path: Path) -> str:
    """Return the text below a table, from its Markdown file."""
    text = read_text(TABLE, path.with_name(f"{path.name}.md"))
    return text.strip().rpartition("\n\n")[2].removesuffix(CONCLUSION).strip()


def _best(texts: Sequence[str]) -> str | None:
    """Return the highest of several accuracies as printed; None if none is scored."""
    return max(filter(None, texts), key=float, default=None)


def _deviation(text: str) -> str:
    return f" ± {text}" if text else ""
