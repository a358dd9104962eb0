"""The parts of a split file, read as one."""

import io
from bisect import bisect_right
from itertools import accumulate
from pathlib import Path
from typing import Any


def joined(parts: list[Path]) -> io.BufferedReader:
    """Return a file, without a copy, whose bytes are those of its parts in order."""
    return io.BufferedReader(_Joined(parts), 1 << 20)


class _Joined(io.RawIOBase):
    def __init__(self, parts: list[Path]) -> None:
        self._files = [path.open("rb") for path in parts]
        self._ends = list(accumulate(path.stat().st_size for path in parts))
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._ends[-1]}[whence]
        self._position = max(start + offset, 0)
        return self._position

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: Any, /) -> int:
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
        for file in self._files:
            file.close()
        super().close()
