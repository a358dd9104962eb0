"""One audio file: its header checked, its samples decoded and, where that is wanted, converted."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import soundfile
from numpy.typing import NDArray

from tagasc.config import OnMismatch
from tagasc.corpora.pcm import read_24_bits
from tagasc.errors import InputError

NEARLY = 2
"""A length that differs by so few samples, as rounding in an editor leaves it, is mended without asking."""


class Header(NamedTuple):
    """What a header says about the waveform that `read_audio` returns."""

    samples: int
    """Length at the wanted rate, before it is cropped or padded."""
    change: Literal["none", "mended", "converted"]
    """mended: cropped or padded by at most two samples; converted: in rate, channels or length."""


def check_header(path: Path, sample_rate: int, channels: int, samples: int | None, on_mismatch: OnMismatch) -> Header:
    """Check a file without decoding it.

    ``sample_rate`` in Hz, ``channels`` and ``samples`` are what is expected: scenes have a fixed length, events (None)
    any above zero.

    Raises
    ------
    InputError
        If the file is missing, empty, cut short or no audio, or, under ``on_mismatch="error"``, has another rate,
        channel count or length (by more than two samples).
    """
    with _opened(path) as file:
        return _checked(file, path, sample_rate, channels, samples, on_mismatch)


def read_audio(
    path: Path, sample_rate: int, channels: int, samples: int | None, on_mismatch: OnMismatch
) -> NDArray[np.float32]:
    """Decode a file to float32 (channels, samples), in any order in memory, converted to what is expected.

    Channels are averaged to one or one is doubled, then the rate is converted, then the end is cropped or
    zero-padded. Events (``samples=None``) keep their length.

    Raises
    ------
    InputError
        As `check_header`, and if the file cannot be decoded to its end or holds samples that are not finite.
    """
    with _opened(path) as file:
        header = _checked(file, path, sample_rate, channels, samples, on_mismatch)
        file_rate, frames = file.samplerate, file.frames
        decoded = read_24_bits(path) if (file.format, file.subtype) == ("WAV", "PCM_24") else None
        try:
            waveform = (file.read(dtype="float32", always_2d=True) if decoded is None else decoded).T
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
        waveform = _resampled(waveform, file_rate, sample_rate)
    return _fitted(waveform, header.samples if samples is None else samples)


@contextmanager
def _opened(path: Path) -> Iterator[soundfile.SoundFile]:
    try:
        size = path.stat().st_size
        with path.open("rb") as raw:
            start = raw.read(8)
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; put the recording there, or take it off the list") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be opened ({error.strerror}); expected an audio file") from None
    if size == 0:
        raise InputError(f"{path}: is empty (0 bytes); download or copy it again, or take it off the list")
    declared = _declared_size(start)
    # Some writers count the chunk's own eight bytes in, so eight missing ones are no evidence.
    if declared is not None and declared > size + 8:
        raise InputError(f"{path}: is cut short, {size} of {declared} bytes; download or copy it again")
    try:
        file = soundfile.SoundFile(path)
    except (soundfile.LibsndfileError, TypeError) as error:  # TypeError: a headerless format such as .raw
        reason = getattr(error, "error_string", error)
        raise InputError(f"{path}: no audio file that libsndfile can read ({reason}); expected WAV or FLAC") from None
    with file:
        yield file


def _declared_size(start: bytes) -> int | None:
    """Return the size in bytes that a WAV or AIFF file says it has.

    libsndfile takes such a file that was cut short for a shorter recording; no other check would notice.
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
    # Programs that write to a pipe leave the greatest signed or unsigned number here, or one close to it.
    return declared if declared < 0x7FFF0000 else None


def _checked(
    file: soundfile.SoundFile,
    path: Path,
    sample_rate: int,
    channels: int,
    samples: int | None,
    on_mismatch: OnMismatch,
) -> Header:
    if file.frames == 0:
        raise InputError(f"{path}: holds no samples; download or copy it again, or take it off the list")
    length = -(-file.frames * sample_rate // file.samplerate)  # rounded up, like the resampler
    same = (file.samplerate, file.channels) == (sample_rate, channels)
    if same and samples in (None, length):
        return Header(length, "none")
    if same and samples is not None and abs(length - samples) <= NEARLY:
        return Header(length, "mended")
    if on_mismatch == "convert":
        return Header(length, "converted")
    section = "events" if samples is None else "scenes"
    found = _described(file.samplerate, file.channels, None if samples is None else file.frames)
    raise InputError(
        f"{path}: found {found}, expected {_described(sample_rate, channels, samples)}; "
        f"set {section}.on_mismatch: convert, or correct what {section} expects"
    )


def _described(sample_rate: int, channels: int, samples: int | None) -> str:
    text = f"{sample_rate} Hz, {channels} channel{'s' if channels > 1 else ''}"
    return text if samples is None else f"{text}, {samples} samples"


def _resampled(waveform: NDArray[np.float32], old: int, new: int) -> NDArray[np.float32]:
    """Convert (channels, samples) from the old rate to the new one, both in Hz."""
    # Imported here: at the right rate, no worker pays for torch.
    import torch  # noqa: PLC0415
    from torchaudio.functional import resample  # noqa: PLC0415

    resampled: NDArray[np.float32] = resample(torch.from_numpy(np.ascontiguousarray(waveform)), old, new).numpy()
    # torchaudio rounds the length in float32, which is one sample off for some long recordings.
    return _fitted(resampled, -(-waveform.shape[1] * new // old))


def _fitted(waveform: NDArray[np.float32], samples: int) -> NDArray[np.float32]:
    """Crop or zero-pad (channels, any) at the end to (channels, samples); nothing is copied if it fits."""
    if waveform.shape[1] == samples:
        return waveform
    missing = max(samples - waveform.shape[1], 0)
    return np.ascontiguousarray(np.pad(waveform[:, :samples], ((0, 0), (0, missing))))
