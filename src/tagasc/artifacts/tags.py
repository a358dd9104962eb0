"""The cache of tag vectors, which any tagger can fill."""

import zipfile
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tagasc.artifacts.array import ARRAY_ERRORS
from tagasc.artifacts.artifact import Artifact
from tagasc.runtime.errors import InputError

TAGS = Artifact(
    path="tags/<tagger>/<scenes>.npz",
    rule="tag_scenes or import_tags",
    meaning="Tag vectors of the scene clips: arrays tags, float32 (clips, tags) in [0, 1]; labels (tags,); "
    "filenames (clips,). From rule tag_scenes also precision, in which the tagger computed.",
)

STANDARDISED_LIMIT = 10.0
"""Standardised tags are clipped at plus and minus this many standard deviations.

Otherwise, a tag that is nearly constant in training would decide alone where it occurs: one reached 871.
"""


@dataclass(frozen=True)
class Tags:
    """Tag vectors of clips.

    Parameters
    ----------
    vectors
        float32 (clips, tags), posterior probabilities in [0, 1].
    labels
        The names of the tags.
    filenames
        The names of the clips.
    precision
        The precision in which the tagger computed; None if it is not known.
    """

    vectors: NDArray[np.float32]
    labels: list[str]
    filenames: list[str]
    precision: str | None = None

    def select(self, path: Path, filenames: Sequence[str]) -> "Tags":
        """Return the tag vectors of the given clips, in their order; ``path`` is for messages.

        Raises
        ------
        InputError
            If a clip is missing or occurs twice, a label occurs twice, or a value is NaN or outside [0, 1].

        Examples
        --------
        >>> tags = Tags(np.array([[0.1], [0.2]]), ["Bark"], ["a.wav", "b.wav"])
        >>> tags.select(folder, ["b.wav"]).vectors.tolist()
        [[0.2]]
        """
        for label, count in Counter(self.labels).items():
            if count > 1:
                raise InputError(f"{path}: there are {count} tags '{label}'; give each tag a label of its own")
        rows = Counter(self.filenames)
        for name in filenames:
            if rows[name] != 1:
                missing = sum(rows[other] == 0 for other in filenames)
                problem = (
                    f"{name} occurs twice" if rows[name] else f"{name} has no tag vector ({missing} clips lack one)"
                )
                raise InputError(f"{path}: {problem}; expected one row for each clip in meta.csv")
        row_of = {name: row for row, name in enumerate(self.filenames)}
        vectors = self.vectors[[row_of[name] for name in filenames]]
        invalid = ~((vectors >= 0) & (vectors <= 1))  # NaN is invalid, too
        if invalid.any():
            row, column = np.argwhere(invalid)[0]
            raise InputError(
                f"{path}: tag '{self.labels[column]}' of {filenames[row]} is {vectors[row, column]:g}; "
                "expected a value in [0, 1]"
            )
        return replace(self, vectors=vectors, filenames=list(filenames))


def write_tags(path: Path, tags: Tags) -> None:
    """Write tag vectors as npz without pickles.

    >>> write_tags(folder / "tags.npz", Tags(np.array([[0.5]]), ["Bark"], ["a.wav"]))
    >>> read_tags(folder / "tags.npz", ["a.wav"]).labels
    ['Bark']
    """
    with TAGS.atomic_write(path) as partial:
        write_npz(partial, tags)


def write_npz(path: Path, tags: Tags) -> None:
    """Write tag vectors outside the results tree, in the form of the cache.

    >>> write_npz(folder / "tags.npz", Tags(np.array([[0.5]]), ["Bark"], ["a.wav"]))
    """
    arrays = {
        "tags": tags.vectors.astype(np.float32),
        "labels": np.array(tags.labels, "U"),
        "filenames": np.array(tags.filenames, "U"),
    }
    if tags.precision is not None:
        arrays["precision"] = np.array(tags.precision)
    np.savez(path, **arrays)  # type: ignore[arg-type]  # numpy's annotation takes any name for allow_pickle


def read_tags(path: Path, filenames: Sequence[str]) -> Tags:
    """Return the cached tag vectors of the given clips, in their order.

    Raises
    ------
    InputError
        If the file is missing, damaged or foreign, or has no valid tag vector for a clip.

    Examples
    --------
    See `write_tags`.
    """
    TAGS.check(path)
    try:
        return read_npz(path).select(path, filenames)
    except InputError as error:
        raise InputError(
            f"{error}; if nobody edited the file, delete it, and rule {TAGS.rule} writes it again"
        ) from None


def read_npz(path: Path) -> Tags:
    """Return all tag vectors of an npz file; only their shapes are checked.

    Raises
    ------
    InputError
        If the file is missing or not such a file, or if its arrays do not fit together.

    Examples
    --------
    >>> write_tags(folder / "tags.npz", Tags(np.array([[0.5]]), ["Bark"], ["a.wav"]))
    >>> read_npz(folder / "tags.npz").filenames
    ['a.wav']
    """
    expected = "expected the arrays tags (clips, tags), labels and filenames"
    arrays: dict[str, NDArray[Any]]
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except FileNotFoundError:
        raise InputError(f"{path}: does not exist; {expected}") from None
    except (
        *ARRAY_ERRORS,
        zipfile.BadZipFile,
        zlib.error,
        RuntimeError,
    ) as error:  # RuntimeError: flags of the zip file
        raise InputError(f"{path}: cannot be read as npz ({error}); {expected}") from None
    missing = {"tags", "labels", "filenames"} - set(arrays)
    if missing:
        raise InputError(f"{path}: has no array '{min(missing)}'; {expected}")
    if arrays["tags"].dtype.kind not in "fiub":
        raise InputError(f"{path}: its tags are {arrays['tags'].dtype}, not real numbers; {expected}")
    vectors = arrays["tags"].astype(np.float32)
    labels, names = arrays["labels"].tolist(), arrays["filenames"].tolist()
    if arrays["labels"].ndim != 1 or arrays["filenames"].ndim != 1 or vectors.shape != (len(names), len(labels)):
        raise InputError(
            f"{path}: its tags have the shape {vectors.shape}, expected ({arrays['filenames'].size} filenames, "
            f"{arrays['labels'].size} labels)"
        )
    precision = str(arrays["precision"]) if "precision" in arrays else None
    return Tags(vectors, [str(label) for label in labels], [str(name) for name in names], precision)
