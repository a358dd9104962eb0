"""Tables 2-5: cells in rows and columns, as the paper lays them out."""

import pandas as pd

from tagasc.cells import Cell, Layout, table_name
from tagasc.paper import ACCURACY
from tagasc.tables.collect import Accuracy, against_the_paper, provenance, scores_under, summary
from tagasc.tables.render import DASH, Entry, Printed, two_decimals


def grid(layout: Layout, scores: pd.DataFrame, protocol: str, test_list: str) -> tuple[Printed, pd.DataFrame]:
    """Lay out one of Tables 2-5.

    Parameters
    ----------
    layout
        Which cells stand where, from `tagasc.cells.TABLES`.
    scores
        Scores as `tagasc.tables.collect.read_scores` returns them; cells that are not in the table are left out.
    protocol, test_list
        Which of them to show.

    Returns
    -------
    Printed
        The table for people. The best of each row (Table 2: of the table) is bold, with all that print the same.
    DataFrame
        The table for programs: the row headers, then for each column ours, with several seeds sd and n, and the
        paper's figure. In per cent with two decimals; empty where there is no score.
    """
    shown = scores_under(scores, protocol, test_list)
    shown = shown[shown["cell"].isin(layout.names)]
    accuracies = summary(shown)
    name = table_name(layout.number, protocol, test_list)
    origin = provenance(shown)
    if protocol == "best_on_test":  # the headline's protocol gives lower figures than the paper's presumable one
        origin = f"{origin} {against_the_paper(accuracies)}".rstrip()
    return _printed(layout, name, accuracies, origin), _plain(layout, accuracies)


def _printed(layout: Layout, name: str, accuracies: dict[str, Accuracy], origin: str) -> Printed:
    counts = {accuracy.n for accuracy in accuracies.values()}
    rows = []
    for index, (headers, cells) in enumerate(zip(layout.rows, layout.cells, strict=True)):
        # The paper prints a system's name once, above its rows.
        first = "" if index and layout.rows[index - 1][0] == headers[0] else headers[0]
        rivals = layout.names if layout.best_of == "table" else [cell.name for cell in cells]
        best = max((accuracies[name].mean for name in rivals if name in accuracies), default=None)
        figures = [_entry(cell, accuracies.get(cell.name), best, print_n=len(counts) > 1) for cell in cells]
        rows.append((Entry(first), *map(Entry, headers[1:]), *figures))
    spread = ""
    if len(counts) > 1:
        spread = " (mean ± standard deviation [number of seeds])"
    elif max(counts, default=1) > 1:
        spread = f" (mean ± standard deviation of {max(counts)} seeds)"
    missing = f" {DASH}: not scored." if len(accuracies) < len(layout.names) else ""
    return Printed(
        number=layout.number,
        name=name,
        caption=f"{layout.caption}: accuracy in %{spread}, and in parentheses the paper's figure.",
        titles=(*layout.row_headers, *layout.columns),
        align="l" + "c" * (len(layout.row_headers) - 1) + "r" * len(layout.columns),
        rows=tuple(rows),
        note=f"{origin} Bold: the best of {'the table' if layout.best_of == 'table' else 'each row'}.{missing}",
        span=layout.column_header,
        spanned=len(layout.columns) if layout.column_header else 0,
    )


def _entry(cell: Cell, ours: Accuracy | None, best: float | None, *, print_n: bool) -> Entry:
    paper = f" ({two_decimals(ACCURACY[cell.name])})"
    if ours is None:
        return Entry(DASH, beside=paper)
    text = two_decimals(ours.mean)
    sd = "" if ours.sd is None else f" ± {two_decimals(ours.sd)}"
    n = f" [{ours.n}]" if print_n else ""
    # Whoever prints the same as the best shares the bold type.
    return Entry(text, text == two_decimals(best), f"{sd}{n}{paper}")


def _plain(layout: Layout, accuracies: dict[str, Accuracy]) -> pd.DataFrame:
    seeds = any(accuracy.n > 1 for accuracy in accuracies.values())
    titles = list(layout.row_headers)
    for column in layout.columns:
        titles += [column, *([f"{column} sd", f"{column} n"] if seeds else []), f"{column} paper"]
    rows = []
    for headers, cells in zip(layout.rows, layout.cells, strict=True):
        values = list(headers)
        for cell in cells:
            ours = accuracies.get(cell.name)
            mean, sd, n = (ours.mean, ours.sd, ours.n) if ours else (None, None, 0)
            spread = [two_decimals(sd), str(n)] if seeds else []
            values += [two_decimals(mean), *spread, two_decimals(ACCURACY[cell.name])]
        rows.append(values)
    return pd.DataFrame(rows, columns=titles)
