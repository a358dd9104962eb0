"""Strict reading of the csv lists that users provide."""

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pandas as pd

from tagasc.runtime.errors import InputError, Report, likewise, nearest, raise_error, shorten
from tagasc.runtime.paths import file_problem

_NAMES = {"\t": "tabs", ",": "commas", ";": "semicolons"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_NO_PLAIN_PATH = re.compile(r"(^|/)\.{0,2}(/|$)")  # a part of it is '', '.' or '..'


def read_list(
    path: Path,
    delimiter: str,
    columns: Sequence[str],
    optional: Sequence[str] = (),
    report: Report = raise_error,
) -> pd.DataFrame:
    """Return the given columns of a csv file with a header, as text.

    The first column names the clips by their paths, so its values must differ. Blank lines and spaces around values are
    ignored. A column of ``optional`` may have empty values or be missing; the text is then empty.

    Raises
    ------
    InputError
        If the file is missing or malformed: another delimiter, no rows, a missing column, or two columns of one name. A
        row of another length, a missing value, a line break or another control character in a value, a path that
        leaves the folder, and a clip that is listed twice go to ``report``; if it does not raise, they are left out.
    """
    header, rows = read_rows(path, delimiter, columns)
    places = [header.index(column) if column in header else None for column in (*columns, *optional)]
    table: dict[str, list[str]] = {}  # by the name of the clip
    problems: dict[str, list[str]] = {}  # by their kind
    for number, values in rows:
        if len(values) != len(header):
            problem = f"has {len(values)} columns, expected the header's {len(header)}; correct it"
            problems.setdefault("length", []).append(f"line {number} {problem}")
            continue
        row = [values[place] if place is not None else "" for place in places]
        kind, problem = _value_problem(row, columns)
        if row[0] in table:
            kind, problem = "twice", f"lists {row[0]} again; remove one of the two lines"
        if kind:
            problems.setdefault(kind, []).append(f"line {number} {problem}")
        else:
            table[row[0]] = row
    if not table and not problems:
        raise InputError(f"{path}: lists no clips; add one row per clip below the header")
    for first, *others in problems.values():
        report(InputError(f"{path}: {first}{likewise(len(others), 'line')}"))
    return pd.DataFrame(list(table.values()), columns=[*columns, *optional], dtype=str)


def check_spelling(path: Path, what: str, values: Iterable[str], report: Report) -> None:
    """Report two names that differ only in upper and lower case, or in how an accent is stored.

    >>> check_spelling(Path("meta.csv"), "scene", ["park", "bus", "Park"], report=print)
    meta.csv: the scenes 'park' and 'Park' differ only in spelling; write one of them everywhere
    """
    spellings: dict[str, list[str]] = {}
    for value in dict.fromkeys(values):
        spellings.setdefault(unicodedata.normalize("NFKC", value).casefold(), []).append(value)
    different = [found for found in spellings.values() if len(found) > 1]
    for first, second, *_ in different[:1]:
        problem = f"the {what}s '{first}' and '{second}' differ only in spelling; write one of them everywhere"
        report(InputError(f"{path}: {problem}{likewise(len(different) - 1, what)}"))


def read_rows(path: Path, delimiter: str, columns: Sequence[str]) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    r"""Return the header of a csv file, and the values of each further line that is not blank, with its number.

    Raises
    ------
    InputError
        At once if the file is missing, empty, or has another delimiter, no such columns, or two columns of one name;
        later, when a line is reached that is not csv in UTF-8.

    Examples
    --------
    >>> _ = (folder / "tags.csv").write_text("filename,Bark\na.wav, 0.5\n")
    >>> header, rows = read_rows(folder / "tags.csv", ",", ["filename"])
    >>> header, list(rows)
    (['filename', 'Bark'], [(2, ['a.wav', '0.5'])])
    """
    lines = _numbered_lines(path, delimiter)
    try:
        _, header = next(lines)
    except StopIteration:
        raise InputError(f"{path}: is empty; download or copy it again") from None
    _check_columns(path, delimiter, columns, header)
    return header, lines


def _numbered_lines(path: Path, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the values of each line that is not blank, with the line's number."""
    if problem := file_problem(path):
        raise InputError(f"{path}: {problem}; unpack the data set there, or correct the key that names it")
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        try:
            for values in reader:
                if values:
                    yield reader.line_num, [value.strip() for value in values]
        except csv.Error as error:
            raise InputError(
                f"{path}: cannot be read as a csv file: line {reader.line_num}: {error}; correct the line, in which a "
                f"quotation mark may lack its partner"
            ) from None
        except UnicodeDecodeError as error:
            raise InputError(
                f"{path}: cannot be read as a csv file in UTF-8: {error.reason} after line {reader.line_num}; save it "
                f"as one"
            ) from None


def _check_columns(path: Path, delimiter: str, columns: Sequence[str], header: list[str]) -> None:
    """Check that the header has each of the columns, and no column twice."""
    for column in header:
        if column and header.count(column) > 1:
            raise InputError(f"{path}: has {header.count(column)} columns '{column}'; rename or remove all but one")
    missing = [column for column in columns if column not in header]
    if not missing:
        return
    for other, name in _NAMES.items():
        if other != delimiter and missing[0] in header[0].split(other):
            raise InputError(f"{path}: its columns are separated by {name}; save it with {_NAMES[delimiter]} instead")
    raise InputError(
        f"{path}: no column '{missing[0]}'{nearest(missing[0], header)}; expected a header with {', '.join(columns)}"
    )


def _value_problem(row: Sequence[str], columns: Sequence[str]) -> tuple[str, str]:
    """Return the kind of the first problem of a row's values, and what is wrong; empty texts if there is none."""
    name = row[0]
    for column, value in zip(columns, row, strict=False):
        if not value:
            return "empty", f"({name}) has no {column}; add it, or remove the line"
    for value in row:
        if _CONTROL.search(value):
            return "control", f"has a line break or another control character in {shorten(value)}; remove it"
    if _NO_PLAIN_PATH.search(name):
        return "path", f"lists {name}; write its path below the folder, without a leading '/', './' or '..'"
    return "", ""
