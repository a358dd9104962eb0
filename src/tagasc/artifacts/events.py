"""The packed events: a table of clips, their labels and their mel power."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tagasc.artifacts.array import ArrayFile
from tagasc.artifacts.scenes import split_rows
from tagasc.artifacts.table import Column, TableFile

SUBSETS = ("curated", "noisy", "test")
"""In the order of the rows."""

CLIPS = TableFile(
    path="corpora/<events>/clips.csv",
    rule="pack_events",
    meaning="One row per event clip, sorted by subset, then by filename.",
    columns=[
        Column("filename", str, "name of the recording in its subset's folder"),
        Column("subset", str, "curated, noisy or test"),
        Column("labels", str, "labels, joined by commas"),
        Column("start", int, "first row of mel_power.npy"),
        Column("frames", int, "number of rows of mel_power.npy"),
        Column("scale", float, "factor that turns those rows into mel power"),
    ],
)
LABELS = TableFile(
    path="corpora/<events>/labels.csv",
    rule="pack_events",
    meaning="The vocabulary: one row per label, in the order of tag vectors.",
    columns=[Column("label", str, "name of the event")],
)
MEL_POWER = ArrayFile(
    path="corpora/<events>/mel_power.npy",
    rule="pack_events",
    meaning="Mel power of all clips, one after the other; × scale of the clip it is mel power.",
    dtype=np.float16,
    axes=["frames", "bands"],
)


@dataclass(frozen=True)
class EventCorpus:
    """The packed events.

    Parameters
    ----------
    clips
        The table `CLIPS`.
    labels
        The vocabulary, in the order of tag vectors.
    mel_power
        float16 (frames of all clips, bands), memory-mapped.
    """

    clips: pd.DataFrame
    labels: list[str]
    mel_power: NDArray[np.float16]

    @cached_property
    def targets(self) -> NDArray[np.float32]:
        """Each clip's labels as 0 or 1, (clips, labels)."""
        column = {label: index for index, label in enumerate(self.labels)}
        targets = np.zeros((len(self.clips), len(self.labels)), np.float32)
        for row, labels in enumerate(self.clips["labels"]):
            targets[row, [column[label] for label in labels.split(",")]] = 1
        return targets

    def rows(self, subset: str) -> slice:
        """Return the rows of curated, noisy or test; they are contiguous."""
        return split_rows(self.clips["subset"], subset)

    def power(self, row: int) -> NDArray[np.float32]:
        """Return the mel power of one clip, float32 (frames, bands)."""
        start, frames, scale = (self.clips[column].iloc[row] for column in ("start", "frames", "scale"))
        return self.mel_power[start : start + frames].astype(np.float32) * np.float32(scale)


def read_labels(path: Path) -> list[str]:
    """Return the vocabulary, in the order of tag vectors.

    Raises
    ------
    InputError
        If the file is missing, cut short, or not such a list.

    Examples
    --------
    >>> LABELS.write(folder / "labels.csv", pd.DataFrame({"label": ["Bark", "Rain"]}))
    >>> read_labels(folder / "labels.csv")
    ['Bark', 'Rain']
    """
    labels = LABELS.read(path)["label"].tolist()
    if labels != sorted(set(labels)):
        raise LABELS.error(path, "is not a sorted list of different labels")
    return labels


def read_events(clips_path: Path, labels_path: Path, mel_power_path: Path) -> EventCorpus:
    """Open the packed events.

    Raises
    ------
    InputError
        If a file is missing, damaged or foreign, or if the three do not belong together.

    Examples
    --------
    >>> clips = [("a.wav", "curated", "Bark,Rain", 0, 3, 1.0)]
    >>> CLIPS.write(folder / "clips.csv", pd.DataFrame(clips, columns=CLIPS.names))
    >>> LABELS.write(folder / "labels.csv", pd.DataFrame({"label": ["Bark", "Rain", "Siren"]}))
    >>> MEL_POWER.write(folder / "mel_power.npy", np.ones((3, 16)))
    >>> events = read_events(folder / "clips.csv", folder / "labels.csv", folder / "mel_power.npy")
    >>> events.targets.tolist()
    [[1.0, 1.0, 0.0]]
    """
    clips, labels, mel_power = CLIPS.read(clips_path), read_labels(labels_path), MEL_POWER.read(mel_power_path)
    places = clips["subset"].map({subset: place for place, subset in enumerate(SUBSETS)})
    if not places.is_monotonic_increasing:  # NaN, an unknown subset, is never sorted
        raise CLIPS.error(clips_path, f"is not sorted by subset: {', '.join(SUBSETS)}")
    ends = clips["frames"].cumsum()
    if not clips["start"].equals(ends - clips["frames"]) or ends.iloc[-1] != len(mel_power):
        problem = f"its clips do not add up to the {len(mel_power)} frames of {mel_power_path.name}"
        raise CLIPS.error(clips_path, problem)
    if not (clips["scale"] > 0).all():
        raise CLIPS.error(clips_path, "has a scale that is not positive")
    unknown = {label for given in clips["labels"] for label in given.split(",")} - set(labels)
    if unknown:
        raise CLIPS.error(clips_path, f"its label '{min(unknown)}' is not in {labels_path.name}")
    return EventCorpus(clips, labels, mel_power)
