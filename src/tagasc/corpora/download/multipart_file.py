"""The parts of a split file, read as one."""

import io
from bisect import bisect_right
from itertools import accumulate
from pathlib import Path
from typing import Any


class MultipartFile(io.RawIOBase):
    """A read-only file with the bytes of several parts, in order, without copying them."""

    def __init__(self, parts: list[Path]) -> None:
        self._files = [path.open("rb") for path in parts]
        self._ends = list(accumulate(path.stat().st_size for path in parts))
        self._position = 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Move to a position, and return it."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._ends[-1]}[whence]
        self._position = max(start + offset, 0)
        return self._position

    def tell(self) -> int:
        """Return the position."""
        return self._position

    def readinto(self, buffer: Any, /) -> int:
        """Read from the current part into a buffer, and return the number of bytes; 0 at the end."""
        part = bisect_right(self._ends, self._position)
        if part == len(self._files):
            return 0
        file = self._files[part]
        start = self._ends[part - 1] if part else 0
        file.seek(self._position - start)
        count = file.readinto(memoryview(buffer)[: self._ends[part] - self._position])
        self._position += count
        return count

    def close(self) -> None:
        """Close all parts."""
        for file in self._files:
            file.close()
        super().close()
