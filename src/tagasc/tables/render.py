"""A printed table as Markdown and as LaTeX."""

from collections.abc import Iterator
from dataclasses import dataclass

DASH = "–"  # stands where a cell has no score

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
    """One entry of a table: a text, perhaps in bold, and what stands beside it in plain type."""

    text: str
    bold: bool = False
    beside: str = ""


@dataclass(frozen=True)
class Printed:
    """A table ready to print.

    ``name`` is that of its files, which the label of a LaTeX table repeats.
    ``titles`` are the columns' and ``align`` their alignment ("l", "c" or "r", one letter a column); ``span`` is a
    header above the last ``spanned`` columns, or empty.
    """

    number: int
    name: str
    caption: str
    titles: tuple[str, ...]
    align: str
    rows: tuple[tuple[Entry, ...], ...]
    note: str
    span: str = ""
    spanned: int = 0


def two_decimals(value: float | None) -> str:
    """Return a number as the tables print it, or nothing for None."""
    return "" if value is None else f"{value:.2f}"


def markdown(table: Printed) -> str:
    """Return the table in Markdown: a caption, the table and a note."""
    header, body = [table.titles], [[_markdown_entry(entry) for entry in row] for row in table.rows]
    if table.span:
        # Markdown has one line of headers and no spans, so the columns' own titles open the body.
        plain = len(table.titles) - table.spanned
        header = [(*table.titles[:plain], table.span, *[""] * (table.spanned - 1))]
        body.insert(0, [""] * plain + list(table.titles[plain:]))
    rule = [{"l": ":--", "c": ":-:", "r": "--:"}[letter] for letter in table.align]
    lines = ["| " + " | ".join(row) + " |" for row in (*header, rule, *body)]
    return "\n".join([f"**Table {table.number}.** {table.caption}", "", *lines, "", table.note, ""])


def latex(table: Printed) -> str:
    r"""Return the table as a LaTeX ``table`` environment, which needs ``\usepackage{booktabs}``."""
    return "\n".join(
        [
            r"% Needs \usepackage{booktabs}.",
            r"\begin{table}",
            r"  \centering",
            rf"  \caption{{{_escaped(table.caption)}}}",
            rf"  \label{{tab:{table.name.removeprefix('table')}}}",
            rf"  \begin{{tabular}}{{{table.align}}}",
            *(f"    {line}" for line in _latex_rows(table)),
            r"  \end{tabular}",
            r"  \par\smallskip",
            rf"  {{\footnotesize {_escaped(table.note)}\par}}",
            r"\end{table}",
            "",
        ]
    )


def _latex_rows(table: Printed) -> Iterator[str]:
    yield r"\toprule"
    if table.span:
        first = len(table.titles) - table.spanned + 1
        yield "& " * (first - 1) + rf"\multicolumn{{{table.spanned}}}{{c}}{{{_escaped(table.span)}}} \\"
        yield rf"\cmidrule(lr){{{first}-{len(table.titles)}}}"
    yield " & ".join(_escaped(title) for title in table.titles) + r" \\"
    yield r"\midrule"
    for row in table.rows:
        yield " & ".join(_latex_entry(entry) for entry in row) + r" \\"
    yield r"\bottomrule"


def _markdown_entry(entry: Entry) -> str:
    return (f"**{entry.text}**" if entry.bold else entry.text) + entry.beside


def _latex_entry(entry: Entry) -> str:
    text = _escaped(entry.text)
    return (rf"\textbf{{{text}}}" if entry.bold else text) + _escaped(entry.beside)


def _escaped(text: str) -> str:
    return text.translate(_LATEX)
