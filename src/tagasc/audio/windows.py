"""Windows of a recording of any length, in the format of packed clips. Memory does not grow with the recording."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from math import ceil, gcd
from pathlib import Path

import numpy as np
import soundfile
import torch
from numpy.typing import NDArray
from torchaudio.functional import resample

from tagasc.audio.conversion import mix
from tagasc.audio.file import check_length, check_samples, undecodable
from tagasc.audio.header import LOWEST_RATE, TOLERANCE, Changes, Header, compare, open_audio, require_convertible
from tagasc.runtime.errors import InputError

MAX_CHANNELS = 1024
"""Channels of the largest file that libsndfile reads."""
_BLOCK = 1 << 22
"""Samples that are decoded at the same time: 87 s at 48 kHz. Shorter recordings are converted as a whole."""
_FILTER = 6.1
"""Half the length of torchaudio's filter for resampling, in samples of the lower rate, rounded up."""


@dataclass(frozen=True)
class Window:
    """A part of a recording.

    Parameters
    ----------
    start, end
        Where it begins and ends in the recording, in s.
    waveform
        float32 (channels, samples). What is missing at the end of a recording that is shorter is silence.
    """

    start: float
    end: float
    waveform: NDArray[np.float32]


@dataclass(frozen=True)
class WindowFormat:
    """What windows are like.

    Parameters
    ----------
    sample_rate
        In Hz.
    channels
        1 or 2.
    samples
        Length of a window in samples.
    hop
        Samples from the start of a window to that of the next one.
    """

    sample_rate: int
    channels: int
    samples: int
    hop: int

    def starts(self, length: int) -> list[int]:
        """Return where windows start in a recording of a length in samples.

        The last window ends where the recording ends, so that it overlaps the one before. A recording that is not
        longer than a window, apart from a rounded length, has one.

        >>> WindowFormat(8000, 1, samples=100, hop=100).starts(250)
        [0, 100, 150]
        """
        if length <= self.samples + TOLERANCE:
            return [0]
        starts = list(range(0, length - self.samples + 1, self.hop))
        if starts[-1] + self.samples < length - TOLERANCE:
            starts.append(length - self.samples)
        return starts


def inspect_recording(path: Path, wanted: WindowFormat) -> tuple[Header, Changes]:
    """Return the header of a file, and what `read_windows` changes in the recording; audio is not decoded.

    Raises
    ------
    InputError
        If the file is missing or not audio, or if its sample rate cannot be converted.
    """
    with open_audio(path) as file:
        header = Header.of(file, path)
    check_rate(path, header.sample_rate, wanted.sample_rate)
    samples = wanted.samples if header.length(wanted.sample_rate) <= wanted.samples + TOLERANCE else None
    return header, compare(header, path, wanted.sample_rate, wanted.channels, samples, "convert")


def check_rate(path: Path, found: int, wanted: int) -> None:
    """Check that a sample rate in Hz can be converted to the wanted one.

    Raises
    ------
    InputError
        If it is below `LOWEST_RATE`, or if the rates have no common divisor that is large enough.
    """
    if found < LOWEST_RATE:
        raise InputError(
            f"{path}: has a sample rate of {found} Hz, expected at least {LOWEST_RATE} Hz; export it again"
        )
    require_convertible(path, found, wanted)


def read_windows(path: Path, wanted: WindowFormat) -> Iterator[Window]:
    """Yield the windows of a recording, from its beginning to its end.

    Channels are averaged to one, or one is duplicated, and the rate is converted, as for clips that are packed. The
    windows of a recording of up to a minute and a half are exactly its parts after `tagasc.audio.file.read_audio`. For
    longer ones, which are converted block by block, rounding may differ in the last bit.

    Raises
    ------
    InputError
        As `inspect_recording`. Also if the file cannot be decoded to its end, or if a sample is not finite or above
        `tagasc.audio.file.MAX_PEAK`.
    """
    header, _ = inspect_recording(path, wanted)
    length = header.length(wanted.sample_rate)
    starts = wanted.starts(length)
    rest = np.zeros((wanted.channels, 0), np.float32)
    first = 0  # sample of the recording at which the rest begins
    blocks = _converted_blocks(path, header, wanted)
    for start in starts:
        end = min(start + wanted.samples, length)
        while first + rest.shape[1] < end:
            passed = min(start - first, rest.shape[1])
            rest, first = np.concatenate([rest[:, passed:], next(blocks)], axis=1), first + passed
        yield _window(rest[:, start - first : end - first], start, end, wanted)
    for _ in blocks:  # so that what is wrong at the very end is found
        pass


def cut_windows(waveform: NDArray[np.float32], wanted: WindowFormat) -> Iterator[Window]:
    """Yield the windows of a recording in memory, (channels, samples), that has the wanted rate and channels."""
    length = waveform.shape[1]
    for start in wanted.starts(length):
        yield _window(waveform[:, start : start + wanted.samples], start, min(start + wanted.samples, length), wanted)


def _window(part: NDArray[np.float32], start: int, end: int, wanted: WindowFormat) -> Window:
    """Return a window of a part (channels, at most a window's samples), with silence at the end if it is shorter."""
    missing = wanted.samples - part.shape[1]
    waveform = np.ascontiguousarray(np.pad(part, ((0, 0), (0, missing))) if missing else part)
    return Window(start / wanted.sample_rate, end / wanted.sample_rate, waveform)


def _converted_blocks(path: Path, header: Header, wanted: WindowFormat) -> Iterator[NDArray[np.float32]]:
    """Yield a recording block by block, (channels, any) at the wanted rate; together they have its whole length."""
    divisor = gcd(header.sample_rate, wanted.sample_rate)
    old, new = header.sample_rate // divisor, wanted.sample_rate // divisor
    if old == new:
        yield from _decoded_blocks(path, header, wanted.channels, _BLOCK)
        return
    # Every ``old`` samples become ``new`` ones, so lengths are multiples of ``old``.
    size = -(-_BLOCK // old) * old
    context = (ceil(_FILTER * old / min(old, new) / old) + 1) * old
    end = np.zeros((wanted.channels, 0), np.float32)
    decoded = chain(_decoded_blocks(path, header, wanted.channels, size), [end])
    before, block = end, next(decoded)
    for after in decoded:
        joined = np.concatenate([before, block, after[:, :context]], axis=1)
        first, count = before.shape[1] // old * new, -(-block.shape[1] * new // old)
        yield resample(torch.from_numpy(joined), old, new).numpy()[:, first : first + count]
        before, block = block[:, -context:], after


def _decoded_blocks(path: Path, header: Header, channels: int, size: int) -> Iterator[NDArray[np.float32]]:
    """Yield a recording block by block, (channels, at most ``size``) at its own rate."""
    done = 0
    with open_audio(path) as file:
        while True:
            try:
                block: NDArray[np.float32] = file.read(size, dtype="float32", always_2d=True).T
            except soundfile.LibsndfileError as error:
                raise undecodable(path, error) from None
            if not block.shape[1]:
                break
            check_samples(path, block)
            done += block.shape[1]
            yield mix(block, channels)
    check_length(path, done, header)
