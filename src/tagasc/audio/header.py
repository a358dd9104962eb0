"""The header of one audio file, and what has to be changed in the recording for the expected format."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from math import gcd
from pathlib import Path
from typing import NamedTuple, Self

import soundfile

from tagasc.config import OnMismatch
from tagasc.runtime.errors import InputError
from tagasc.runtime.paths import file_problem

TOLERANCE = 2
"""Length difference in samples that is always mended. Editors round lengths."""

LOWEST_RATE = 1000
"""Sample rate in Hz below which recordings of a user are refused."""

_UNKNOWN_SIZE = 0x7FFF0000  # bytes; from here on, a header declares no size
_MOST_SAMPLES = 10_000  # per byte of a file; digital silence in FLAC has 6,500
_LARGEST_FILTER = 50_000_000  # coefficients of the resampler, 0.4 GB; 44100 Hz to 48000 Hz takes 24,000


class Header(NamedTuple):
    """What the header of an audio file tells."""

    sample_rate: int
    """Sample rate in Hz."""
    channels: int
    """Number of channels."""
    frames: int
    """Length in samples at that rate."""
    format: str
    """Container and encoding as libsndfile names them, for instance "WAV PCM_24"."""

    @classmethod
    def of(cls, file: soundfile.SoundFile, path: Path) -> Self:
        """Return the header of an open file, which must hold samples; ``path`` is for the message."""
        if file.frames == 0:
            raise InputError(f"{path}: holds no samples; download or copy it again, or leave it out")
        return cls(file.samplerate, file.channels, file.frames, f"{file.format} {file.subtype}")

    def length(self, sample_rate: int) -> int:
        """Return the length in samples at another rate, rounded up as the resampler does.

        >>> Header(44100, 2, frames=44101, format="WAV PCM_16").length(22050)
        22051
        """
        return -(-self.frames * sample_rate // self.sample_rate)


class Changes(NamedTuple):
    """What `read_audio` changes in a recording; all are false or 0 if it has the expected format."""

    resampled: bool
    """Its sample rate is converted."""
    mixed_down: bool
    """It has more channels than expected."""
    doubled: bool
    """It has one channel, and two are expected."""
    padding: int
    """Samples of silence added at its end; if negative, samples cut off there."""

    @property
    def mended(self) -> bool:
        """Whether the length changes by no more than editors round lengths, `TOLERANCE`."""
        return 0 < abs(self.padding) <= TOLERANCE


def read_header(path: Path) -> Header:
    """Return the header of a file without decoding it.

    Raises
    ------
    InputError
        If the file is missing, empty, cut short or not audio, or if its header is damaged.

    Examples
    --------
    >>> soundfile.write(folder / "a.wav", [0.0] * 8001, 8000)
    >>> read_header(folder / "a.wav")
    Header(sample_rate=8000, channels=1, frames=8001, format='WAV PCM_16')
    """
    with open_audio(path) as file:
        return Header.of(file, path)


def compare(
    header: Header, path: Path, sample_rate: int, channels: int, samples: int | None, on_mismatch: OnMismatch
) -> Changes:
    """Return what has to be changed in a recording so that it has the expected format.

    Parameters
    ----------
    header, path
        Its header, and its path for messages.
    sample_rate
        Expected sample rate in Hz.
    channels
        Expected number of channels.
    samples
        Expected length in samples. None for events, which have any length above zero.
    on_mismatch
        ``"error"`` or ``"convert"``.

    Raises
    ------
    InputError
        Under ``"error"``, if it has another rate, channel count or length (by more than two samples). Under
        ``"convert"``, if the rates have no common divisor that is large enough for resampling.

    Examples
    --------
    >>> compare(Header(8000, 1, 7000, "WAV PCM_16"), folder / "a.wav", 8000, 2, 8000, "convert")
    Changes(resampled=False, mixed_down=False, doubled=True, padding=1000)
    """
    changes = Changes(
        resampled=header.sample_rate != sample_rate,
        mixed_down=header.channels > channels,
        doubled=header.channels < channels,
        padding=0 if samples is None else samples - header.length(sample_rate),
    )
    same_format = (header.sample_rate, header.channels) == (sample_rate, channels)
    section, key = ("events", "events.mel.sample_rate") if samples is None else ("scenes", "scenes.audio")
    if on_mismatch == "convert" or (same_format and abs(changes.padding) <= TOLERANCE):
        require_convertible(path, header.sample_rate, sample_rate)
        return changes
    found = _describe(header.sample_rate, header.channels, None if samples is None else header.frames)
    raise InputError(
        f"{path}: found {found}, expected {_describe(sample_rate, channels, samples)}; set {section}.on_mismatch: "
        f"convert, or correct {key}"
    )


def require_convertible(path: Path, found: int, wanted: int) -> None:
    """Check that a sample rate can be converted to the wanted one; both are in Hz.

    Raises
    ------
    InputError
        If the rates have no common divisor that is large enough.
    """
    if found * wanted // gcd(found, wanted) ** 2 > _LARGEST_FILTER:
        raise InputError(
            f"{path}: has the unusual sample rate {found} Hz, which cannot be converted to {wanted} Hz; convert it "
            f"with an audio editor, or leave it out"
        )


@contextmanager
def open_audio(path: Path) -> Iterator[soundfile.SoundFile]:
    """Open an audio file for the block.

    Raises
    ------
    InputError
        As `read_header`, except for a file without samples.
    """
    if problem := file_problem(path):
        raise InputError(f"{path}: {problem}; put the recording there, or leave it out")
    size = path.stat().st_size
    if size == 0:
        raise InputError(f"{path}: is empty (0 bytes); download or copy it again, or leave it out")
    try:
        file = soundfile.SoundFile(path)
    except (soundfile.LibsndfileError, TypeError) as error:  # TypeError: a headerless format such as .raw
        reason = getattr(error, "error_string", error)
        raise InputError(
            f"{path}: is not audio that libsndfile can read ({reason}); export it as WAV or FLAC"
        ) from None
    with file:
        if missing := _missing_bytes(file.extra_info):
            raise InputError(f"{path}: is cut short, {size} of {size + missing} bytes; download or copy it again")
        if file.frames > _MOST_SAMPLES * size:
            raise InputError(
                f"{path}: has a damaged header, which promises {file.frames} samples in {size} bytes; download or copy "
                f"it again"
            )
        yield file


def _missing_bytes(log: str) -> int:
    r"""Return how many bytes fewer a file has than its header promises, from libsndfile's log of the header.

    libsndfile takes a file that is cut short for a shorter recording, so no other check would notice.

    >>> _missing_bytes("RIFF : 4842 (should be 4841)\nWAVE\ndata : 4806 (should be 4805)")
    1
    """
    missing = 0
    for name, promised, found in re.findall(r"(\w+) *: (\d+) \(should be (\d+)\)", log):
        difference = int(promised) - int(found)
        # Some writers count the eight bytes of the first chunk's own header, so eight missing bytes prove nothing.
        # Programs that write to a pipe cannot know a size. They leave a number near the greatest one.
        if difference > (8 if name in {"RIFF", "FORM"} else 0) and int(promised) < _UNKNOWN_SIZE:
            missing = max(missing, difference)
    return missing


def _describe(sample_rate: int, channels: int, samples: int | None) -> str:
    text = f"{sample_rate} Hz, {channels} channel{'s' if channels > 1 else ''}"
    return text if samples is None else f"{text}, {samples} samples"
