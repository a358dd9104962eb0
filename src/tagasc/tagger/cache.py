"""The cache of tag vectors, ``results/tags/<tagger>/<scenes>.npz``: any tagger can fill it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tagasc.errors import InputError
from tagasc.writing import written_whole


@dataclass(frozen=True)
class Tags:
    """Tag vectors of clips.

    ``vectors`` is float32 (clips, tags), posterior probabilities in [0, 1]; ``labels`` names the tags, ``filenames``
    the clips.
    """

    vectors: NDArray[np.float32]
    labels: list[str]
    filenames: list[str]


def save_tags(path: Path, tags: Tags) -> None:
    """Write tag vectors as npz without pickles."""
    with written_whole(path) as partial:
        np.savez(partial, tags=tags.vectors, labels=np.array(tags.labels, "U"), filenames=np.array(tags.filenames, "U"))


def load_tags(path: Path, filenames: list[str]) -> Tags:
    """Read the tag vectors of the given clips, in their order.

    Raises
    ------
    InputError
        If an array or a clip is missing, or a value is NaN or outside [0, 1].
    """
    arrays: dict[str, NDArray[Any]]
    with np.load(path, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    missing = {"tags", "labels", "filenames"} - set(arrays)
    if missing:
        raise InputError(f"{path}: has no array '{min(missing)}'; a tag cache holds tags, labels and filenames")
    vectors, labels = arrays["tags"].astype("float32"), arrays["labels"].tolist()
    if vectors.shape != (len(arrays["filenames"]), len(labels)):
        raise InputError(f"{path}: tags have shape {vectors.shape}, expected (filenames, labels)")
    row_of = {name: row for row, name in enumerate(arrays["filenames"].tolist())}
    absent = [name for name in filenames if name not in row_of]
    if absent:
        raise InputError(f"{path}: no tag vector for {absent[0]} ({len(absent)} clips in all); tag the corpus anew")
    vectors = vectors[[row_of[name] for name in filenames]]
    if not ((vectors >= 0) & (vectors <= 1)).all():
        clip = filenames[int(np.argwhere(~((vectors >= 0) & (vectors <= 1)))[0, 0])]
        raise InputError(f"{path}: the tag vector of {clip} has a value that is not in [0, 1]")
    return Tags(vectors, labels, filenames)
