"""Strict reading of the csv lists that users provide."""

import csv
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from tagasc.runtime.errors import InputError, nearest

_NAMES = {"\t": "tabs", ",": "commas", ";": "semicolons"}


def read_list(path: Path, delimiter: str, columns: Sequence[str]) -> pd.DataFrame:
    """Return the given columns of a csv file with a header, as text.

    The first column names the clips, so its values must differ. Blank lines and spaces around values are ignored.

    Raises
    ------
    InputError
        If the file is missing or malformed: another delimiter, no rows, a missing column, a row of another length, a
        missing value, or a clip that is listed twice.
    """
    (_, header), *rows = _numbered_lines(path, delimiter)
    _check_columns(path, delimiter, columns, header)
    if not rows:
        raise InputError(f"{path}: lists no clips; add one row per clip below the header")
    for number, values in rows:
        if len(values) != len(header):
            raise InputError(
                f"{path}: line {number} has {len(values)} columns, expected the header's {len(header)}; correct it"
            )
        for column, value in zip(header, values, strict=True):
            if column in columns and not value:
                raise InputError(f"{path}: line {number} ({values[0]}) has no {column}; add it, or remove the line")
    table = pd.DataFrame([values for _, values in rows], columns=header, dtype=str)[list(columns)]
    duplicates = table.loc[table[columns[0]].duplicated(), columns[0]]
    if len(duplicates):
        raise InputError(f"{path}: lists {duplicates.iloc[0]} twice; remove one of the lines")
    return table


def _numbered_lines(path: Path, delimiter: str) -> list[tuple[int, list[str]]]:
    """Return the values of each line that is not blank, with the line's number."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, delimiter=delimiter, strict=True)
            lines = [(reader.line_num, [value.strip() for value in values]) for values in reader if values]
    except FileNotFoundError:
        raise InputError(f"{path}: does not exist; unpack the data set there, or correct the key 'folder'") from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path}: cannot be read as a csv file in UTF-8 ({error}); save it as one") from None
    if not lines:
        raise InputError(f"{path}: is empty; download or copy it again")
    return lines


def _check_columns(path: Path, delimiter: str, columns: Sequence[str], header: list[str]) -> None:
    missing = [column for column in columns if column not in header]
    if not missing:
        return
    for other, name in _NAMES.items():
        if other != delimiter and missing[0] in header[0].split(other):
            raise InputError(f"{path}: its columns are separated by {name}; save it with {_NAMES[delimiter]} instead")
    raise InputError(
        f"{path}: no column '{missing[0]}'{nearest(missing[0], header)}; expected a header with {', '.join(columns)}"
    )
