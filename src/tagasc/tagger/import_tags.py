"""Import of tag vectors that another tagger has written to a file, and its check."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tagasc.artifacts.tags import Tags, read_npz, write_tags
from tagasc.runtime.errors import InputError, shorten
from tagasc.runtime.findings import Findings
from tagasc.runtime.lists import read_list, read_rows
from tagasc.runtime.paths import file_problem


def import_tags(path: Path, meta: Path, output: Path) -> None:
    """Check the tag vectors of a csv, parquet or npz file, and write those of the scene clips.

    This reads the list of clips, not the packed scenes, so that a bad file is found before hours of packing.

    Parameters
    ----------
    path
        csv or parquet: a column ``filename`` and one column per tag; npz: arrays ``tags`` (clips, tags), ``labels`` and
        ``filenames``. Values are in [0, 1]. Clips that are not in ``meta`` are left out.
    meta
        The scenes' meta.csv, tab-separated.
    output
        Where to write the tag vectors.

    Raises
    ------
    InputError
        If the file has another form, a clip is missing or occurs twice, two tags have one label, or a value is not a
        number in [0, 1].
    """
    filenames = read_list(meta, "\t", ["filename"])["filename"].tolist()
    try:
        tags = read_tag_file(path).select(path, filenames)
    except InputError as error:
        raise InputError(f"tagger.path: {error}") from None
    write_tags(output, tags)


def check_tags(path: Path, filenames: Sequence[str]) -> Findings:
    """Check that a file has valid tag vectors of the scene clips; without clips, only its form is checked."""
    try:
        tags = read_tag_file(path)
    except InputError as error:
        return Findings(stops=[f"tagger.path: {error}"])
    missing = len(set(filenames) - set(tags.filenames))
    rows = f"{len(tags.filenames)} clips with {len(tags.labels)} tags, {missing} of the listed clips missing"
    found = Findings([f"Tags in {path}", rows])
    try:
        vectors = tags.select(path, filenames).vectors
    except InputError as error:
        found.stops.append(f"tagger.path: {error}")
        return found
    if len(filenames) and (constant := int((np.ptp(vectors, axis=0) == 0).sum())):
        found.weakens.append(f"{path}: {constant} of {len(tags.labels)} tags are the same in all clips; leave them out")
    return found


def read_tag_file(path: Path) -> Tags:
    """Return the tag vectors of a file of the kind that its suffix names, and check their values."""
    kinds = {".csv": _read_csv, ".parquet": _read_parquet, ".npz": _read_npz}
    if path.suffix not in kinds:
        raise InputError(f"{path}: is not a csv, parquet or npz file; convert it to one of them")
    if problem := file_problem(path):
        raise InputError(f"{path}: {problem}; name a csv, parquet or npz file with tag vectors")
    with np.errstate(over="ignore"):  # infinity is refused below
        tags, places = kinds[path.suffix](path)
    if not tags.labels or not tags.filenames:
        raise InputError(f"{path}: has no tag vectors; write one row per clip and one column per tag")
    if "" in tags.labels:
        raise InputError(f"{path}: tag {tags.labels.index('') + 1} has no label; name its column, or remove it")
    invalid = ~((tags.vectors >= 0) & (tags.vectors <= 1))  # NaN is invalid, too
    for row, column in np.argwhere(invalid)[:1]:
        value = f"{tags.vectors[row, column]:g}"
        raise _bad_cell(path, places[row], tags.labels[column], tags.filenames[row], value)
    return tags


def _read_csv(path: Path) -> tuple[Tags, Sequence[str]]:
    """Return the tag vectors of a csv file, and the place of each row for messages."""
    header, rows = read_rows(path, ",", ["filename"])
    column = header.index("filename")
    labels = [*header[:column], *header[column + 1 :]]
    vectors, names, places = [], [], []
    for number, values in rows:
        place = f"line {number}"
        if len(values) != len(header):
            problem = f"{place} has {len(values)} columns, expected the header's {len(header)}; correct it"
            raise InputError(f"{path}: {problem}")
        names.append(values.pop(column))
        vectors.append(_numbers(path, place, labels, names[-1], values))
        places.append(place)
    return Tags(np.array(vectors, np.float32).reshape(len(names), len(labels)), labels, names), places


def _read_parquet(path: Path) -> tuple[Tags, Sequence[str]]:
    """Return the tag vectors of a parquet file, as `_read_csv` does."""
    try:
        table = pd.read_parquet(path)
    except Exception as error:  # pyarrow raises a dozen types for damaged files
        raise InputError(f"{path}: cannot be read as parquet ({shorten(str(error))}); write the file again") from None
    columns = [str(name) for name in table.columns]
    if columns.count("filename") != 1:
        raise InputError(
            f"{path}: has the columns {', '.join(columns)}; expected a column filename and one column per tag"
        )
    names = [str(name) for name in table.pop("filename")]
    places = [f"row {row}" for row in range(1, len(names) + 1)]
    columns.remove("filename")
    vectors = np.empty(table.shape, np.float32)
    for index, label in enumerate(columns):
        values = table.iloc[:, index]
        if pd.api.types.is_numeric_dtype(values):
            vectors[:, index] = values.to_numpy(np.float32, na_value=np.nan)
        else:
            for row, value in enumerate(values):
                vectors[row, index] = _numbers(path, places[row], [label], names[row], [value])[0]
    return Tags(vectors, columns, names), places


def _read_npz(path: Path) -> tuple[Tags, Sequence[str]]:
    """Return the tag vectors of an npz file, as `_read_csv` does."""
    tags = read_npz(path)
    return tags, [f"row {row}" for row in range(1, len(tags.filenames) + 1)]


def _numbers(path: Path, place: str, labels: Sequence[str], name: str, values: Sequence[Any]) -> list[float]:
    """Return the values of a row as numbers."""
    numbers = []
    for label, value in zip(labels, values, strict=True):
        try:
            numbers.append(float(value))
        except (TypeError, ValueError, OverflowError):
            raise _bad_cell(path, place, label, name, shorten(value) if value else "empty") from None
    return numbers


def _bad_cell(path: Path, place: str, label: str, name: str, value: str) -> InputError:
    return InputError(f"{path}: {place}: tag '{label}' of {name} is {value}; expected a number in [0, 1]")
