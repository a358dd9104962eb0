"""Tables of a page."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Value:
    """A number in a table. Without text, it is a dash, and sorted behind all others.

    Parameters
    ----------
    text
        What is printed.
    sort
        What it is sorted by; the text if None.
    suffix, detail
        Smaller texts next to the number and below it.
    bold
        Whether the number is bold.
    """

    text: str
    sort: float | None = None
    suffix: str = ""
    detail: str = ""
    bold: bool = False

    @property
    def key(self) -> float | str:
        """What it is sorted by."""
        return self.text if self.sort is None else self.sort


@dataclass(frozen=True, kw_only=True)
class PageTable:
    """A table that readers can sort by each column.

    Parameters
    ----------
    id
        Its name within the page.
    caption, note
        Text above and below it.
    headings
        The title of each column, and whether the column has numbers.
    rows
        Texts and numbers; the first entry of a row is its heading.
    groups
        Titles above several columns, and how many; nothing stands above the columns of an empty title.
    """

    id: str
    caption: str
    headings: Sequence[tuple[str, bool]]
    rows: Sequence[Sequence[str | Value]]
    groups: Sequence[tuple[str, int]] = ()
    note: str = ""
