"""The figure of a comparison of experiments: differences of each further experiment from the first one."""

import pandas as pd

from tagasc.artifacts.figure import figure_svg, label
from tagasc.tables.figures.differences import draw_differences
from tagasc.tables.figures.families import by_family, family


def experiment_svg(table: pd.DataFrame, first: str, other: str, name: str) -> str | None:
    """Return a forest plot of the differences of an experiment from the first one; None if there are none.

    Parameters
    ----------
    table
        What `compare_experiments` returns.
    first, other
        Names of the two experiments.
    name
        Begins the names of elements; see `figure_svg`.
    """
    rows = difference_rows(table, first, other)
    return None if rows.empty else figure_svg(lambda: draw_differences(rows, label(first, 60)), name)


def difference_rows(table: pd.DataFrame, first: str, other: str) -> pd.DataFrame:
    """Return the rows that the figure draws, family by family; ``seeds`` is the smaller number of both experiments."""
    fewest = table[table["experiment"].isin([first, other])].groupby("system")["seeds"].min()
    rows = table[(table["experiment"] == other) & (table["comparison"] != "")]
    families = rows["system"].map(family).astype(str)
    return by_family(rows.assign(cell=rows["system"], family=families, seeds=rows["system"].map(fewest)))
