"""A table of the paper as Markdown and as LaTeX."""

from collections.abc import Iterator
from dataclasses import dataclass

from tagasc.artifacts.markdown import markdown_table

DASH = "–"
"""Stands where a cell has no score."""

_LATEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        **{sign: f"\\{sign}" for sign in "&%$#_{}"},
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "×": r"$\times$",
        "○": r"$\circ$",
        "±": r"$\pm$",
        "–": "--",
    }
)


@dataclass(frozen=True)
class Entry:
    """One entry of a table: a text, which can be bold, and what follows it in plain type."""

    text: str
    bold: bool = False
    suffix: str = ""


@dataclass(frozen=True)
class Panel:
    """One of several tables with the same headers, below each other: its entries, and the sentence above them."""

    rows: tuple[tuple[Entry, ...], ...]
    heading: str = ""


@dataclass(frozen=True)
class PrintedTable:
    """A table ready to print.

    Parameters
    ----------
    number
        Number of the paper's table.
    name
        Name of the table's files, which is also the label in LaTeX.
    caption, note
        Text above and below the table.
    titles
        The header of each column.
    alignment
        One letter per column: l, c or r.
    panels
        What stands below the headers.
    span, spanned
        A header above the last ``spanned`` columns; empty if there is none.
    """

    number: int
    name: str
    caption: str
    titles: tuple[str, ...]
    alignment: str
    panels: tuple[Panel, ...]
    note: str
    span: str = ""
    spanned: int = 0


def two_decimals(value: float | None) -> str:
    """Return a number as the tables print it; None gives an empty string."""
    return "" if value is None else f"{value:.2f}"


def markdown(table: PrintedTable) -> str:
    """Return the table in Markdown: a caption, each panel and a note."""
    parts = [f"**Table {table.number}.** {table.caption}"]
    for panel in table.panels:
        parts += [panel.heading] * bool(panel.heading) + [_markdown_panel(table, panel)]
    return "\n\n".join([*parts, table.note]) + "\n"


def _markdown_panel(table: PrintedTable, panel: Panel) -> str:
    titles, rows = list(table.titles), [[_markdown_entry(entry) for entry in row] for row in panel.rows]
    if table.span:
        # Markdown has one line of headers and no spans, so the columns' own titles are the first row of the body.
        plain = len(titles) - table.spanned
        rows.insert(0, [""] * plain + titles[plain:])
        titles[plain:] = [table.span, *[""] * (table.spanned - 1)]
    return markdown_table(titles, rows, table.alignment)


def latex(table: PrintedTable) -> str:
    r"""Return the table as a LaTeX ``table`` environment, which needs ``\usepackage{booktabs}``."""
    return "\n".join(
        [
            r"% Needs \usepackage{booktabs}.",
            r"\begin{table}",
            r"  \centering",
            rf"  \caption{{{_escape(table.caption)}}}",
            rf"  \label{{tab:{table.name.removeprefix('table')}}}",
            *(f"  {line}" for panel in table.panels for line in _latex_panel(table, panel)),
            r"  \par\smallskip",
            rf"  {{\footnotesize {_escape(table.note)}\par}}",
            r"\end{table}",
            "",
        ]
    )


def _latex_panel(table: PrintedTable, panel: Panel) -> Iterator[str]:
    """Yield the lines of one panel: its heading and a tabular environment."""
    if panel.heading:
        yield rf"\par\medskip {_escape(panel.heading)}\par\smallskip"
    yield rf"\begin{{tabular}}{{{table.alignment}}}"
    yield from (f"  {line}" for line in _latex_rows(table, panel))
    yield r"\end{tabular}"


def _latex_rows(table: PrintedTable, panel: Panel) -> Iterator[str]:
    """Yield the lines of a tabular environment."""
    yield r"\toprule"
    if table.span:
        first = len(table.titles) - table.spanned + 1
        yield "& " * (first - 1) + rf"\multicolumn{{{table.spanned}}}{{c}}{{{_escape(table.span)}}} \\"
        yield rf"\cmidrule(lr){{{first}-{len(table.titles)}}}"
    yield " & ".join(_escape(title) for title in table.titles) + r" \\"
    yield r"\midrule"
    for row in panel.rows:
        yield " & ".join(_latex_entry(entry) for entry in row) + r" \\"
    yield r"\bottomrule"


def _markdown_entry(entry: Entry) -> str:
    return (f"**{entry.text}**" if entry.bold else entry.text) + entry.suffix


def _latex_entry(entry: Entry) -> str:
    text = _escape(entry.text)
    return (rf"\textbf{{{text}}}" if entry.bold else text) + _escape(entry.suffix)


def _escape(text: str) -> str:
    """Return the text with LaTeX's special characters escaped."""
    return text.translate(_LATEX)
