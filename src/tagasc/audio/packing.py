"""The packed form of a recording: 16-bit integers and one scale."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class PackedAudio(NamedTuple):
    """A recording as networks are given it: ``integers`` × ``scale`` is the waveform in [-1, 1]."""

    integers: NDArray[np.int16]
    scale: float


def pack_audio(waveform: NDArray[np.float32]) -> PackedAudio:
    """Return the packed form of a waveform (channels, samples).

    The scale puts the greatest sample at 32,767, so that quiet 24-bit recordings keep their precision.

    >>> pack_audio(np.array([[0.5, -0.25]], np.float32)).integers.tolist()
    [[32767, -16384]]
    """
    scale = (max(float(waveform.max()), -float(waveform.min())) or 1.0) / 32767
    # The product of 32-bit numbers is off by at most 0.003, so that rounding stays within 0.503 of a step.
    return PackedAudio(np.rint(waveform * np.float32(1 / scale)).astype(np.int16), scale)
