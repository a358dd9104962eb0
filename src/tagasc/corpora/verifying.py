"""Whether a folder is what it should be: all that is not is told at once, before anything is packed."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import joblib
import pandas as pd

from tagasc.config import Events, OnMismatch, Scenes
from tagasc.corpora.audio import read_audio
from tagasc.corpora.events import event_paths, list_events
from tagasc.corpora.listing import find_missing
from tagasc.corpora.parallel import in_chunks
from tagasc.corpora.published import Count, count_events, count_scenes
from tagasc.corpora.scenes import list_scenes
from tagasc.errors import InputError
from tagasc.writing import written_whole

PUBLISHED = ("download", "copy")
"""Sources that are the data sets themselves, and not recordings in their layout."""
_NAMED = 3  # differences in the error itself; all are in the log


def verify_scenes(settings: Scenes, folder: Path, report: Path, workers: int) -> None:
    """Verify a folder of scene recordings as far as ``settings.verify`` says, and leave what was counted.

    Under ``source`` download and copy, the counts have to be those of TAU Urban Acoustic Scenes 2019, and no other
    recordings may lie beside the clips. ``report`` becomes a table: what, found, published.

    Raises
    ------
    InputError
        As `list_scenes`; and one for all that differs: clips that are missing, surplus or, under ``verify: full``, do
        not decode, and counts. It names the first few, and stdout all.
    """
    clips = list_scenes(folder)
    counts = count_scenes(clips, published=settings.source in PUBLISHED)
    paths = [folder / name for name in clips["filename"]]
    _verify(settings, folder, counts, paths, settings.channels, settings.samples, workers)
    _write(counts, report)


def verify_events(settings: Events, folder: Path, report: Path, workers: int) -> None:
    """Verify a folder of sound events, as `verify_scenes` does, by the counts of FSDKaggle2019.

    Raises
    ------
    InputError
        As `list_events`; and one for all that differs.
    """
    clips = list_events(folder, drop=[])
    counts = count_events(clips, published=settings.source in PUBLISHED)
    _verify(settings, folder, counts, event_paths(folder, clips), 1, None, workers)
    _write(counts, report)


def _verify(
    settings: Scenes | Events,
    folder: Path,
    counts: list[Count],
    paths: list[Path],
    channels: int,
    samples: int | None,
    workers: int,
) -> None:
    """Print every difference, and raise InputError if there is any."""
    missing = set(find_missing(paths))
    there = [path for path in paths if path not in missing]
    differences = [count.difference for count in counts if count.difference]
    differences += [f"{path.relative_to(folder)} is missing" for path in sorted(missing)]
    if settings.source in PUBLISHED:
        beside = {path for place in {path.parent for path in paths} for path in place.glob("*.wav")}
        differences += [f"{path.relative_to(folder)} is in no list" for path in sorted(beside - set(paths))]
    if settings.verify == "full":
        read = partial(_unreadable, settings.sample_rate, channels, samples, settings.on_mismatch)
        with joblib.parallel_config("loky", inner_max_num_threads=1):
            for messages in in_chunks(read, there, workers=workers, what="decoding"):
                differences += [message for message in messages if message]
    print(f"{folder}: {len(paths)} clips listed, {len(there)} there, {len(differences)} differences")
    if not differences:
        return
    print("\n".join(differences))
    more = f"; and {len(differences) - _NAMED} more, which the log names" if len(differences) > _NAMED else ""
    section = "scenes" if isinstance(settings, Scenes) else "events"
    remedy = "copy what is missing or damaged again, or take it off the lists"
    if settings.source in PUBLISHED:
        remedy = f"fetch or copy the data set again, or set {section}.source: folder for recordings of your own"
    raise InputError(f"{folder}: {'; '.join(differences[:_NAMED])}{more}; {remedy}")


def _unreadable(
    sample_rate: int, channels: int, samples: int | None, on_mismatch: OnMismatch, paths: Sequence[Path]
) -> list[str]:
    """Return what is wrong with each clip, or an empty text."""
    messages = []
    for path in paths:
        try:
            read_audio(path, sample_rate, channels, samples, on_mismatch)
        except InputError as error:
            messages.append(str(error))
        else:
            messages.append("")
    return messages


def _write(counts: list[Count], path: Path) -> None:
    table = pd.DataFrame(counts).astype({"published": "Int64"})
    with written_whole(path) as file:
        table.to_csv(file, index=False)
