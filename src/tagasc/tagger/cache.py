"""The cache of tag vectors, ``results/tags/<tagger>/<scenes>.npz``: any tagger can fill it."""

from collections import Counter
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
        If an array or a clip is missing, a clip is there twice, or a value is NaN or outside [0, 1].
    """
    return tags_of(path, read_npz(path), filenames)


def read_npz(path: Path) -> Tags:
    """Read all tag vectors of an npz file, unchecked but for its form.

    Raises
    ------
    InputError
        If it is no such file, or its arrays do not fit together.
    """
    arrays: dict[str, NDArray[Any]]
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except (OSError, ValueError, AttributeError) as error:
        raise InputError(f"{path}: cannot be read as npz ({error}); expected arrays tags, labels, filenames") from None
    missing = {"tags", "labels", "filenames"} - set(arrays)
    if missing:
        raise InputError(f"{path}: has no array '{min(missing)}'; expected tags, labels and filenames")
    vectors, labels, names = arrays["tags"].astype("float32"), arrays["labels"].tolist(), arrays["filenames"].tolist()
    if vectors.shape != (len(names), len(labels)):
        raise InputError(
            f"{path}: tags have shape {vectors.shape}, expected ({len(names)} filenames, {len(labels)} labels)"
        )
    return Tags(vectors, labels, names)


def tags_of(path: Path, tags: Tags, filenames: list[str]) -> Tags:
    """Return the tag vectors of the given clips, in their order, checked; ``path`` is for messages.

    Raises
    ------
    InputError
        If a clip is missing or there twice, a label is there twice, or a value is NaN or outside [0, 1].
    """
    labels = Counter(tags.labels)
    for label, count in labels.items():
        if count > 1:
            raise InputError(f"{path}: there are {count} tags '{label}'; give each a label of its own")
    rows = Counter(tags.filenames)
    for name in filenames:
        if rows[name] != 1:
            absent = sum(rows[other] == 0 for other in filenames)
            what = f"no tag vector for {name} ({absent} clips in all)" if not rows[name] else f"{name} is there twice"
            raise InputError(f"{path}: {what}; expected one row for each clip of meta.csv")
    row_of = {name: row for row, name in enumerate(tags.filenames)}
    vectors = tags.vectors[[row_of[name] for name in filenames]]
    valid = (vectors >= 0) & (vectors <= 1)
    if not valid.all():
        row, column = np.argwhere(~valid)[0]
        raise InputError(
            f"{path}: tag '{tags.labels[column]}' of {filenames[row]} is {vectors[row, column]:g}, "
            "expected a value in [0, 1]"
        )
    return Tags(vectors, tags.labels, filenames)
