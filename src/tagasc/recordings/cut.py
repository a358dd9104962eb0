"""Cutting of long recordings into clips: consecutive, without overlap and without loss."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import soundfile

from tagasc.audio.file import undecodable
from tagasc.audio.header import TOLERANCE, Header, open_audio
from tagasc.recordings.headers import ClipFormat
from tagasc.runtime.errors import InputError

_BLOCK = 1 << 18  # samples per channel that are in memory at the same time
_WHOLE_NUMBERS = {"ALAC_16", "ALAC_20", "ALAC_24", "ALAW", "PCM_16", "PCM_24", "PCM_S8", "PCM_U8", "ULAW"}
_FLAC_CHANNELS = 8


class Cuts(NamedTuple):
    """How one recording becomes clips.

    Parameters
    ----------
    lengths
        Length of each clip in samples of the recording.
    left_out
        Samples at its end that are in no clip.
    is_cut
        False if the recording is one clip as it is.
    """

    lengths: list[int]
    left_out: int = 0
    is_cut: bool = True


def plan_cuts(header: Header, wanted: ClipFormat) -> Cuts:
    """Return how a recording is cut.

    A recording that is not longer than a clip is not cut. A rest shorter than half a clip is left out, and a longer one
    is a clip of its own.

    >>> wanted = ClipFormat(8000, 1, 8000)
    >>> plan_cuts(Header(16000, 1, 36000, "WAV PCM_16"), wanted)
    Cuts(lengths=[16000, 16000], left_out=4000, is_cut=True)
    >>> plan_cuts(Header(16000, 1, 40000, "WAV PCM_16"), wanted)
    Cuts(lengths=[16000, 16000, 8000], left_out=0, is_cut=True)
    >>> plan_cuts(Header(8000, 1, 8001, "WAV PCM_16"), wanted)
    Cuts(lengths=[8001], left_out=0, is_cut=False)
    """
    if header.length(wanted.sample_rate) <= wanted.samples + TOLERANCE:
        return Cuts([header.frames], is_cut=False)
    length = max(round(wanted.samples * header.sample_rate / wanted.sample_rate), 1)
    count, rest = divmod(header.frames, length)
    if 2 * rest < length:
        return Cuts([length] * count, rest)
    return Cuts([*[length] * count, rest])


def clip_suffix(header: Header) -> str:
    """Return the suffix of the clips of a recording: .flac, or .wav where FLAC would lose something.

    FLAC has 24 bits, up to eight channels, and no floating-point samples. Decoders of MP3, Ogg and Opus give these.

    >>> clip_suffix(Header(44100, 2, 9, "WAV PCM_24")), clip_suffix(Header(44100, 2, 9, "OGG VORBIS"))
    ('.flac', '.wav')
    """
    whole = header.format.rpartition(" ")[2] in _WHOLE_NUMBERS
    rate = header.sample_rate
    # libFLAC refuses odd rates from 65,536 Hz on.
    fits = header.channels <= _FLAC_CHANNELS and (rate < 65_536 or (rate % 1000 == 0 and rate <= 384_000))
    return ".flac" if whole and fits else ".wav"


def cut_bytes(header: Header, cuts: Cuts) -> int:
    """Return an upper limit of the bytes that the clips of a recording take.

    >>> cut_bytes(Header(8000, 1, 100, "MP3 MPEG_LAYER_III"), Cuts([50, 50]))
    8592
    """
    if not cuts.is_cut:
        return 0
    return 4 * header.channels * sum(cuts.lengths) + 4096 * len(cuts.lengths)  # headers, and blocks of the disk


def cut_recording(path: Path, cuts: Cuts, clips: Sequence[Path]) -> None:
    """Write the clips of a recording, block by block.

    Parameters
    ----------
    path
        The recording.
    cuts
        How it is cut.
    clips
        Files to write, one per clip, with the suffix of `clip_suffix`.

    Raises
    ------
    InputError
        If the recording cannot be decoded to its end.
    """
    with open_audio(path) as recording:
        header = Header.of(recording, path)
        for clip, length in zip(clips, cuts.lengths, strict=True):
            subtype = "PCM_24" if clip.suffix == ".flac" else "FLOAT"
            clip.parent.mkdir(parents=True, exist_ok=True)
            with soundfile.SoundFile(clip, "w", header.sample_rate, header.channels, subtype) as written:
                _copy(path, recording, length, written)
        _copy(path, recording, cuts.left_out, None)  # a recording that ends too early is noticed now


def _copy(path: Path, recording: soundfile.SoundFile, length: int, written: soundfile.SoundFile | None) -> None:
    """Read ``length`` samples and write them, if there is a file to write to."""
    dtype = "int32" if written is not None and written.subtype == "PCM_24" else "float32"
    while length:
        try:
            block = recording.read(min(length, _BLOCK), dtype=dtype, always_2d=True)
        except soundfile.LibsndfileError as error:
            raise undecodable(path, error) from None
        if not len(block):
            raise InputError(
                f"{path}: ends before the {recording.frames} samples in its header; download or copy it again"
            )
        length -= len(block)
        if written is not None:
            written.write(block)
