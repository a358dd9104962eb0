"""Strict reading of the csv lists that users provide."""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from tagasc.runtime.errors import InputError, Report, likewise, nearest, raise_error

_NAMES = {"\t": "tabs", ",": "commas", ";": "semicolons"}


def read_list(
    path: Path,
    delimiter: str,
    columns: Sequence[str],
    optional: Sequence[str] = (),
    report: Report = raise_error,
) -> pd.DataFrame:
    """Return the given columns of a csv file with a header, as text.

    The first column names the clips, so its values must differ. Blank lines and spaces around values are ignored. A
    column of ``optional`` may have empty values or be missing; the text is then empty.

    Raises
    ------
    InputError
        If the file is missing or malformed: another delimiter, no rows or a missing column. A row of another length, a
        missing value and a clip that is listed twice go to ``report``; if it does not raise, they are left out.
    """
    (_, header), *rows = _numbered_lines(path, delimiter)
    _check_columns(path, delimiter, columns, header)
    if not rows:
        raise InputError(f"{path}: lists no clips; add one row per clip below the header")
    misshapen = [(number, values) for number, values in rows if len(values) != len(header)]
    for number, values in misshapen[:1]:
        problem = f"line {number} has {len(values)} columns, expected the header's {len(header)}; correct it"
        report(InputError(f"{path}: {problem}{likewise(len(misshapen) - 1, 'line')}"))
    numbers = [number for number, values in rows if len(values) == len(header)]
    table = pd.DataFrame([values for _, values in rows if len(values) == len(header)], columns=header, dtype=str)
    table = table.assign(**{column: "" for column in optional if column not in header})[[*columns, *optional]]
    empty = table[list(columns)] == ""
    for row in np.flatnonzero(empty.any(axis=1))[:1]:
        problem = f"line {numbers[row]} ({table.iloc[row, 0]}) has no {empty.columns[empty.iloc[row]][0]}"
        others = likewise(int(empty.any(axis=1).sum()) - 1, "line")
        report(InputError(f"{path}: {problem}; add it, or remove the line{others}"))
    table = table[~empty.any(axis=1)]
    repeated = table[columns[0]].duplicated()
    for name in table.loc[repeated, columns[0]].iloc[:1]:
        others = likewise(int(repeated.sum()) - 1, "line")
        report(InputError(f"{path}: lists {name} twice; remove one of the lines{others}"))
    return table[~repeated].reset_index(drop=True)


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
