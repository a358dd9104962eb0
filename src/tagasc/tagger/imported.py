"""Tag vectors that another tagger left in a file, brought into the cache."""

from pathlib import Path

import pandas as pd

from tagasc.corpora.listing import read_list
from tagasc.errors import InputError
from tagasc.tagger.cache import Tags, read_npz, save_tags, tags_of


def import_tags(path: Path, meta: Path, output: Path) -> None:
    """Check the tag vectors of a csv, parquet or npz file, and write those of a corpus's clips as its tag cache.

    This takes the list of the clips, not the packed corpus, so that a bad file is found before hours of packing.

    Parameters
    ----------
    path
        csv or parquet: a column ``filename`` and one column a tag; npz: arrays ``tags`` (clips, tags), ``labels`` and
        ``filenames``. Values are in [0, 1]; clips that are not in the corpus are left out.
    meta
        The scenes' meta.csv, tab-separated.
    output
        The cache, npz.

    Raises
    ------
    InputError
        If the file is not of such a form, a clip is missing or there twice, or a value is NaN or outside [0, 1].
    """
    filenames = read_list(meta, "\t", ["filename"])["filename"].tolist()
    save_tags(output, tags_of(path, _read(path), filenames))


def _read(path: Path) -> Tags:
    """Read a file of tag vectors, whose suffix tells its form."""
    if path.suffix == ".npz":
        return read_npz(path)
    if path.suffix not in {".csv", ".parquet"}:
        raise InputError(f"tagger.path: {path} is neither csv, parquet nor npz; convert it to one of them")
    try:
        table = pd.read_csv(path) if path.suffix == ".csv" else pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read as {path.suffix[1:]} ({error})") from None
    if "filename" not in table or table.shape[1] < 2:
        raise InputError(f"{path}: expected a column filename and one column a tag, found {', '.join(table.columns)}")
    values = table.drop(columns="filename")
    for name, column in values.items():
        if not pd.api.types.is_numeric_dtype(column):
            raise InputError(f"{path}: column '{name}' holds {column.iloc[0]!r}, expected numbers in [0, 1]")
    return Tags(
        values.to_numpy("float32"), [str(name) for name in values.columns], table["filename"].astype(str).tolist()
    )
