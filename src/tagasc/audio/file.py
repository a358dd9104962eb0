"""One audio file: decode it and, if the user wants that, convert it."""

from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from tagasc.audio.conversion import convert, fit
from tagasc.audio.header import Header, compare, open_audio
from tagasc.config import OnMismatch
from tagasc.runtime.errors import InputError

MAX_PEAK = 100.0
"""Largest sample of a usable recording. Floating-point recordings may exceed full scale, 1, but not by 40 dB."""


def read_audio(
    path: Path, sample_rate: int, channels: int, samples: int | None, on_mismatch: OnMismatch
) -> NDArray[np.float32]:
    """Return the decoded file, float32 (channels, samples), converted to the expected format.

    First, channels are averaged to one or one is duplicated. Then the rate is converted. Last, the end is cropped or
    zero-padded; events (``samples=None``) keep their length. The array may be in any memory order. Parameters are
    those of `compare`.

    Raises
    ------
    InputError
        As `read_header` and `compare`. Also if the file cannot be decoded to its end, or if a sample is not finite or
        above `MAX_PEAK`.

    Examples
    --------
    >>> soundfile.write(folder / "a.wav", np.full(8000, 0.5), 8000)
    >>> read_audio(folder / "a.wav", sample_rate=8000, channels=2, samples=8000, on_mismatch="convert").shape
    (2, 8000)
    """
    with open_audio(path) as file:
        header = Header.of(file, path)
        compare(header, path, sample_rate, channels, samples, on_mismatch)
        try:
            waveform: NDArray[np.float32] = file.read(dtype="float32", always_2d=True).T
        except soundfile.LibsndfileError as error:
            raise undecodable(path, error) from None
    check_length(path, waveform.shape[1], header)
    check_samples(path, waveform)
    converted = convert(waveform, header.sample_rate, sample_rate, channels)
    return fit(converted, header.length(sample_rate) if samples is None else samples)


def undecodable(path: Path, error: soundfile.LibsndfileError) -> InputError:
    """Return the error for a file that libsndfile cannot decode."""
    return InputError(f"{path}: cannot be decoded ({error.error_string}); download or copy it again")


def check_length(path: Path, decoded: int, header: Header) -> None:
    """Check that as many samples were decoded as the header promises.

    Raises
    ------
    InputError
        If there are fewer or more.
    """
    if decoded != header.frames:
        raise InputError(
            f"{path}: ends after {decoded} of the {header.frames} samples in its header; download or copy it again"
        )


def check_samples(path: Path, waveform: NDArray[np.float32]) -> None:
    """Check that samples are finite and at most `MAX_PEAK`.

    Raises
    ------
    InputError
        If one is not.
    """
    peak = max(float(waveform.max()), -float(waveform.min()))
    if not peak <= MAX_PEAK:  # NaN is not, either
        found = "samples that are not finite numbers" if not np.isfinite(peak) else f"a sample of {peak:.3g}"
        raise InputError(f"{path}: holds {found}, expected samples within -1 and 1; export it again, or leave it out")
