"""Many recordings, one after the other: bad ones are named and skipped."""

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from tqdm import tqdm

from tagasc.audio.header import Changes, Header
from tagasc.audio.windows import Window, WindowFormat, inspect_recording, read_windows
from tagasc.bundle.find_recordings import find_recordings
from tagasc.runtime.errors import InputError, warn

T = TypeVar("T")


@dataclass
class Recordings:
    """The recordings that a user names.

    Parameters
    ----------
    wanted
        The windows in which they are heard.
    usable
        Header of each one that can be read, and what is changed in it.
    skipped
        Those that cannot be read.
    """

    wanted: WindowFormat
    usable: dict[Path, tuple[Header, Changes]] = field(default_factory=dict)
    skipped: list[Path] = field(default_factory=list)

    @classmethod
    def find(cls, places: Sequence[Path], wanted: WindowFormat) -> "Recordings":
        """Find the recordings, read their headers, and name those that cannot be read on stderr.

        Raises
        ------
        InputError
            As `find_recordings`.
        """
        found, recordings = find_recordings(places), cls(wanted)
        if found.others:
            warn(f"{found.others} of the files in these folders: left out, because their suffix is not that of audio")
        for path in tqdm(found.files, "headers", unit="file", disable=None, delay=1, leave=False):
            try:
                recordings.usable[path] = inspect_recording(path, wanted)
            except InputError as error:
                recordings.skip(path, error)
        recordings.report_changes()
        return recordings

    def skip(self, path: Path, error: InputError) -> None:
        """Name a recording on stderr that is left out."""
        tqdm.write(f"tagasc: error: {error} (skipped)", sys.stderr)
        self.usable.pop(path, None)
        self.skipped.append(path)

    def report_changes(self) -> None:
        """Say on stderr what is converted."""
        wanted, seconds = self.wanted, self.wanted.samples / self.wanted.sample_rate
        found = list(self.usable.values())
        lower = [header.sample_rate for header, _ in found if header.sample_rate < wanted.sample_rate]
        counts = {
            f"resampled to {wanted.sample_rate} Hz": sum(change.resampled for _, change in found),
            f"averaged to {wanted.channels} channel{'s' * (wanted.channels > 1)}": sum(c.mixed_down for _, c in found),
            "doubled from one channel to two": sum(change.doubled for _, change in found),
            f"shorter than a window, and filled up with silence to {seconds:g} s": sum(
                change.padding > 0 and not change.mended for _, change in found
            ),
        }
        for what, count in counts.items():
            if count:
                print(f"tagasc: {count} of {len(found)} recordings: {what}", file=sys.stderr)
        if lower:
            warn(
                f"{len(lower)} of {len(found)} recordings have a lower sample rate than the {wanted.sample_rate} Hz of "
                f"the training, the lowest one {min(lower)} Hz: high frequencies are missing, and predictions may be "
                f"wrong"
            )

    @property
    def windows(self) -> int:
        """Number of windows of all usable recordings."""
        rate = self.wanted.sample_rate
        return sum(len(self.wanted.starts(header.length(rate))) for header, _ in self.usable.values())


def on_recordings(recordings: Recordings, apply: Callable[[Path, Iterator[Window]], T]) -> Iterator[tuple[Path, T]]:
    """Yield each usable recording with what a function returns for its path and its windows.

    Recordings that break while they are decoded are skipped. A bar on stderr shows the progress.
    """
    with tqdm(desc="windows", total=recordings.windows, unit="window", disable=None, mininterval=1) as progress:

        def counted(path: Path) -> Iterator[Window]:
            for window in read_windows(path, recordings.wanted):
                yield window
                progress.update()

        for path in list(recordings.usable):
            try:
                yield path, apply(path, counted(path))
            except InputError as error:
                recordings.skip(path, error)
