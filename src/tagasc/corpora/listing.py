"""What a corpus lists: the rows of its csv files, and the audio files that they name."""

import csv
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from tagasc.config import OnMismatch
from tagasc.corpora.audio import Header, check_header
from tagasc.errors import InputError, nearest

_NAMES = {"\t": "tabs", ",": "commas", ";": "semicolons"}
_THREADS = 16  # opening a file is waiting, most of all on a shared file system


def read_list(path: Path, delimiter: str, columns: Sequence[str]) -> pd.DataFrame:
    """Return the given columns of a csv file with a header, as text; the first names the file and is unique.

    Raises
    ------
    InputError
        If the file is missing or is not such a list: another delimiter, no rows, a missing column, a row of another
        length, a missing value, a name given twice.
    """
    (_, header), *rows = _lines(path, delimiter)
    _check_columns(path, delimiter, columns, header)
    if not rows:
        raise InputError(f"{path}: lists no clips; expected a row for each below the header")
    for number, line in rows:
        if len(line) != len(header):
            raise InputError(
                f"{path}: line {number} has {len(line)} columns, expected the header's {len(header)}; correct the line"
            )
        for column, value in zip(header, line, strict=True):
            if column in columns and not value:
                raise InputError(f"{path}: line {number} ({line[0]}) has no {column}; add it, or remove the line")
    table = pd.DataFrame([line for _, line in rows], columns=header, dtype=str)[list(columns)]
    twice = table.loc[table[columns[0]].duplicated(), columns[0]]
    if len(twice):
        raise InputError(f"{path}: lists {twice.iloc[0]} twice; remove one of the lines")
    return table


def _lines(path: Path, delimiter: str) -> list[tuple[int, list[str]]]:
    """Return the lines that are not blank, split and numbered."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, delimiter=delimiter, strict=True)
            lines = [(reader.line_num, [value.strip() for value in line]) for line in reader if line]
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; unpack the data set there, or correct the key 'folder'") from None
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


def find_missing(paths: Sequence[Path]) -> list[Path]:
    """Return those of the paths that are no files."""
    with ThreadPoolExecutor(_THREADS) as threads:
        return [path for path, there in zip(paths, threads.map(Path.is_file, paths), strict=True) if not there]


def check_files(
    paths: Sequence[Path], sample_rate: int, channels: int, samples: int | None, on_mismatch: OnMismatch
) -> list[Header]:
    """Check that all files are there, then their headers as `check_header` does; print how many will be changed.

    Raises
    ------
    InputError
        For files that are missing, naming the first and their number, and for the first bad header.
    """
    if missing := find_missing(paths):
        others = f", nor are {len(missing) - 1} others that are listed" if missing[1:] else ""
        raise InputError(
            f"{missing[0]}: the file is not there{others}; unpack all of the data set, or take it off the lists"
        )
    with ThreadPoolExecutor(_THREADS) as threads:
        checked = threads.map(lambda path: check_header(path, sample_rate, channels, samples, on_mismatch), paths)
        headers = list(tqdm(checked, "headers", len(paths), unit="clip", mininterval=1))
    for change, how in (
        ("mended", "one or two samples off and cropped or zero-padded"),
        ("converted", "converted in rate, channels or length"),
    ):
        count = sum(header.change == change for header in headers)
        if count:
            print(f"{count} of {len(paths)} clips: {how}")
    return headers
