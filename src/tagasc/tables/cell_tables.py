"""Tables 2-5: cells in rows and columns, as the paper lays them out."""

import pandas as pd

from tagasc.paper.grid import Cell, Layout, table_name
from tagasc.paper.numbers import ACCURACY
from tagasc.tables.render import DASH, Entry, PrintedTable, two_decimals
from tagasc.tables.summary import Accuracy, agreement_with_paper, provenance, select_scores, summarise


def cell_table(
    layout: Layout, scores: pd.DataFrame, protocol: str, test_list: str
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

    Returns
    -------
    PrintedTable
        The table to read. The best of each row (in Table 2: of the table) is bold, with all that print the same.
    DataFrame
        The table for programs. The row headers are followed, for each column, by our accuracy, by its standard
        deviation and number of seeds if there are several, and by the paper's number. Accuracies are in per cent with
        two decimals, and empty where there is no score.
    """
    shown = select_scores(scores, protocol, test_list)
    shown = shown[shown["cell"].isin(layout.names)]
    accuracies = summarise(shown)
    note = provenance(shown)
    if protocol == "best_on_test":  # protocol last gives lower accuracies than the one that the paper presumably used
        note = f"{note} {agreement_with_paper(accuracies)}".rstrip()
    return _printed(layout, table_name(layout.number, protocol, test_list), accuracies, note), _plain(
        layout, accuracies
    )


def _printed(layout: Layout, name: str, accuracies: dict[str, Accuracy], note: str) -> PrintedTable:
    """Return the table to read."""
    counts = {accuracy.n for accuracy in accuracies.values()}
    rows = []
    for index, (headers, cells) in enumerate(zip(layout.rows, layout.cells, strict=True)):
        # The paper prints a system's name once, above its rows.
        first = "" if index and layout.rows[index - 1][0] == headers[0] else headers[0]
        compared = layout.names if layout.best_of == "table" else [cell.name for cell in cells]
        best = max((accuracies[cell].mean for cell in compared if cell in accuracies), default=None)
        entries = [_entry(cell, accuracies.get(cell.name), best, print_n=len(counts) > 1) for cell in cells]
        rows.append((Entry(first), *map(Entry, headers[1:]), *entries))
    spread = ""
    if len(counts) > 1:
        spread = " (mean ± standard deviation [number of seeds])"
    elif max(counts, default=1) > 1:
        spread = f" (mean ± standard deviation of {max(counts)} seeds)"
    missing = f" {DASH}: not scored." if len(accuracies) < len(layout.names) else ""
    return PrintedTable(
        number=layout.number,
        name=name,
        caption=f"{layout.caption}: accuracy in %{spread}, and in parentheses the paper's number.",
        titles=(*layout.row_headers, *layout.columns),
        alignment="l" + "c" * (len(layout.row_headers) - 1) + "r" * len(layout.columns),
        rows=tuple(rows),
        note=f"{note} Bold: the best of {'the table' if layout.best_of == 'table' else 'each row'}.{missing}",
        span=layout.column_header,
        spanned=len(layout.columns) if layout.column_header else 0,
    )


def _entry(cell: Cell, ours: Accuracy | None, best: float | None, *, print_n: bool) -> Entry:
    """Return the entry of one cell."""
    paper = f" ({two_decimals(ACCURACY[cell.name])})"
    if ours is None:
        return Entry(DASH, suffix=paper)
    text = two_decimals(ours.mean)
    sd = "" if ours.sd is None else f" ± {two_decimals(ours.sd)}"
    n = f" [{ours.n}]" if print_n else ""
    # All that print the same as the best are bold.
    return Entry(text, text == two_decimals(best), f"{sd}{n}{paper}")


def _plain(layout: Layout, accuracies: dict[str, Accuracy]) -> pd.DataFrame:
    """Return the table for programs."""
    several = any(accuracy.n > 1 for accuracy in accuracies.values())
    titles = list(layout.row_headers)
    for column in layout.columns:
        titles += [column, *([f"{column} sd", f"{column} n"] if several else []), f"{column} paper"]
    rows = []
    for headers, cells in zip(layout.rows, layout.cells, strict=True):
        values = list(headers)
        for cell in cells:
            ours = accuracies.get(cell.name)
            mean, sd, n = (ours.mean, ours.sd, ours.n) if ours else (None, None, 0)
            spread = [two_decimals(sd), str(n)] if several else []
            values += [two_decimals(mean), *spread, two_decimals(ACCURACY[cell.name])]
        rows.append(values)
    return pd.DataFrame(rows, columns=titles)
