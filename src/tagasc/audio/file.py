"""One audio file: check its header, decode it and, if the user wants that, convert it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import soundfile
from numpy.typing import NDArray

from tagasc.config import OnMismatch
from tagasc.runtime.errors import InputError

TOLERANCE = 2
"""Length difference in samples that is always mended. Editors round lengths."""


class Header(NamedTuple):
    """What a header says about the waveform that `read_audio` returns."""

    samples: int
    """Length at the expected rate, before cropping or padding."""
    change: Literal["none", "mended", "converted"]
    """mended: cropped or padded by at most two samples. converted: changed in rate, channels or length."""


def check_header(path: Path, sample_rate: int, channels: int, samples: int | None, on_mismatch: OnMismatch) -> Header:
    """Check the header of a file without decoding it.

    Parameters
    ----------
    path
        An audio file that libsndfile can read.
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
        If the file is missing, empty, cut short or not audio. Under ``"error"``, also if it has another rate, channel
        count or length (by more than two samples).

    Examples
    --------
    >>> soundfile.write(folder / "a.wav", np.zeros(8001), 8000)
    >>> check_header(folder / "a.wav", sample_rate=8000, channels=1, samples=8000, on_mismatch="error")
    Header(samples=8001, change='mended')
    """
    with _open(path) as file:
        return _compare(file, path, sample_rate, channels, samples, on_mismatch)


def read_audio(
    path: Path, sample_rate: int, channels: int, samples: int | None, on_mismatch: OnMismatch
) -> NDArray[np.float32]:
    """Return the decoded file, float32 (channels, samples), converted to the expected format.

    First, channels are averaged to one or one is duplicated. Then the rate is converted. Last, the end is cropped or
    zero-padded; events (``samples=None``) keep their length. The array may be in any memory order. Parameters are
    those of `check_header`.

    Raises
    ------
    InputError
        As `check_header`. Also if the file cannot be decoded to its end, or if a sample is not finite.

    Examples
    --------
    >>> soundfile.write(folder / "a.wav", np.full(8000, 0.5), 8000)
    >>> read_audio(folder / "a.wav", sample_rate=8000, channels=2, samples=8000, on_mismatch="convert").shape
    (2, 8000)
    """
    with _open(path) as file:
        header = _compare(file, path, sample_rate, channels, samples, on_mismatch)
        file_rate, frames = file.samplerate, file.frames
        try:
            waveform: NDArray[np.float32] = file.read(dtype="float32", always_2d=True).T
        except soundfile.LibsndfileError as error:
            raise InputError(f"{path}: cannot be decoded ({error.error_string}); download or copy it again") from None
    if waveform.shape[1] != frames:
        raise InputError(
            f"{path}: ends after {waveform.shape[1]} of the {frames} samples in its header; download or copy it again"
        )
    if not np.isfinite(waveform).all():
        raise InputError(f"{path}: holds samples that are not finite numbers; export it again, or take it off the list")
    if len(waveform) != channels:
        waveform = np.repeat(waveform.mean(0, keepdims=True), channels, axis=0)
    if file_rate != sample_rate:
        waveform = _resample(waveform, file_rate, sample_rate)
    return _fit(waveform, header.samples if samples is None else samples)


@contextmanager
def _open(path: Path) -> Iterator[soundfile.SoundFile]:
    """Open a file of any length that is not cut short."""
    try:
        size = path.stat().st_size
        with path.open("rb") as raw:
            start = raw.read(8)
    except FileNotFoundError:
        raise InputError(f"{path}: does not exist; put the recording there, or take it off the list") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be opened ({error.strerror}); expected an audio file") from None
    if size == 0:
        raise InputError(f"{path}: is empty (0 bytes); download or copy it again, or take it off the list")
    declared = _declared_size(start)
    # Some writers count the eight bytes of the chunk's own header, so eight missing bytes prove nothing.
    if declared is not None and declared > size + 8:
        raise InputError(f"{path}: is cut short, {size} of {declared} bytes; download or copy it again")
    try:
        file = soundfile.SoundFile(path)
    except (soundfile.LibsndfileError, TypeError) as error:  # TypeError: a headerless format such as .raw
        reason = getattr(error, "error_string", error)
        raise InputError(
            f"{path}: is not audio that libsndfile can read ({reason}); export it as WAV or FLAC"
        ) from None
    with file:
        yield file


def _declared_size(start: bytes) -> int | None:
    """Return the size in bytes that a WAV or AIFF file declares in its first eight bytes.

    libsndfile takes a file that is cut short for a shorter recording, so no other check would notice.
    """
    order: Literal["little", "big"]
    match start[:4]:
        case b"RIFF":
            order = "little"
        case b"FORM":
            order = "big"
        case _:
            return None
    declared = int.from_bytes(start[4:8], order) + 8
    # Programs that write to a pipe cannot know the size. They leave a number near the greatest one.
    return declared if declared < 0x7FFF0000 else None


def _compare(
    file: soundfile.SoundFile,
    path: Path,
    sample_rate: int,
    channels: int,
    samples: int | None,
    on_mismatch: OnMismatch,
) -> Header:
    """Compare an open file with the expected format."""
    if file.frames == 0:
        raise InputError(f"{path}: holds no samples; download or copy it again, or take it off the list")
    length = -(-file.frames * sample_rate // file.samplerate)  # rounded up, like the resampler
    same = (file.samplerate, file.channels) == (sample_rate, channels)
    if same and samples in (None, length):
        return Header(length, "none")
    if same and samples is not None and abs(length - samples) <= TOLERANCE:
        return Header(length, "mended")
    if on_mismatch == "convert":
        return Header(length, "converted")
    section, key = ("events", "events.mel.sample_rate") if samples is None else ("scenes", "scenes.audio")
    found = _describe(file.samplerate, file.channels, None if samples is None else file.frames)
    raise InputError(
        f"{path}: found {found}, expected {_describe(sample_rate, channels, samples)}; set {section}.on_mismatch: "
        f"convert, or correct {key}"
    )


def _describe(sample_rate: int, channels: int, samples: int | None) -> str:
    text = f"{sample_rate} Hz, {channels} channel{'s' if channels > 1 else ''}"
    return text if samples is None else f"{text}, {samples} samples"


def _resample(waveform: NDArray[np.float32], old: int, new: int) -> NDArray[np.float32]:
    """Convert (channels, samples) from the old rate to the new one, both in Hz."""
    # Files that have the expected rate do not need torch, which takes seconds to import.
    import torch  # noqa: PLC0415
    from torchaudio.functional import resample  # noqa: PLC0415

    resampled: NDArray[np.float32] = resample(torch.from_numpy(np.ascontiguousarray(waveform)), old, new).numpy()
    # torchaudio rounds the length in float32, which is one sample off for some long recordings.
    return _fit(resampled, -(-waveform.shape[1] * new // old))


def _fit(waveform: NDArray[np.float32], samples: int) -> NDArray[np.float32]:
    """Crop or zero-pad (channels, any) at the end to (channels, samples); nothing is copied if it fits."""
    if waveform.shape[1] == samples:
        return waveform
    missing = max(samples - waveform.shape[1], 0)
    return np.ascontiguousarray(np.pad(waveform[:, :samples], ((0, 0), (0, missing))))
