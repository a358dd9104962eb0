"""The table of all cells and controls on the page."""

from collections.abc import Callable
from math import isnan

import pandas as pd

from tagasc.paper.numbers import ACCURACY
from tagasc.tables.figures.families import headline
from tagasc.tables.overview.page_table import PageTable, Value
from tagasc.tables.overview.wording import p_value, points


def system_table(comparisons: pd.DataFrame, *, with_paper: bool) -> PageTable:
    """Return the table of the headline: one row per cell and control.

    Columns in which all entries are empty are left out, and so is the number of seeds if it is the same everywhere.

    Parameters
    ----------
    comparisons
        The table `tagasc.artifacts.comparisons.COMPARISONS`.
    with_paper
        Whether to show the paper's numbers.
    """
    rows = headline(comparisons)
    shown = rows.assign(paper=rows["cell"].map(ACCURACY if with_paper else {}).astype(float) / 100)
    columns: dict[str, list[Value]] = {
        "Accuracy": _values(shown["accuracy"], _per_cent),
        "95 % interval": _intervals(shown["low"], shown["high"], _per_cent),
        "Paper": _values(shown["paper"], _per_cent),
        "Class-averaged": _values(shown["macro_accuracy"], _per_cent),
        "Difference": _values(shown["difference"], points),
        "Its 95 % interval": _intervals(shown["difference_low"], shown["difference_high"], points),
        "Adjusted p": _values(shown["p_holm"], p_value),
        "Seen cities": _values(shown["accuracy_seen"], _per_cent),
        "Unseen cities": _values(shown["accuracy_unseen"], _per_cent),
    }
    if len(set(rows["seeds"])) > 1:
        columns["Seeds"] = [Value(str(seeds)) for seeds in rows["seeds"]]
    columns = {title: values for title, values in columns.items() if any(value.text for value in values)}
    return PageTable(
        id="systems",
        caption="Accuracies in %, and differences from the baseline in points. p-values are adjusted for the cells of "
        "a table by Holm's procedure.",
        headings=[("Cell or control", False), *((title, True) for title in columns), ("Tables", False)],
        rows=[
            [cell, *values, tables.replace(" ", ",\N{NO-BREAK SPACE}")]
            for cell, tables, *values in zip(rows["cell"], rows["tables"], *columns.values(), strict=True)
        ],
        note=f"Protocol {rows['protocol'].iloc[0]}, test list {rows['test_list'].iloc[0]}. comparisons.csv also has "
        "the other protocols and test lists.",
    )


def _values(numbers: "pd.Series[float]", wording: Callable[[float], str]) -> list[Value]:
    return [Value("") if isnan(number) else Value(wording(number), number) for number in numbers]


def _intervals(low: "pd.Series[float]", high: "pd.Series[float]", wording: Callable[[float], str]) -> list[Value]:
    """Return intervals, which are sorted by their lower ends."""
    return [
        Value("") if isnan(start) else Value(f"{wording(start)} to {wording(end)}", start)
        for start, end in zip(low, high, strict=True)
    ]


def _per_cent(accuracy: float) -> str:
    return f"{100 * accuracy:.2f}"
