"""The scene recordings: a folder in the layout of TAU Urban Acoustic Scenes 2019, checked and listed."""

from pathlib import Path

import pandas as pd

from tagasc.config import Scenes
from tagasc.corpora.listing import check_files, read_list
from tagasc.errors import InputError, nearest

SPLITS = ("train", "evaluate", "unused")
"""In the order of the rows; clips of ``unused`` stand in neither list of the fold."""


def read_scenes(settings: Scenes, folder: Path) -> pd.DataFrame:
    """Return `list_scenes` of a folder, after the headers of all its audio files have been checked.

    Raises
    ------
    InputError
        As `list_scenes`, and for every audio file that `check_header` refuses.
    """
    clips = list_scenes(folder)
    check_files(
        [folder / name for name in clips["filename"]],
        settings.sample_rate,
        settings.channels,
        settings.samples,
        settings.on_mismatch,
    )
    return clips


def list_scenes(folder: Path) -> pd.DataFrame:
    """Return a row for each clip of a folder, sorted by split, then filename, without a look at the audio.

    The folder holds ``meta.csv`` and ``evaluation_setup/fold1_{train,evaluate}.csv``, tab-separated, and the audio
    files that they name; there may be any scenes and any number of clips. Columns: filename (relative to the folder),
    scene, city, location (the data set's identifier, as barcelona-0), split (train, evaluate or unused).

    Raises
    ------
    InputError
        If a list is missing or malformed, if the lists contradict each other, if training and evaluation share a clip
        or a location, and if a scene has fewer than two training clips or all come from one location.
    """
    if not folder.is_dir():
        raise InputError(
            f"scenes.folder: {folder} is no folder; expected one with audio/, meta.csv and evaluation_setup/, in the "
            f"layout of TAU Urban Acoustic Scenes 2019"
        )
    meta = folder / "meta.csv"
    clips = read_list(meta, "\t", ["filename", "scene_label", "identifier"])
    clips.columns = pd.Index(["filename", "scene", "location"])
    clips.insert(2, "city", clips["location"].str.rpartition("-")[0])
    nowhere = clips[clips["city"] == ""]
    if len(nowhere):
        raise InputError(
            f"{meta}: identifier '{nowhere['location'].iloc[0]}' of {nowhere['filename'].iloc[0]} is not of the form "
            f"city-location, as barcelona-0; correct it"
        )
    clips["split"] = "unused"
    for split in ("train", "evaluate"):
        _assign(clips, split, folder / "evaluation_setup" / f"fold1_{split}.csv")
    _check_split(clips, folder)
    clips["split"] = pd.Categorical(clips["split"], SPLITS)
    return clips.sort_values(["split", "filename"], ignore_index=True).astype({"split": str})


def _assign(clips: pd.DataFrame, split: str, path: Path) -> None:
    """Set the split of the clips in one list, which must agree with meta.csv and with the list before it."""
    listed = read_list(path, "\t", ["filename", "scene_label"])
    known = clips.set_index("filename")
    unknown = listed.loc[~listed["filename"].isin(known.index), "filename"]
    if len(unknown):
        name = unknown.iloc[0]
        raise InputError(
            f"{path}: {name} is not in meta.csv{nearest(name, known.index)}; add it there, or remove it here"
        )
    listed["scene"] = known.loc[listed["filename"], "scene"].to_numpy()
    listed["split"] = known.loc[listed["filename"], "split"].to_numpy()
    for row in listed[listed["scene"] != listed["scene_label"]].itertuples():
        raise InputError(
            f"{path}: {row.filename} is {row.scene_label}, but {row.scene} in meta.csv; correct one of them"
        )
    for row in listed[listed["split"] != "unused"].itertuples():
        raise InputError(f"{path}: {row.filename} is in the list for {row.split} as well; remove it from one")
    clips.loc[clips["filename"].isin(listed["filename"]), "split"] = split


def _check_split(clips: pd.DataFrame, folder: Path) -> None:
    """Check that evaluation asks for what training has shown, in places that it has not."""
    train, evaluate = (clips[clips["split"] == split] for split in ("train", "evaluate"))
    train_list = folder / "evaluation_setup" / "fold1_train.csv"
    for row in evaluate[evaluate["location"].isin(train["location"])].itertuples():
        other = train.loc[train["location"] == row.location, "filename"].iloc[0]
        raise InputError(
            f"{folder / 'evaluation_setup'}: location {row.location} is in both lists ({other} in train, "
            f"{row.filename} in evaluate), which must not share one; move all its clips to one list"
        )
    # Clips in neither list are scored too, where the test list is all that was not trained on.
    for row in clips[~clips["scene"].isin(train["scene"])].itertuples():
        raise InputError(
            f"{train_list}: no clip of scene '{row.scene}', to which {row.filename} belongs"
            f"{nearest(str(row.scene), train['scene'].unique())}; add training clips, or remove the scene"
        )
    for row in train[~train["scene"].duplicated(keep=False)].itertuples():
        raise InputError(
            f"{train_list}: {row.filename} is the only clip of scene '{row.scene}', too few to learn it from; add "
            f"training clips, or remove the scene"
        )
    # The kernel is chosen, and differences are tested, by leaving out whole locations.
    if len(train["location"].unique()) == 1:
        raise InputError(
            f"{train_list}: all clips come from the location {train['location'].iloc[0]}, which tells nothing of "
            f"others; add clips of at least one more"
        )
