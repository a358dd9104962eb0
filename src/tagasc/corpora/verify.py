"""Verification of a data set folder before packing. Every difference is reported at once."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import joblib

from tagasc.artifacts.verified import Count, write_verified
from tagasc.audio.file import read_audio
from tagasc.config import PUBLISHED_SOURCES, Events, OnMismatch, Scenes
from tagasc.corpora.audio_files import find_missing
from tagasc.corpora.fsdkaggle2019 import count_events, event_paths, list_events
from tagasc.corpora.tau2019 import count_scenes, list_scenes
from tagasc.runtime.errors import InputError
from tagasc.runtime.parallel import map_chunks

_SHOWN = 3  # differences in the error message; the log has all


def verify_scenes(scenes: Scenes, folder: Path, report: Path, workers: int) -> None:
    """Verify a folder of scenes as far as ``scenes.verify`` says, and write what was counted.

    If the source is the published data set (download or copy), the counts must be the published ones, and the folder
    must not hold other recordings.

    Parameters
    ----------
    scenes
        Source, format and thoroughness.
    folder
        The recordings, in the layout of TAU 2019.
    report
        File to write: `VERIFIED`.
    workers
        Number of processes that decode, under ``verify: full``.

    Raises
    ------
    InputError
        As `list_scenes`. Also one error for all other differences: counts, missing or surplus clips and, under
        ``verify: full``, clips that cannot be decoded. It names the first few, and stdout all.
    """
    clips = list_scenes(folder)
    counts = count_scenes(clips, published=scenes.source in PUBLISHED_SOURCES)
    audio, paths = scenes.audio, [folder / name for name in clips["filename"]]
    decode = partial(_decoding_errors, audio.sample_rate, audio.channels, audio.samples, scenes.on_mismatch)
    _verify("scenes", scenes, folder, counts, paths, decode, workers)
    write_verified(report, counts)


def verify_events(events: Events, folder: Path, report: Path, workers: int) -> None:
    """Verify a folder of events, in the layout of FSDKaggle2019, as `verify_scenes` does.

    Raises
    ------
    InputError
        As `list_events`. Also one error for all other differences.
    """
    clips = list_events(folder)
    counts = count_events(clips, published=events.source in PUBLISHED_SOURCES)
    decode = partial(_decoding_errors, events.mel.sample_rate, 1, None, events.on_mismatch)
    _verify("events", events, folder, counts, event_paths(folder, clips), decode, workers)
    write_verified(report, counts)


def _verify(
    section: str,
    settings: Scenes | Events,
    folder: Path,
    counts: Sequence[Count],
    paths: list[Path],
    decode: "partial[list[str]]",
    workers: int,
) -> None:
    """Print every difference, and raise an InputError if there is one."""
    missing = set(find_missing(paths))
    present = [path for path in paths if path not in missing]
    differences = [count.difference for count in counts if count.difference]
    differences += [f"{path.relative_to(folder)} is missing" for path in sorted(missing)]
    if settings.source in PUBLISHED_SOURCES:
        recordings = {path for place in {path.parent for path in paths} for path in place.glob("*.wav")}
        differences += [f"{path.relative_to(folder)} is in no list" for path in sorted(recordings - set(paths))]
    if settings.verify == "full":
        with joblib.parallel_config("loky", inner_max_num_threads=1):
            for errors in map_chunks(decode, present, workers=workers, description="decoding"):
                differences += [error for error in errors if error]
    print(f"{folder}: {len(paths)} clips listed, {len(present)} present, {len(differences)} differences")
    if not differences:
        return
    print("\n".join(differences))
    more = f"; and {len(differences) - _SHOWN} more, listed in the log" if len(differences) > _SHOWN else ""
    remedy = "copy missing or damaged clips again, or take them off the lists"
    if settings.source in PUBLISHED_SOURCES:
        remedy = f"fetch or copy the data set again, or set {section}.source: folder for recordings of your own"
    raise InputError(f"{folder}: {'; '.join(differences[:_SHOWN])}{more}; {remedy}")


def _decoding_errors(
    sample_rate: int, channels: int, samples: int | None, on_mismatch: OnMismatch, paths: Sequence[Path]
) -> list[str]:
    """Return the error of each clip, or an empty text."""
    errors = []
    for path in paths:
        try:
            read_audio(path, sample_rate, channels, samples, on_mismatch)
        except InputError as error:
            errors.append(str(error))
        else:
            errors.append("")
    return errors
