"""The audio files that a data set lists: their existence, their headers, and what packing changes in them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tqdm import tqdm

from tagasc.audio.header import Changes, Header, compare, read_header
from tagasc.config import OnMismatch
from tagasc.runtime.errors import InputError, likewise

_THREADS = 16  # opening a file means waiting, above all on a shared file system


@dataclass(frozen=True)
class Inspection:
    """What the headers of the listed files tell. Each file is either unreadable, mismatched, or in ``changes``.

    Parameters
    ----------
    samples
        Length of a packed clip in samples; None for events, which keep theirs.
    headers
        Headers of the readable files.
    changes
        What packing changes in each file that it can use.
    unreadable, mismatched
        What is wrong with each file that is missing, damaged or not audio, and with each file of another format under
        ``on_mismatch: error``.
    """

    samples: int | None
    headers: Mapping[Path, Header]
    changes: Mapping[Path, Changes]
    unreadable: Mapping[Path, str]
    mismatched: Mapping[Path, str]

    @property
    def problems(self) -> list[str]:
        """One line per kind of problem, with the first file that has it and the number of the others."""
        kinds: dict[str, list[Path]] = {}
        for path, problem in {**self.unreadable, **self.mismatched}.items():
            kinds.setdefault(problem, []).append(path)
        return [f"{first}: {problem}{likewise(len(others), 'file')}" for problem, (first, *others) in kinds.items()]


def inspect_files(
    paths: Sequence[Path],
    sample_rate: int,
    channels: int,
    samples: int | Literal["auto"] | None,
    on_mismatch: OnMismatch,
) -> Inspection:
    """Read the headers of all files, in threads, and compare them with the expected format.

    Parameters
    ----------
    paths
        Audio files.
    sample_rate, channels, on_mismatch
        See `compare`.
    samples
        Expected length in samples. ``"auto"`` is the most frequent length at ``sample_rate``, of equals the longest.
        None accepts any length.
    """
    headers, changes, unreadable, mismatched = {}, {}, {}, {}
    with ThreadPoolExecutor(_THREADS) as threads:
        for path, result in tqdm(
            zip(paths, threads.map(_try_header, paths), strict=True), "headers", len(paths), unit="clip", mininterval=1
        ):
            if isinstance(result, Header):
                headers[path] = result
            else:
                unreadable[path] = result
    if samples == "auto":
        samples = _most_frequent([header.length(sample_rate) for header in headers.values()])
    for path, header in headers.items():
        try:
            changes[path] = compare(header, path, sample_rate, channels, samples, on_mismatch)
        except InputError as error:
            mismatched[path] = _without_path(error, path)
    return Inspection(samples, headers, changes, unreadable, mismatched)


def check_files(
    paths: Sequence[Path],
    sample_rate: int,
    channels: int,
    samples: int | Literal["auto"] | None,
    on_mismatch: OnMismatch,
) -> Inspection:
    """Return what `inspect_files` does, if all files can be packed.

    Raises
    ------
    InputError
        For the first problem, with the number of other files that have it.
    """
    inspection = inspect_files(paths, sample_rate, channels, samples, on_mismatch)
    for problem in inspection.problems:
        raise InputError(problem)
    return inspection


def _try_header(path: Path) -> Header | str:
    """Return the header of a file, or what is wrong with it."""
    try:
        return read_header(path)
    except InputError as error:
        return _without_path(error, path)


def _most_frequent(lengths: Sequence[int]) -> int | None:
    """Return the most frequent length, of equals the longest; None if there is none."""
    counts = Counter(lengths)
    return max(counts, key=lambda length: (counts[length], length), default=None)


def _without_path(error: InputError, path: Path) -> str:
    return str(error).removeprefix(f"{path}: ")
