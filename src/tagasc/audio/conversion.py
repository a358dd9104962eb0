"""Conversion of a decoded recording: its channels, its sample rate, its length."""

import numpy as np
from numpy.typing import NDArray


def convert(waveform: NDArray[np.float32], old: int, new: int, channels: int) -> NDArray[np.float32]:
    """Return a recording with other channels and another rate.

    First, channels are averaged to one or one is duplicated. Then the rate is converted.

    Parameters
    ----------
    waveform
        float32 (any channels, samples).
    old, new
        Its sample rate and the wanted one, in Hz.
    channels
        Wanted number of channels.

    Examples
    --------
    >>> convert(np.array([[0.5, 0.5], [0.25, 0.25]], np.float32), 8000, 8000, channels=1).tolist()
    [[0.375, 0.375]]
    """
    mixed = mix(waveform, channels)
    return mixed if old == new else _resample(mixed, old, new)


def mix(waveform: NDArray[np.float32], channels: int) -> NDArray[np.float32]:
    """Return a recording (any channels, samples) with its channels averaged to one, or with one duplicated."""
    if len(waveform) == channels:
        return waveform
    return np.repeat(waveform.mean(0, keepdims=True), channels, axis=0)


def fit(waveform: NDArray[np.float32], samples: int) -> NDArray[np.float32]:
    """Crop or zero-pad (channels, any) at the end to (channels, samples); nothing is copied if it fits.

    >>> fit(np.ones((1, 2), np.float32), 3).tolist()
    [[1.0, 1.0, 0.0]]
    """
    if waveform.shape[1] == samples:
        return waveform
    missing = max(samples - waveform.shape[1], 0)
    return np.ascontiguousarray(np.pad(waveform[:, :samples], ((0, 0), (0, missing))))


def _resample(waveform: NDArray[np.float32], old: int, new: int) -> NDArray[np.float32]:
    # Files that have the expected rate do not need torch, which takes seconds to import.
    import torch  # noqa: PLC0415
    from torchaudio.functional import resample  # noqa: PLC0415

    resampled: NDArray[np.float32] = resample(torch.from_numpy(np.ascontiguousarray(waveform)), old, new).numpy()
    # torchaudio rounds the length in float32, which is one sample off for some long recordings.
    return fit(resampled, -(-waveform.shape[1] * new // old))
