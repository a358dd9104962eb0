"""Description of recordings in lines of text: their clips, lengths and formats, and what packing converts."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from tagasc.artifacts.events import SUBSETS
from tagasc.artifacts.scenes import SPLITS
from tagasc.config import Events, Scenes
from tagasc.corpora.audio_files import Inspection
from tagasc.corpora.conversions import count_conversions
from tagasc.corpora.fsdkaggle2019 import vocabulary

_SHOWN = 4  # values of a property in one line


def describe_scenes(scenes: Scenes, folder: Path, clips: pd.DataFrame, inspection: Inspection) -> list[str]:
    """Return a table of the listed clips by scene, and lines on identifiers, lengths and formats."""
    rows = [_scene_row(scene, own) for scene, own in clips.groupby("scene")]
    lines = [
        f"Scenes in {folder}",
        *_table(["scene", *SPLITS, "locations", "cities"], [*rows, _scene_row("all", clips)]),
    ]
    for identifier in clips["location"].iloc[:1]:
        city, _, location = identifier.rpartition("-")
        lines.append(f"identifier: '{identifier}' is read as location {location} of the city {city}")
    audio, length = scenes.audio, inspection.samples
    packed = "" if length is None else f"; packed as {length / audio.sample_rate:g} s (duration: {audio.duration})"
    lines.append(f"length: {_lengths(inspection)}{packed}")
    channels = "mono" if audio.channels == 1 else "stereo"
    return [*lines, *_formats(inspection, f"; packed as {channels} at {audio.sample_rate} Hz", audio.sample_rate)]


def describe_events(events: Events, folder: Path, clips: pd.DataFrame, inspection: Inspection) -> list[str]:
    """Return a table of the listed clips by subset, and lines on lengths and formats."""
    rows = []
    for subset in SUBSETS:
        own = clips[clips["subset"] == subset]
        rows.append([subset, len(own), own["labels"].str.split(",").explode().nunique()])
    rate = events.mel.sample_rate
    lines = [f"Events in {folder}", *_table(["subset", "clips", "labels"], rows)]
    lines.append(f"{len(vocabulary(clips))} labels of the curated clips are the tags")
    lines.append(f"length: {_lengths(inspection)}")
    return [*lines, *_formats(inspection, f"; packed as mono at {rate} Hz", rate)]


def _scene_row(name: object, clips: pd.DataFrame) -> list[object]:
    """Return the row of the table for a scene's clips, or for all."""
    counts = [(clips["split"] == split).sum() for split in SPLITS]
    return [name, *counts, clips["location"].nunique(), clips["city"].nunique()]


def _table(titles: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    """Return the lines of a table; the first column is aligned on the left."""
    cells = [list(titles), *([str(value) for value in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        "  ".join(
            [first.ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))]
        )
        for first, *others in cells
    ]


def _lengths(inspection: Inspection) -> str:
    """Return the shortest, the most frequent and the longest length of the readable files."""
    lengths = Counter(round(header.frames / header.sample_rate, 3) for header in inspection.headers.values())
    if not lengths:
        return "no readable file"
    common = max(lengths, key=lambda seconds: (lengths[seconds], seconds))
    if len(lengths) == 1:
        return f"{common:g} s"
    return f"{min(lengths):g} to {max(lengths):g} s, most often {common:g} s ({lengths[common]} clips)"


def _formats(inspection: Inspection, packed: str, sample_rate: int) -> list[str]:
    """Return lines on sample rates, channels, formats and conversions."""
    headers = inspection.headers.values()
    lines = [
        f"sample rate: {_frequencies(f'{header.sample_rate} Hz' for header in headers)}",
        f"channels: {_frequencies(str(header.channels) for header in headers)}{packed}",
        f"format: {_frequencies(header.format for header in headers)}",
    ]
    return lines + [
        f"{count.what}: {count.found}" for count in count_conversions(inspection, sample_rate) if count.found
    ]


def _frequencies(values: Iterable[str]) -> str:
    """Return the most frequent values with the number of their clips."""
    counts = Counter(values)
    shown = [value if len(counts) == 1 else f"{value} ({number})" for value, number in counts.most_common(_SHOWN)]
    return ", ".join(shown) + (f" and {len(counts) - _SHOWN} others" if len(counts) > _SHOWN else "")
