"""Checks of the audio files that a data set lists: their existence and their headers."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tqdm import tqdm

from tagasc.audio.file import Header, check_header
from tagasc.config import OnMismatch
from tagasc.runtime.errors import InputError

_THREADS = 16  # opening a file means waiting, above all on a shared file system


def find_missing(paths: Sequence[Path]) -> list[Path]:
    """Return the paths that are not files."""
    with ThreadPoolExecutor(_THREADS) as threads:
        return [path for path, exists in zip(paths, threads.map(Path.is_file, paths), strict=True) if not exists]


def check_files(
    paths: Sequence[Path], sample_rate: int, channels: int, samples: int | None, on_mismatch: OnMismatch
) -> list[Header]:
    """Check that all files exist, then check their headers as `check_header` does.

    The number of files that will be mended or converted is printed.

    Raises
    ------
    InputError
        For missing files, with the first of them and their number. Otherwise for the first bad header.
    """
    if missing := find_missing(paths):
        others = f", and so are {len(missing) - 1} other listed files" if missing[1:] else ""
        raise InputError(f"{missing[0]}: is missing{others}; unpack the whole data set, or take it off the lists")
    with ThreadPoolExecutor(_THREADS) as threads:
        checked = threads.map(lambda path: check_header(path, sample_rate, channels, samples, on_mismatch), paths)
        headers = list(tqdm(checked, "headers", len(paths), unit="clip", mininterval=1))
    for change, meaning in (
        ("mended", "one or two samples too long or too short, cropped or zero-padded"),
        ("converted", "converted in rate, channels or length"),
    ):
        count = sum(header.change == change for header in headers)
        if count:
            print(f"{count} of {len(paths)} clips: {meaning}")
    return headers
