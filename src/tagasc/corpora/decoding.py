"""One recording as it is packed, and a digest of it. Recordings with equal digests are packed alike."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tagasc.artifacts.digest import short_digest
from tagasc.audio.file import read_audio
from tagasc.config import Audio, Mel, OnMismatch


def decode_scene(audio: Audio, on_mismatch: OnMismatch, path: Path) -> tuple[bytes, float, str]:
    """Return a clip as it is packed, int16 (channels, samples); its scale; and a digest of both.

    Raises
    ------
    InputError
        If the file cannot be decoded.
    """
    clip = read_audio(path, audio.sample_rate, audio.channels, audio.samples, on_mismatch)
    scale = (max(float(clip.max()), -float(clip.min())) or 1.0) / 32767
    # The product of 32-bit numbers is off by at most 0.003, so that rounding stays within 0.503 of a step.
    packed = np.rint(clip * np.float32(1 / scale)).astype(np.int16).tobytes()
    return packed, scale, short_digest(packed + str(scale).encode())


def decode_event(mel: Mel, on_mismatch: OnMismatch, path: Path) -> tuple[NDArray[np.float32], str]:
    """Return a decoded clip (samples,) and a digest of it.

    Raises
    ------
    InputError
        If the file cannot be decoded.
    """
    clip = read_audio(path, mel.sample_rate, 1, None, on_mismatch)[0]
    return clip, short_digest(clip.tobytes())
