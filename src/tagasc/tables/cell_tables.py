"""Tables 2-5: cells in rows and columns, as the paper lays them out."""

from collections.abc import Mapping

import pandas as pd

from tagasc.paper.grid import Cell, Layout, table_name
from tagasc.paper.numbers import ACCURACY
from tagasc.tables.render import DASH, Entry, Panel, PrintedTable, two_decimals
from tagasc.tables.summary import CONCLUSION, Accuracy, agreement_with_paper, provenance, select_scores, summarise

Accuracies = Mapping[str, Accuracy]
"""Accuracies by cell."""


def cell_table(
    layout: Layout, scores: pd.DataFrame, protocol: str, test_list: str, *, with_paper: bool
) -> tuple[PrintedTable, pd.DataFrame]:
    """Lay out one of Tables 2-5.

    Parameters
    ----------
    layout
        Where each cell is shown, from `tagasc.paper.grid.TABLES`.
    scores
        Scores as `tagasc.artifacts.scores.read_scores` returns them; cells that the table does not show are ignored.
    protocol, test_list
        Which of the scores to show.
    with_paper
        Whether to show the paper's numbers.

    Returns
    -------
    PrintedTable
        The table to read: overall accuracies, and class-averaged ones below them. The best of each row (in Table 2: of
        the table) is bold, with all that print the same.
    DataFrame
        The table for programs. The row headers are followed, for each column, by the accuracy, by its standard
        deviation and number of seeds if there are several, by the paper's number, and by the class-averaged accuracy
        with its standard deviation. Accuracies are in per cent with two decimals, and empty where there is no score.
    """
    shown = select_scores(scores, protocol, test_list)
    shown = shown[shown["cell"].isin(layout.names)]
    overall, macro = summarise(shown), summarise(shown, "macro_accuracy")
    paper = ACCURACY if with_paper else {}
    notes = [provenance(shown, with_paper=with_paper)]
    if with_paper and protocol == "best_on_test":  # last gives less than the protocol that the paper presumably used
        notes.append(agreement_with_paper(overall))
    notes.append(f"Bold: the best of {'the table' if layout.best_of == 'table' else 'each row'}.")
    if len(overall) < len(layout.names):
        notes.append(f"{DASH}: not scored.")
    spread = _spread(overall)
    parentheses = ", and in parentheses the paper's number" if paper else ""
    printed = PrintedTable(
        number=layout.number,
        name=table_name(layout.number, protocol, test_list),
        caption=f"{layout.caption}: accuracy in %{spread}{parentheses}.",
        titles=(*layout.row_headers, *layout.columns),
        alignment="l" + "c" * (len(layout.row_headers) - 1) + "r" * len(layout.columns),
        panels=(
            Panel(_rows(layout, overall, paper)),
            Panel(_rows(layout, macro, {}), f"Class-averaged accuracy in %{spread}: mean over scenes, DCASE's metric."),
        ),
        note=" ".join(filter(None, [*notes, CONCLUSION])),
        span=layout.column_header,
        spanned=len(layout.columns) if layout.column_header else 0,
    )
    return printed, _plain(layout, overall, macro, paper)


def _spread(accuracies: Accuracies) -> str:
    """Return what a caption says about the seeds."""
    counts = {accuracy.n for accuracy in accuracies.values()}
    if len(counts) > 1:
        return " (mean ± standard deviation [number of seeds])"
    return f" (mean ± standard deviation of {max(counts)} seeds)" if max(counts, default=1) > 1 else ""


def _rows(layout: Layout, accuracies: Accuracies, paper: Mapping[str, float]) -> tuple[tuple[Entry, ...], ...]:
    """Return the rows of one panel; the paper's numbers are in parentheses."""
    print_n = len({accuracy.n for accuracy in accuracies.values()}) > 1
    rows = []
    for index, (headers, cells) in enumerate(zip(layout.rows, layout.cells, strict=True)):
        # The paper prints a system's name once, above its rows.
        first = "" if index and layout.rows[index - 1][0] == headers[0] else headers[0]
        compared = layout.names if layout.best_of == "table" else [cell.name for cell in cells]
        best = max((accuracies[cell].mean for cell in compared if cell in accuracies), default=None)
        entries = [_entry(cell, accuracies.get(cell.name), best, paper, print_n=print_n) for cell in cells]
        rows.append((Entry(first), *map(Entry, headers[1:]), *entries))
    return tuple(rows)


def _entry(
    cell: Cell, ours: Accuracy | None, best: float | None, paper: Mapping[str, float], *, print_n: bool
) -> Entry:
    """Return the entry of one cell."""
    suffix = f" ({two_decimals(paper[cell.name])})" if cell.name in paper else ""
    if ours is None:
        return Entry(DASH, suffix=suffix)
    text = two_decimals(ours.mean)
    sd = "" if ours.sd is None else f" ± {two_decimals(ours.sd)}"
    n = f" [{ours.n}]" if print_n else ""
    # All that print the same as the best are bold.
    return Entry(text, text == two_decimals(best), f"{sd}{n}{suffix}")


def _plain(layout: Layout, overall: Accuracies, macro: Accuracies, paper: Mapping[str, float]) -> pd.DataFrame:
    """Return the table for programs."""
    several = any(accuracy.n > 1 for accuracy in overall.values())
    rows = []
    for headers, cells in zip(layout.rows, layout.cells, strict=True):
        row = dict(zip(layout.row_headers, headers, strict=True))
        for column, cell in zip(layout.columns, cells, strict=True):
            ours, average = overall.get(cell.name), macro.get(cell.name)
            row[column] = two_decimals(ours.mean if ours else None)
            if several:
                row[f"{column} sd"] = two_decimals(ours.sd if ours else None)
                row[f"{column} n"] = str(ours.n if ours else 0)
            if paper:
                row[f"{column} paper"] = two_decimals(paper[cell.name])
            row[f"{column} macro"] = two_decimals(average.mean if average else None)
            if several:
                row[f"{column} macro sd"] = two_decimals(average.sd if average else None)
        rows.append(row)
    return pd.DataFrame(rows)
