"""Tables of the results tree: csv files with known columns, read strictly."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from math import isfinite
from pathlib import Path
from typing import Any

import pandas as pd

from tagasc.artifacts.artifact import Artifact

Type = type[str] | type[int] | type[float]


@dataclass(frozen=True)
class Column:
    """A column: its name, the type of its values, what they mean, and whether a value may be missing."""

    name: str
    type: Type
    meaning: str
    optional: bool = False


@dataclass(frozen=True, kw_only=True)
class TableFile(Artifact):
    """A csv file with these columns, in this order. Only some may be without rows.

    Examples
    --------
    >>> file = TableFile(
    ...     path="lengths.csv", rule="measure", meaning="", columns=[Column("clip", str, ""), Column("s", float, "")]
    ... )
    >>> file.write(folder / "lengths.csv", pd.DataFrame({"clip": ["NA", "b"], "s": [0.1, 2.0]}))
    >>> file.read(folder / "lengths.csv").to_dict("list")
    {'clip': ['NA', 'b'], 's': [0.1, 2.0]}
    """

    columns: Sequence[Column]
    may_be_empty: bool = False

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        return [column.name for column in self.columns]

    @property
    def empty(self) -> pd.DataFrame:
        """A table without rows."""
        return pd.DataFrame(columns=self.names)

    def write(self, path: str | Path, table: pd.DataFrame) -> None:
        """Write the file's columns of a table; a column that the table lacks is left empty."""
        with self.atomic_write(path) as partial:
            table.reindex(columns=self.names).to_csv(partial, index=False, lineterminator="\n")

    def read(self, path: str | Path) -> pd.DataFrame:
        """Return the table; missing values of optional numbers are NaN.

        Raises
        ------
        InputError
            If the file is missing, damaged, or not such a table.
        """
        try:
            text = self.read_bytes(path).decode()
            # csv and not pandas, which fills short rows and takes a surplus first column for the index.
            header, *rows = list(csv.reader(StringIO(text, newline=""), strict=True)) or [[]]
        except (OSError, ValueError, csv.Error) as error:
            raise self.error(path, f"cannot be read as a csv file ({error})") from None
        if header != self.names:
            raise self.error(path, f"expected the columns {', '.join(self.names)}")
        if not (rows or self.may_be_empty) or not text.endswith("\n"):
            raise self.error(path, "is cut short")
        for number, row in enumerate(rows, start=2):
            if len(row) != len(header):
                raise self.error(path, f"line {number} has {len(row)} values, expected {len(header)}")
        table = pd.DataFrame(rows, columns=header, dtype=str)
        return pd.DataFrame({column.name: self._values(path, column, table[column.name]) for column in self.columns})

    def _values(self, path: str | Path, column: Column, text: "pd.Series[str]") -> "pd.Series[Any]":
        """Return the values of a column."""
        empty = text == ""
        if empty.any() and not column.optional:
            raise self.error(path, f"line {int(empty.argmax()) + 2} has no {column.name}")
        if column.type is str:
            if text.str.contains("\0", regex=False).any():
                raise self.error(path, f"column {column.name}: a value has a zero byte")
            return text
        try:
            # Converted by Python, which reads back exactly what was written.
            numbers: list[Any] = [column.type(value) if value else None for value in text]
        except ValueError as error:
            raise self.error(path, f"column {column.name}: {error}") from None
        if not all(number is None or isfinite(number) for number in numbers):
            raise self.error(path, f"column {column.name}: a value is not finite")
        return pd.Series(numbers, index=text.index, dtype=float if empty.any() else column.type)
