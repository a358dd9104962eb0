"""One audio file: decode it and, if the user wants that, convert it."""

from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

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
            raise InputError(f"{path}: cannot be decoded ({error.error_string}); download or copy it again") from None
    if waveform.shape[1] != header.frames:
        raise InputError(
            f"{path}: ends after {waveform.shape[1]} of the {header.frames} samples in its header; download or copy it "
            f"again"
        )
    peak = max(float(waveform.max()), -float(waveform.min()))
    if not peak <= MAX_PEAK:  # NaN is not, either
        found = "samples that are not finite numbers" if not np.isfinite(peak) else f"a sample of {peak:.3g}"
        raise InputError(
            f"{path}: holds {found}, expected samples within -1 and 1; export it again, or take it off the list"
        )
    if len(waveform) != channels:
        waveform = np.repeat(waveform.mean(0, keepdims=True), channels, axis=0)
    if header.sample_rate != sample_rate:
        waveform = _resample(waveform, header.sample_rate, sample_rate)
    return _fit(waveform, header.length(sample_rate) if samples is None else samples)


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
