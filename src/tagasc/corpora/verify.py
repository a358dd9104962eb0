"""Verification of a data set folder before packing. Every difference is reported at once."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from tagasc.artifacts.verified import Count, write_verified
from tagasc.audio.file import read_audio
from tagasc.config import PUBLISHED_SOURCES, Events, OnMismatch, Scenes
from tagasc.corpora.audio_files import Inspection, inspect_files
from tagasc.corpora.conversions import count_conversions, padding_problem
from tagasc.corpora.fsdkaggle2019 import count_events, event_paths, list_events
from tagasc.corpora.scene_split import city_problem
from tagasc.corpora.tau2019 import count_scenes, expected_format, list_paths, list_scenes, scene_paths
from tagasc.runtime.errors import InputError, warn
from tagasc.runtime.parallel import map_chunks, worker_processes

_SHOWN = 3  # differences in the error message; the log has all


def verify_scenes(scenes: Scenes, folder: Path, report: Path, workers: int) -> int:
    """Verify a folder of scenes as far as ``scenes.verify`` says, and write what was counted.

    If the source is the published data set (download or copy), the counts must be the published ones, and the folder
    must not hold other recordings. What packing will convert is counted and printed. A warning is printed if padding
    adds much silence, or if identifiers seem to name no cities.

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

    Returns
    -------
    int
        Length of a packed clip in samples.

    Raises
    ------
    InputError
        As `list_scenes`. Also one error for all other differences: counts, missing, surplus or unreadable clips and,
        under ``verify: full``, clips that cannot be decoded. It names the first few, and stdout all. Otherwise for
        clips of another format under ``on_mismatch: error``.
    """
    clips = list_scenes(folder)
    counts = count_scenes(clips, published=scenes.source in PUBLISHED_SOURCES)
    audio = scenes.audio
    inspection = inspect_files(scene_paths(folder, clips), *expected_format(audio), scenes.on_mismatch)
    decode = partial(_decoding_errors, audio.sample_rate, audio.channels, inspection.samples, scenes.on_mismatch)
    _verify("scenes", scenes, folder, counts, inspection, decode, workers)
    assert inspection.samples is not None
    if audio.duration == "auto":
        print(f"the most frequent length is {inspection.samples / audio.sample_rate:g} s; clips are packed with it")
    for problem in (padding_problem(inspection, audio, folder), city_problem(clips, list_paths(folder)[0])):
        if problem:
            warn(problem)
    _report(report, counts, inspection, audio.sample_rate)
    return inspection.samples


def verify_events(events: Events, folder: Path, report: Path, workers: int) -> None:
    """Verify a folder of events, in the layout of FSDKaggle2019, as `verify_scenes` does.

    Raises
    ------
    InputError
        As `list_events`. Also for all other differences, as `verify_scenes`.
    """
    clips = list_events(folder)
    counts = count_events(clips, published=events.source in PUBLISHED_SOURCES)
    rate = events.mel.sample_rate
    inspection = inspect_files(event_paths(folder, clips), rate, 1, None, events.on_mismatch)
    decode = partial(_decoding_errors, rate, 1, None, events.on_mismatch)
    _verify("events", events, folder, counts, inspection, decode, workers)
    _report(report, counts, inspection, rate)


def _report(path: Path, counts: Sequence[Count], inspection: Inspection, sample_rate: int) -> None:
    """Print what packing will convert, and write all counts."""
    conversions = count_conversions(inspection, sample_rate)
    for count in conversions:
        if count.found:
            print(f"{count.what}: {count.found}")
    write_verified(path, [*counts, *conversions])


def _verify(
    section: str,
    settings: Scenes | Events,
    folder: Path,
    counts: Sequence[Count],
    inspection: Inspection,
    decode: "partial[list[str]]",
    workers: int,
) -> None:
    """Print every difference, and raise an InputError if there is one."""
    paths = {*inspection.headers, *inspection.unreadable}
    differences = [count.difference for count in counts if count.difference]
    for path, problem in inspection.unreadable.items():  # the remedy is the same for all, and comes last
        differences.append(f"{path.relative_to(folder)} {problem.partition(';')[0]}")
    if settings.source in PUBLISHED_SOURCES:
        recordings = {path for place in {path.parent for path in paths} for path in place.glob("*.wav")}
        differences += [f"{path.relative_to(folder)} is in no list" for path in sorted(recordings - paths)]
    if settings.verify == "full":
        with worker_processes():
            for errors in map_chunks(decode, list(inspection.changes), workers=workers, description="decoding"):
                differences += [error for error in errors if error]
    print(f"{folder}: {len(paths)} clips listed, {len(inspection.headers)} readable, {len(differences)} differences")
    if differences:
        print("\n".join(differences))
        more = f"; and {len(differences) - _SHOWN} more, listed in the log" if len(differences) > _SHOWN else ""
        remedy = "copy missing or damaged clips again, or take them off the lists"
        if settings.source in PUBLISHED_SOURCES:
            remedy = f"fetch or copy the data set again, or set {section}.source: folder for recordings of your own"
        raise InputError(f"{folder}: {'; '.join(differences[:_SHOWN])}{more}; {remedy}")
    for problem in inspection.problems:
        raise InputError(problem)


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
