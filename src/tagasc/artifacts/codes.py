"""Codes: the vectors that scene networks compute and that the back-end classifies."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tagasc.artifacts.array import ArrayFile
from tagasc.artifacts.record import Record, record_path, whole, write_record
from tagasc.runtime.errors import InputError

CODES = ArrayFile(
    path="experiments/<name>/cells/<cell>/seed<k>/codes.npy",
    rule="train_cell",
    meaning="Codes of all clips after the last epoch. Column j of the second axis is row j of clips.csv.",
    dtype=np.float16,
    axes=["1", "clips", "code"],
)
CODES_BY_EPOCH = ArrayFile(
    path="experiments/<name>/cells/<cell>/seed<k>/codes-every<n>.npy",
    rule="train_cell",
    meaning="Codes after every n-th epoch and the last one, kept by backend.keep_codes.",
    dtype=np.float16,
    axes=["epochs", "clips", "code"],
)
CROP_CODES = ArrayFile(
    path="experiments/<name>/cells/<cell>/seed<k>/codes-crops.npy",
    rule="train_cell",
    meaning="With backend.train_codes: crops, codes of a random crop of each training clip after the last epoch. "
    "Column j of the second axis is training clip j of clips.csv. Clips of the incomplete batch have codes of NaN.",
    dtype=np.float16,
    axes=["1", "training clips", "code"],
)
CROP_CODES_BY_EPOCH = ArrayFile(
    path="experiments/<name>/cells/<cell>/seed<k>/codes-crops-every<n>.npy",
    rule="train_cell",
    meaning="The same after every n-th epoch and the last one, kept by backend.keep_codes.",
    dtype=np.float16,
    axes=["epochs", "training clips", "code"],
)


def read_codes(artifact: ArrayFile, path: Path, epochs: int, clips: int) -> NDArray[np.float16]:
    """Map codes (epochs, clips, code) into memory, and check that they are finite and belong to the clips.

    They are in half precision, in which a variance overflows: convert them before computing with them.

    Raises
    ------
    InputError
        If the file is missing, cut short, or not of this shape, or if a code is not finite.

    Examples
    --------
    >>> CODES.write(folder / "codes.npy", np.ones((1, 3, 64)))
    >>> read_codes(CODES, folder / "codes.npy", epochs=1, clips=3).shape
    (1, 3, 64)
    """
    codes = artifact.read(path)
    if codes.shape[:2] != (epochs, clips) or not codes.size:
        raise artifact.error(path, f"has the shape {codes.shape}, expected ({epochs} epochs, {clips} clips, code)")
    _require_finite(path, codes)
    return codes


def read_crop_codes(artifact: ArrayFile, path: Path, shape: tuple[int, int, int]) -> NDArray[np.float16]:
    """Map codes of crops (epochs, training clips, code) into memory, and check them.

    Each epoch has the same number of clips without a code: those of the incomplete batch, whose values are NaN.

    Raises
    ------
    InputError
        If the file is missing, cut short, or not of this shape, if clips lack a code for another reason, or if a code
        is not finite.

    Examples
    --------
    >>> CROP_CODES.write(folder / "codes-crops.npy", np.array([[[1.0], [np.nan], [2.0]]]))
    >>> read_crop_codes(CROP_CODES, folder / "codes-crops.npy", (1, 3, 1)).ravel().tolist()
    [1.0, nan, 2.0]
    """
    codes = artifact.read(path)
    if codes.shape != shape:
        raise artifact.error(path, f"has the shape {codes.shape}, expected {shape} (epochs, training clips, code)")
    missing = [int(np.isnan(of_epoch).all(axis=1).sum()) for of_epoch in codes]
    if 2 * max(missing) >= shape[1]:  # a complete batch is larger than an incomplete one
        raise artifact.error(
            path, f"has no codes of {max(missing)} of {shape[1]} training clips, expected most of them"
        )
    if min(missing) < max(missing):
        problem = f"has no codes of {min(missing)} to {max(missing)} clips per epoch, expected the same number"
        raise artifact.error(path, problem)
    _require_finite(path, codes, missing[0])
    return codes


def _require_finite(path: Path, codes: NDArray[np.float16], missing: int = 0) -> None:
    """Check that all codes of each epoch are finite, apart from those of ``missing`` clips.

    Raises
    ------
    InputError
        If one is not.
    """
    broken = max(int(np.count_nonzero(~np.isfinite(of_epoch).all(axis=1))) for of_epoch in codes) - missing
    if broken:
        raise InputError(
            f"{path}: the codes of {broken} of {codes.shape[1]} clips are not finite or exceed half precision (65504), "
            f"so the training diverged; lower frontend.training.learning_rate"
        )


class CodesByEpoch:
    """Codes of chosen epochs, of whole clips or crops, float16 (epochs, clips, code), written one epoch at a time.

    The file is created at the first epoch; an existing file is continued.

    >>> codes = CodesByEpoch(folder / "codes-every2.npy", [2, 4])
    >>> codes.write(2, np.ones((3, 64)))
    >>> codes.write(4, np.ones((3, 64)))
    >>> read_codes(CODES_BY_EPOCH, folder / "codes-every2.npy", epochs=2, clips=3).shape
    (2, 3, 64)
    """

    def __init__(self, path: Path, epochs: Sequence[int]) -> None:
        self.path, self.epochs = path, sorted(epochs)

    def write(self, epoch: int, codes: NDArray[Any]) -> None:
        """Write the codes (clips, code) of one of the epochs."""
        record_path(self.path).unlink(missing_ok=True)  # a kill before the new record raises no false alarm
        if epoch == self.epochs[0]:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            stored = np.lib.format.open_memmap(self.path, "w+", np.float16, (len(self.epochs), *codes.shape))
        else:
            stored = np.lib.format.open_memmap(self.path, "r+")
        stored[self.epochs.index(epoch)] = codes
        stored.flush()
        write_record(self.path, Record(CODES_BY_EPOCH.place(self.path), whole(self.path)))
