"""The headers of all recordings, and the format of clips that follows from them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tagasc.audio.header import LOWEST_RATE, TOLERANCE, Header, require_convertible
from tagasc.config.scenes import MAX_SAMPLES
from tagasc.corpora.audio_files import inspect_files
from tagasc.recordings.find import AudioFile
from tagasc.runtime.errors import InputError

LONGEST_DEFAULT = 10.0
"""Length in s of clips if a recording is longer than that, as in TAU 2019."""


@dataclass(frozen=True)
class ClipFormat:
    """The format of all clips, as section ``scenes.audio`` has it.

    Parameters
    ----------
    sample_rate
        In Hz.
    channels
        1 or 2.
    samples
        Length at that rate.
    """

    sample_rate: int
    channels: int
    samples: int

    @property
    def seconds(self) -> float:
        """Length in s.

        >>> ClipFormat(44100, 1, 441000).seconds
        10.0
        """
        return self.samples / self.sample_rate


def read_headers(files: Sequence[AudioFile]) -> Mapping[Path, Header]:
    """Return the header of each file.

    Raises
    ------
    InputError
        If files cannot be read: one line for the first problem, with the number of the others. If a sample rate is
        below `tagasc.audio.header.LOWEST_RATE`.
    """
    # Which rate and channels to expect, only the headers tell. Thus no file counts as mismatched here.
    inspection = inspect_files([file.path for file in files], 48000, 1, None, "convert")
    problems = replace(inspection, mismatched={}).problems
    if problems:
        more = f" (and {len(problems) - 1} other kinds of problems)" if len(problems) > 1 else ""
        raise InputError(problems[0] + more)
    for path, header in inspection.headers.items():
        if header.sample_rate < LOWEST_RATE:
            raise InputError(
                f"{path}: has a sample rate of {header.sample_rate} Hz, expected at least {LOWEST_RATE} Hz; correct "
                f"its header, or move it out of the folder"
            )
    return inspection.headers


def choose_format(headers: Sequence[Header], clip: float | None) -> ClipFormat:
    """Return the format of clips that invents nothing.

    The sample rate is the lowest one, and clips have two channels if all recordings have at least two. If ``clip``, the
    length in s, is None, it is 10 s. If no recording is longer, it is the most frequent length; of equally frequent
    lengths, the longest.

    Raises
    ------
    InputError
        If ``clip`` is not a possible length.

    Examples
    --------
    >>> choose_format([Header(8000, 2, 24000, "WAV PCM_16"), Header(16000, 1, 48000, "WAV PCM_16")], None)
    ClipFormat(sample_rate=8000, channels=1, samples=24000)
    """
    rate = min(header.sample_rate for header in headers)
    channels = min(2, *(header.channels for header in headers))
    if clip is not None:
        longest = min(3600.0, MAX_SAMPLES / rate)
        if not 0.001 <= clip <= longest:
            raise InputError(f"--clip: {clip:g} s is not possible; choose a length from 0.001 to {longest:.0f} s")
        return ClipFormat(rate, channels, max(round(clip * rate), 1))
    lengths = Counter(header.length(rate) for header in headers)
    limit = round(LONGEST_DEFAULT * rate)
    if max(lengths) > limit + TOLERANCE:
        return ClipFormat(rate, channels, limit)
    return ClipFormat(rate, channels, max(lengths, key=lambda length: (lengths[length], length)))


def check_convertible(headers: Mapping[Path, Header], clips: ClipFormat) -> None:
    """Check that all recordings can be resampled.

    Raises
    ------
    InputError
        If the rate of one has no common divisor with that of the clips which is large enough.
    """
    for path, header in headers.items():
        require_convertible(path, header.sample_rate, clips.sample_rate)
