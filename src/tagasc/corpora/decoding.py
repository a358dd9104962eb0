"""One recording as it is packed, and a digest of it. Recordings with equal digests are packed alike."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tagasc.artifacts.digest import short_digest
from tagasc.audio.file import read_audio
from tagasc.audio.packing import pack_audio
from tagasc.config import Audio, Mel, OnMismatch


class DecodedScene(NamedTuple):
    """A clip as it is packed.

    Parameters
    ----------
    packed, scale
        int16 (channels, samples); times the scale, they are the recording.
    digest
        Digest of the packed bytes.
    source
        Digest of the recording, that is of the packed bytes and the scale.
    """

    packed: bytes
    scale: float
    digest: str
    source: str


def decode_scene(audio: Audio, on_mismatch: OnMismatch, path: Path) -> DecodedScene:
    """Return a clip as it is packed.

    Raises
    ------
    InputError
        If the file cannot be decoded.
    """
    clip = read_audio(path, audio.sample_rate, audio.channels, audio.samples, on_mismatch)
    integers, scale = pack_audio(clip)
    packed = integers.tobytes()
    digest = short_digest(packed)
    return DecodedScene(packed, scale, digest, short_digest(f"{digest} {scale}".encode()))


def decode_event(mel: Mel, on_mismatch: OnMismatch, path: Path) -> tuple[NDArray[np.float32], str]:
    """Return a decoded clip (samples,) and a digest of it.

    Raises
    ------
    InputError
        If the file cannot be decoded.
    """
    clip = read_audio(path, mel.sample_rate, 1, None, on_mismatch)[0]
    return clip, short_digest(clip.tobytes())
