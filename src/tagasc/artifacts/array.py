"""Arrays of the results tree: npy files without pickles, memory-mapped."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tagasc.artifacts.artifact import Artifact

ARRAY_ERRORS = (OSError, ValueError, EOFError, OverflowError, TypeError, TokenError)
"""What numpy raises when it reads a damaged or foreign npy file."""


@dataclass(frozen=True, kw_only=True)
class ArrayFile(Artifact):
    """An npy file with values of this type along these axes.

    Examples
    --------
    >>> file = ArrayFile(path="x.npy", rule="make_x", meaning="", dtype=np.float16, axes=["clips", "values"])
    >>> file.write(folder / "x.npy", np.ones((2, 3)))
    >>> file.read(folder / "x.npy").shape
    (2, 3)
    """

    dtype: type[np.generic]
    axes: Sequence[str]

    def write(self, path: Path, array: NDArray[Any]) -> None:
        """Write an array, converted to the file's type."""
        with self.atomic_write(path) as partial:
            np.save(partial, np.ascontiguousarray(array, self.dtype), allow_pickle=False)

    def read(self, path: Path) -> NDArray[Any]:
        """Map the array into memory, read-only.

        Raises
        ------
        InputError
            If the file is missing, damaged, or not such an array.
        """
        self.check(path)
        try:
            array = np.lib.format.open_memmap(path, mode="r")
        except ARRAY_ERRORS as error:
            raise self.error(path, f"cannot be read as an array ({error})") from None
        if array.dtype != self.dtype or array.ndim != len(self.axes) or not array.flags.c_contiguous:
            expected = f"{np.dtype(self.dtype).name} ({', '.join(self.axes)})"
            raise self.error(path, f"is {array.dtype} {array.shape}, expected {expected}")
        if path.stat().st_size != array.offset + array.nbytes:
            raise self.error(path, f"is longer than its {array.shape} values")
        return array
