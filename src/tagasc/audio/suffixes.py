"""Which files of a folder are recordings, judged by their suffix."""

import re
from pathlib import Path

_READABLE = r"aif[cf]?|au|caf|flac|mp[23]|nist|og[ag]|opus|rf64|snd|sph|voc|w64|wavex?|wav"
_UNREADABLE = r"3gp|aac|ac3|amr|ape|m4[ab]|mka|wma|wv"  # recordings all the same: they are refused, not left out
_AUDIO = re.compile(rf"\.({_READABLE}|{_UNREADABLE})", re.IGNORECASE)


def is_audio(path: Path) -> bool:
    """Return whether a file has the suffix of an audio file, also of one that libsndfile does not read.

    >>> is_audio(Path("a.WAV")), is_audio(Path("a.m4a")), is_audio(Path("a.txt"))
    (True, True, False)
    """
    return _AUDIO.fullmatch(path.suffix) is not None
