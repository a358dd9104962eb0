"""The packed scenes: a table of clips and their waveforms."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tagasc.artifacts.array import ArrayFile
from tagasc.artifacts.table import Column, TableFile

SPLITS = ("train", "evaluate", "unused")
"""In the order of the rows. Clips of ``unused`` are in neither list of the fold."""

CLIPS = TableFile(
    path="corpora/<scenes>/clips.csv",
    rule="pack_scenes",
    meaning="One row per scene clip, sorted by split, then by filename.",
    columns=[
        Column("filename", str, "path of the recording, relative to the data set's folder"),
        Column("scene", str, "label"),
        Column("city", str, "where it was recorded"),
        Column("location", str, "the data set's identifier, as barcelona-0; train and evaluate share none"),
        Column("split", str, "train, evaluate or unused (in neither list of the fold)"),
        Column("scale", float, "factor that turns the clip's integers into the recording, in [-1, 1]"),
        Column("source_label", str, "the recording device, as meta.csv names it; empty if it does not", optional=True),
    ],
)
WAVEFORMS = ArrayFile(
    path="corpora/<scenes>/waveforms.npy",
    rule="pack_scenes",
    meaning="The recordings. Row i belongs to row i of clips.csv; × scale it is the recording.",
    dtype=np.int16,
    axes=["clips", "channels", "samples"],
)


def split_rows(column: "pd.Series[str]", value: str) -> slice:
    """Return the rows of a value in a sorted column; an empty slice at the end if there are none.

    >>> split_rows(pd.Series(["train", "train", "evaluate"]), "evaluate")
    slice(2, 3, None)
    """
    rows = np.flatnonzero(column == value)
    return slice(int(rows[0]), int(rows[-1]) + 1) if len(rows) else slice(len(column), len(column))


@dataclass(frozen=True)
class SceneCorpus:
    """The packed scenes.

    Parameters
    ----------
    clips
        The table `CLIPS`.
    waveforms
        int16 (clips, channels, samples), memory-mapped.
    """

    clips: pd.DataFrame
    waveforms: NDArray[np.int16]

    @cached_property
    def scenes(self) -> list[str]:
        """The scenes, sorted."""
        return sorted(self.clips["scene"].unique())

    @cached_property
    def labels(self) -> NDArray[np.int64]:
        """Each clip's index into `scenes`, (clips,)."""
        return np.searchsorted(self.scenes, self.clips["scene"].to_numpy(str)).astype(np.int64)

    def rows(self, split: str) -> slice:
        """Return the rows of train, evaluate or unused; they are contiguous."""
        return split_rows(self.clips["split"], split)


def read_clips(path: Path) -> pd.DataFrame:
    """Return the table of clips.

    Raises
    ------
    InputError
        If the file is missing, cut short, or not such a table.

    Examples
    --------
    >>> clips = [("a.wav", "bus", "oslo", "oslo-0", "train", 0.5, "a")]
    >>> CLIPS.write(folder / "clips.csv", pd.DataFrame(clips, columns=CLIPS.names))
    >>> read_clips(folder / "clips.csv")["scene"].tolist()
    ['bus']
    """
    clips = CLIPS.read(path)
    places = clips["split"].map({split: place for place, split in enumerate(SPLITS)})
    if places.isna().any():
        unknown = clips.loc[places.isna(), "split"].iloc[0]
        raise CLIPS.error(path, f"has the split '{unknown}', expected {', '.join(SPLITS)}")
    if not places.is_monotonic_increasing:
        raise CLIPS.error(path, "is not sorted by split")
    repeated = clips.loc[clips["filename"].duplicated(), "filename"]
    if len(repeated):
        raise CLIPS.error(path, f"lists {repeated.iloc[0]} twice")
    if not (clips["scale"] > 0).all():
        raise CLIPS.error(path, "has a scale that is not positive")
    return clips


def read_scenes(clips_path: Path, waveforms_path: Path) -> SceneCorpus:
    """Open the packed scenes.

    Raises
    ------
    InputError
        If a file is missing, damaged or foreign, or if the two do not belong together.

    Examples
    --------
    >>> clips = [("a.wav", "bus", "oslo", "oslo-0", "train", 0.5, "a")]
    >>> CLIPS.write(folder / "clips.csv", pd.DataFrame(clips, columns=CLIPS.names))
    >>> WAVEFORMS.write(folder / "waveforms.npy", np.zeros((1, 2, 100)))
    >>> read_scenes(folder / "clips.csv", folder / "waveforms.npy").rows("train")
    slice(0, 1, None)
    """
    clips, waveforms = read_clips(clips_path), WAVEFORMS.read(waveforms_path)
    if len(clips) != len(waveforms):
        raise CLIPS.error(clips_path, f"lists {len(clips)} clips, but {waveforms_path.name} has {len(waveforms)}")
    return SceneCorpus(clips, waveforms)
