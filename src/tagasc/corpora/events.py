"""The sound events: a folder in the layout of FSDKaggle2019, checked and listed."""

from pathlib import Path

import pandas as pd

from tagasc.config import Events
from tagasc.corpora.listing import check_files, read_list
from tagasc.errors import InputError, nearest

SUBSETS = {"curated": "train_curated", "noisy": "train_noisy", "test": "test"}
"""The subsets in the order of the rows, and the names that their files carry."""


def read_events(settings: Events, folder: Path) -> pd.DataFrame:
    """Return `list_events` of a folder without the clips in ``settings.drop``, after all headers have been checked.

    A further column, samples, has each clip's length at ``settings.sample_rate``.

    Raises
    ------
    InputError
        As `list_events`, and for every audio file that `check_header` refuses.
    """
    clips = list_events(folder, settings.drop)
    headers = check_files(event_paths(folder, clips), settings.sample_rate, 1, None, settings.on_mismatch)
    clips["samples"] = [header.samples for header in headers]
    return clips


def list_events(folder: Path, drop: list[str]) -> pd.DataFrame:
    """Return a row for each clip of a folder, sorted by subset (curated, noisy, test), then filename.

    Columns: filename, subset, labels (joined by commas). Curated clips that are named in ``drop`` are left out.

    Raises
    ------
    InputError
        If a list is missing, malformed or empty, if a clip has an empty label, and if a label occurs in no curated
        clip.
    """
    if not folder.is_dir():
        raise InputError(
            f"events.folder: {folder} is no folder; expected one in the layout of FSDKaggle2019, with "
            f"FSDKaggle2019.meta/ and FSDKaggle2019.audio_*/"
        )
    clips = pd.concat([_subset(folder, subset, drop) for subset in SUBSETS], ignore_index=True)
    known = set(vocabulary(clips))
    for row in clips[clips["subset"] != "curated"].itertuples():
        for label in str(row.labels).split(","):
            if label not in known:
                what = (
                    f"is none of the curated clips' labels{nearest(label, known)}; correct it, add curated clips of it"
                )
                if label in vocabulary(_subset(folder, "curated", drop=[])):
                    what = "has no curated clip that events.drop leaves; drop fewer"
                path = _list_path(folder, str(row.subset))
                raise InputError(f"{path}: label '{label}' of {row.filename} {what}, or remove the clip")
    return clips


def count_curated(settings: Events, folder: Path) -> int:
    """Return how many curated clips `read_events` will return, from their list alone.

    Raises
    ------
    InputError
        If the list is missing, malformed or empty.
    """
    return len(_subset(folder, "curated", settings.drop))


def event_path(folder: Path, subset: str, filename: str) -> Path:
    """Return where a clip's audio is."""
    return folder / f"FSDKaggle2019.audio_{SUBSETS[subset]}" / filename


def event_paths(folder: Path, clips: pd.DataFrame) -> list[Path]:
    """Return where the audio of all clips is."""
    return [event_path(folder, subset, name) for subset, name in zip(clips["subset"], clips["filename"], strict=True)]


def vocabulary(clips: pd.DataFrame) -> list[str]:
    """Return the sorted labels of the curated clips."""
    curated = clips.loc[clips["subset"] == "curated", "labels"]
    return sorted({label for labels in curated for label in labels.split(",")})


def _list_path(folder: Path, subset: str) -> Path:
    return folder / "FSDKaggle2019.meta" / f"{SUBSETS[subset]}_post_competition.csv"


def _subset(folder: Path, subset: str, drop: list[str]) -> pd.DataFrame:
    """Read the list of one subset."""
    path = _list_path(folder, subset)
    clips = read_list(path, ",", ["fname", "labels"]).rename(columns={"fname": "filename"})
    if subset == "curated":
        clips = clips[~clips["filename"].isin(drop)]
        if clips.empty:
            raise InputError(f"{path}: events.drop leaves none of its clips; drop fewer")
    clips = clips.sort_values("filename")
    labels = [[label.strip() for label in value.split(",")] for value in clips["labels"]]
    for name, given in zip(clips["filename"], labels, strict=True):
        if "" in given:
            raise InputError(
                f"{path}: {name} has an empty label in '{','.join(given)}'; expected labels joined by single commas"
            )
    return clips.assign(subset=subset, labels=[",".join(given) for given in labels])[["filename", "subset", "labels"]]
