"""The packed corpora as the other rooms read them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tagasc.errors import InputError

_AGAIN = "remove the corpus's folder, so that it is packed again"


@dataclass(frozen=True)
class PackedScenes:
    """The scene clips: ``clips`` has a row for each, sorted by split, and row i of ``waveforms`` is its row i.

    ``waveforms`` is int16 (clips, channels, samples), memory-mapped; × scale of the row it is the recording.
    """

    clips: pd.DataFrame
    waveforms: np.memmap[Any, np.dtype[np.int16]]

    @cached_property
    def scenes(self) -> list[str]:
        """The scenes, sorted."""
        return sorted(self.clips["scene"].unique())

    @cached_property
    def labels(self) -> NDArray[np.int64]:
        """Every clip's index into `scenes`, (clips,)."""
        return np.searchsorted(self.scenes, self.clips["scene"].to_numpy(str)).astype(np.int64)

    def rows(self, split: str) -> slice:
        """Return the rows of train, evaluate or unused; they are contiguous."""
        return _block(self.clips["split"], split)


@dataclass(frozen=True)
class PackedEvents:
    """The event clips: ``clips`` has a row for each, sorted by subset; ``labels`` is the vocabulary.

    ``mel`` is float16 (frames of all clips, bands), memory-mapped.
    """

    clips: pd.DataFrame
    labels: list[str]
    mel: np.memmap[Any, np.dtype[np.float16]]

    @cached_property
    def targets(self) -> NDArray[np.float32]:
        """Every clip's labels, 0 or 1, (clips, labels)."""
        column = {label: index for index, label in enumerate(self.labels)}
        targets = np.zeros((len(self.clips), len(self.labels)), np.float32)
        for row, labels in enumerate(self.clips["labels"]):
            targets[row, [column[label] for label in labels.split(",")]] = 1
        return targets

    def rows(self, subset: str) -> slice:
        """Return the rows of curated, noisy or test; they are contiguous."""
        return _block(self.clips["subset"], subset)

    def power(self, row: int) -> NDArray[np.float32]:
        """Return the mel power of one clip, float32 (frames, bands)."""
        start, frames, scale = (self.clips[column].iloc[row] for column in ("start", "frames", "scale"))
        return self.mel[start : start + frames].astype(np.float32) * np.float32(scale)


def load_scenes(clips_path: Path, waveforms_path: Path) -> PackedScenes:
    """Open what `pack_scenes` left.

    Raises
    ------
    InputError
        If a file is missing or is not what `pack_scenes` writes, or if the two do not belong together.
    """
    clips = _table(clips_path, ["filename", "scene", "city", "location", "split"], {"scale": float})
    waveforms = _array(waveforms_path, np.int16, 3)
    if len(clips) != len(waveforms):
        raise InputError(
            f"{clips_path}: {len(clips)} clips, but {len(waveforms)} rows in {waveforms_path.name}; {_AGAIN}"
        )
    _check_sorted(clips_path, clips["split"])
    return PackedScenes(clips, waveforms)


def load_events(clips_path: Path, labels_path: Path, mel_path: Path) -> PackedEvents:
    """Open what `pack_events` left.

    Raises
    ------
    InputError
        If a file is missing or is not what `pack_events` writes, or if the three do not belong together.
    """
    clips = _table(clips_path, ["filename", "subset", "labels"], {"start": int, "frames": int, "scale": float})
    labels = load_labels(labels_path)
    mel = _array(mel_path, np.float16, 2)
    ends = clips["frames"].cumsum()
    if not clips["start"].equals(ends - clips["frames"]) or ends.iloc[-1] != len(mel):
        raise InputError(f"{clips_path}: its clips do not add up to the {len(mel)} frames of {mel_path.name}; {_AGAIN}")
    unknown = {label for given in clips["labels"] for label in given.split(",")} - set(labels)
    if unknown:
        raise InputError(f"{clips_path}: label '{min(unknown)}' is not in {labels_path.name}; {_AGAIN}")
    _check_sorted(clips_path, clips["subset"])
    return PackedEvents(clips, labels, mel)


def load_labels(path: Path) -> list[str]:
    """Read the vocabulary that `pack_events` left, in the order of tag vectors.

    Raises
    ------
    InputError
        If the file is missing or is no such list.
    """
    return _table(path, ["label"], {})["label"].tolist()


def _table(path: Path, texts: list[str], numbers: Mapping[str, type[int] | type[float]]) -> pd.DataFrame:
    """Read a csv file with columns of text, in which "NA" is a text too, and of numbers, exactly as written."""
    columns = [*texts, *numbers]
    try:
        table = pd.read_csv(path, dtype=dict.fromkeys(texts, str), converters=dict(numbers), keep_default_na=False)
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; {_AGAIN}") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: is not a table that packing wrote ({error}); {_AGAIN}") from None
    if list(table.columns) != columns or table.empty:
        raise InputError(f"{path}: expected the columns {', '.join(columns)}, and rows; {_AGAIN}")
    return table


def _array(path: Path, dtype: type, dimensions: int) -> np.memmap[Any, Any]:
    """Map a npy file into memory."""
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; {_AGAIN}") from None
    except (OSError, ValueError, EOFError) as error:
        raise InputError(f"{path}: is not an array that packing wrote ({error}); {_AGAIN}") from None
    if not isinstance(array, np.memmap) or array.dtype != dtype or array.ndim != dimensions:
        raise InputError(f"{path}: expected {dimensions} dimensions of {np.dtype(dtype).name}; {_AGAIN}")
    return array


def _check_sorted(path: Path, column: "pd.Series[str]") -> None:
    if (column != column.shift()).sum() != column.nunique():
        raise InputError(f"{path}: its rows are not sorted by {column.name}; {_AGAIN}")


def _block(column: "pd.Series[str]", value: str) -> slice:
    """Return where a value stands in a sorted column; an empty slice at the end where it does not."""
    rows = np.flatnonzero(column == value)
    return slice(int(rows[0]), int(rows[-1]) + 1) if len(rows) else slice(len(column), len(column))
