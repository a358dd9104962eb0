"""FSDKaggle2019: its datasheet, and the reader of its folder layout.

Mono clips of sound events, 0.3 to 30 s, 16 bits at 44.1 kHz, with one or more of 80 labels. Zenodo record 3612637.
Each clip has its own Creative Commons licence.
"""

from collections.abc import Collection
from pathlib import Path

import pandas as pd

from tagasc.artifacts.events import SUBSETS
from tagasc.artifacts.verified import Count
from tagasc.config import OnMismatch
from tagasc.corpora.audio_files import check_files
from tagasc.runtime.errors import InputError, Report, likewise, nearest, raise_error
from tagasc.runtime.lists import check_spelling, read_list
from tagasc.runtime.paths import folder_problem

RECORD = 3612637
"""Number of the Zenodo record. Its description has the sizes and MD5 of the archives."""
LICENCE = "a Creative Commons licence of its own for each clip (column license of the data set's lists)"
"""What the recordings may be used for."""
ARCHIVES = (
    "FSDKaggle2019.doc.zip",
    "FSDKaggle2019.meta.zip",
    "FSDKaggle2019.audio_train_curated.zip",
    *(f"FSDKaggle2019.audio_train_noisy.z{part:02d}" for part in range(1, 7)),
    "FSDKaggle2019.audio_train_noisy.zip",
    "FSDKaggle2019.audio_test.zip",
)
"""Archives. Each holds a folder of its own name; the archive of the noisy clips is split."""
ARCHIVES_GB = 26.8
"""Approximate size of all archives in GB."""

CLIPS = {"curated": 4970, "noisy": 19815, "test": 4481}
"""Published number of clips of each subset."""
HOURS = {"curated": 10.5, "noisy": 80.0, "test": 12.9}
"""Published length of each subset in hours."""
LABELS = 80
"""Published number of labels."""

_FOLDERS = {"curated": "train_curated", "noisy": "train_noisy", "test": "test"}


def list_paths(folder: Path) -> list[Path]:
    """Return the lists of a folder: of the curated, the noisy and the test clips."""
    return [folder / f"FSDKaggle2019.meta/{_FOLDERS[subset]}_post_competition.csv" for subset in SUBSETS]


def read_events(folder: Path, drop: Collection[str], sample_rate: int, on_mismatch: OnMismatch) -> pd.DataFrame:
    """Return the clips of a folder as `list_events` does, after checking the headers of all audio files.

    A further column, samples, has the length of each clip at ``sample_rate`` Hz.

    Raises
    ------
    InputError
        As `list_events` and `check_files`.
    """
    clips = list_events(folder, drop)
    inspection = check_files(event_paths(folder, clips), sample_rate, 1, None, on_mismatch)
    return clips.assign(samples=[header.length(sample_rate) for header in inspection.headers.values()])


def list_events(folder: Path, drop: Collection[str] = (), report: Report = raise_error) -> pd.DataFrame:
    """Return the clips of a folder, one row per clip, sorted by subset and then by filename.

    The columns are filename, subset and labels (joined by commas). Curated clips named in ``drop`` are left out.

    Raises
    ------
    InputError
        If the folder is missing. If a list is missing, malformed or empty, if a label is empty, spelled in two ways, or
        the only one, or if a label has no curated clip, the error goes to ``report``.
    """
    if problem := folder_problem(folder):
        raise InputError(
            f"events.folder: {folder} {problem}; name a folder in the layout of FSDKaggle2019, with "
            f"FSDKaggle2019.meta/ and FSDKaggle2019.audio_*/"
        )
    subsets = []
    for subset, path in zip(SUBSETS, list_paths(folder), strict=True):
        try:
            subsets.append(_read_subset(path, subset, drop, report))
        except InputError as error:
            report(error)
    clips = pd.concat([pd.DataFrame(columns=["filename", "subset", "labels"]), *subsets], ignore_index=True)
    if (clips["subset"] == "curated").any():
        _check_labels(folder, clips, report)
    return clips


def count_events(clips: pd.DataFrame, *, published: bool) -> list[Count]:
    """Count the clips that `list_events` returns: clips by subset, and labels of the curated clips.

    Nothing must have been dropped. Unless ``published``, the counts have no published numbers next to them.
    """
    counts = [(f"{subset} clips", int((clips["subset"] == subset).sum()), n) for subset, n in CLIPS.items()]
    counts += [("clips", len(clips), sum(CLIPS.values())), ("labels", len(vocabulary(clips)), LABELS)]
    return [Count(what, here, there if published else None) for what, here, there in counts]


def count_curated(folder: Path, drop: Collection[str]) -> int:
    """Return how many curated clips `list_events` would return; only their list is read.

    Raises
    ------
    InputError
        If the list is missing, malformed or empty.
    """
    return len(_read_subset(list_paths(folder)[0], "curated", drop))


def event_path(folder: Path, subset: str, filename: str) -> Path:
    """Return the path of a clip's audio file."""
    return folder / f"FSDKaggle2019.audio_{_FOLDERS[subset]}" / filename


def event_paths(folder: Path, clips: pd.DataFrame) -> list[Path]:
    """Return the paths of the audio files of all clips."""
    return [event_path(folder, subset, name) for subset, name in zip(clips["subset"], clips["filename"], strict=True)]


def vocabulary(clips: pd.DataFrame) -> list[str]:
    """Return the sorted labels of the curated clips."""
    curated = clips.loc[clips["subset"] == "curated", "labels"]
    return sorted({label for labels in curated for label in labels.split(",")})


def _read_subset(path: Path, subset: str, drop: Collection[str], report: Report = raise_error) -> pd.DataFrame:
    """Return the clips of one list, sorted by filename."""
    clips = read_list(path, ",", ["fname", "labels"], report=report).rename(columns={"fname": "filename"})
    if subset == "curated":
        clips = clips[~clips["filename"].isin(drop)]
        if clips.empty:
            raise InputError(f"{path}: events.drop leaves none of its clips; drop fewer clips")
    clips = clips.sort_values("filename", ignore_index=True)
    clips["labels"] = [",".join(label.strip() for label in value.split(",")) for value in clips["labels"]]
    empty = ("," + clips["labels"] + ",").str.contains(",,")
    for row in clips[empty][:1].itertuples():
        problem = f"{row.filename} has an empty label in '{row.labels}'; expected labels joined by single commas"
        report(InputError(f"{path}: {problem}{likewise(int(empty.sum()) - 1, 'clip')}"))
    return clips[~empty].assign(subset=subset)[["filename", "subset", "labels"]]


def _check_labels(folder: Path, clips: pd.DataFrame, report: Report) -> None:
    """Check the labels of the curated clips, and that every label of the noisy and test clips is one of them."""
    lists = dict(zip(SUBSETS, list_paths(folder), strict=True))
    known = set(vocabulary(clips))
    check_spelling(lists["curated"], "label", sorted(known), report)
    if len(known) == 1:
        problem = f"all clips have the label '{min(known)}', so there is nothing to tell apart; add another label"
        report(InputError(f"{lists['curated']}: {problem}"))
    others = clips[clips["subset"] != "curated"]
    others = others.assign(label=others["labels"].str.split(",")).explode("label")
    unknown = others[~others["label"].isin(known)].drop_duplicates("label")
    for row in unknown[:1].itertuples():
        problem = f"is not a label of the curated clips{nearest(str(row.label), known)}; correct it, add curated clips"
        if row.label in vocabulary(_read_subset(lists["curated"], "curated", (), lambda _: None)):
            problem = "is left without curated clips by events.drop; drop fewer clips"
        text = f"{lists[str(row.subset)]}: label '{row.label}' of {row.filename} {problem}, or remove the clip"
        report(InputError(f"{text}{likewise(len(unknown) - 1, 'label')}"))
