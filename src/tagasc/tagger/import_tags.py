"""Import of tag vectors that another tagger has written to a file, and its check."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from tagasc.artifacts.tags import Tags, read_npz, write_tags
from tagasc.runtime.errors import InputError
from tagasc.runtime.findings import Findings
from tagasc.runtime.lists import read_list


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
        If the file has another form, a clip is missing or occurs twice, or a value is NaN or outside [0, 1].
    """
    filenames = read_list(meta, "\t", ["filename"])["filename"].tolist()
    try:
        tags = _read(path).select(path, filenames)
    except InputError as error:
        raise InputError(f"tagger.path: {error}") from None
    write_tags(output, tags)


def check_tags(path: Path, filenames: Sequence[str]) -> Findings:
    """Check that a file has valid tag vectors of the scene clips; without clips, only its form is checked."""
    try:
        tags = _read(path)
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


def _read(path: Path) -> Tags:
    """Return the tag vectors of a file of the kind that its suffix names."""
    if path.suffix == ".npz":
        return read_npz(path)
    if path.suffix not in {".csv", ".parquet"}:
        raise InputError(f"{path}: is not a csv, parquet or npz file; convert it to one of them")
    try:
        table = pd.read_csv(path) if path.suffix == ".csv" else pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read as {path.suffix[1:]} ({error}); write the file again") from None
    if "filename" not in table or table.shape[1] < 2:
        raise InputError(
            f"{path}: has the columns {', '.join(map(str, table.columns))}; expected a column filename and one column "
            "per tag"
        )
    values = table.drop(columns="filename")
    for name, column in values.items():
        if not pd.api.types.is_numeric_dtype(column):
            raise InputError(f"{path}: column '{name}' has the value {column.iloc[0]!r}; expected numbers in [0, 1]")
    return Tags(
        values.to_numpy(np.float32), [str(name) for name in values.columns], table["filename"].astype(str).tolist()
    )
