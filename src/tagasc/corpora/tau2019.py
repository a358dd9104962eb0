"""TAU Urban Acoustic Scenes 2019, development data set: its datasheet, and the reader of its folder layout.

10 s of 24-bit stereo audio at 48 kHz per clip, 10 scenes, 10 cities. Zenodo record 2589280. The licence allows
non-commercial research.
"""

from pathlib import Path
from typing import Literal

import pandas as pd

from tagasc.artifacts.scenes import SPLITS
from tagasc.artifacts.verified import Count
from tagasc.config import Audio, OnMismatch
from tagasc.corpora.audio_files import check_files
from tagasc.corpora.scene_split import check_split
from tagasc.runtime.errors import InputError, Report, likewise, nearest, raise_error
from tagasc.runtime.lists import check_spelling, read_list
from tagasc.runtime.paths import folder_problem

RECORD = 2589280
"""Number of the Zenodo record."""
FOLDER = "TAU-urban-acoustic-scenes-2019-development"
"""Folder that each archive holds."""
LICENCE = "non-commercial research (the data set's own LICENSE file)"
"""What the recordings may be used for."""
ARCHIVES = {
    f"{FOLDER}.{part}.zip": (size, md5)
    for part, size, md5 in (
        ("doc", 11299, "1f6879544e80da70099a191613e7e51f"),
        ("meta", 156863, "09782f2097e4735687af73c44919329c"),
        ("audio.1", 1657550587, "aca4ebfd9ed03d5f747d6ba8c24bc728"),
        ("audio.2", 1666219450, "c4f170408ce77c8c70c532bf268d7be0"),
        ("audio.3", 1817901591, "c7214a07211f10f3250290d05e72c37e"),
        ("audio.4", 1821710642, "a6a62110f6699cf4432072acb1dffda6"),
        ("audio.5", 1803118466, "091a0b6d3c84b8e60e46940aa7d4a8a0"),
        ("audio.6", 1789566029, "114f4ca13e074391b98a1cfd8140de65"),
        ("audio.7", 1747953866, "5951dd2968f7a514e2afbe279c4f060d"),
        ("audio.8", 1728724513, "b0b63dc95b327e1509857c8d8a663cc3"),
        ("audio.9", 1667106209, "3c32a693a6b111ffb957be3c1dd22e9b"),
        ("audio.10", 1632636175, "0ffbf60006da520cc761fb74c878b98b"),
        ("audio.11", 1671793546, "599055d93b4c11057c29be2df54538d4"),
        ("audio.12", 1672592150, "98b8d162ff3665695c4c910e6c372cc8"),
        ("audio.13", 1673481614, "a356c08b1a5a21d433eba37ef87587f4"),
        ("audio.14", 1666137450, "f8969771e7faf7dd471d1cf78b0cf011"),
        ("audio.15", 1675127004, "4758c4b0fb7484faa632266e78850820"),
        ("audio.16", 1648240966, "a18acad9ede8ea76574216feb887f0bc"),
        ("audio.17", 1698414214, "1af7703484632f340da5c33662dc9632"),
        ("audio.18", 1731093704, "b67402bf3e08f4da394a7c18756c0fd2"),
        ("audio.19", 1745153640, "035db315f19106eb848b6f9b32bcc47c"),
        ("audio.20", 1774038704, "9cb28c74911bf8a3eadcf53f50a5b5d6"),
        ("audio.21", 1333808800, "0e44ed85c88ec036a9725b4dd1dfaea0"),
    )
}
"""Size in bytes and MD5 of each archive, as published."""
ARCHIVES_GB = sum(size for size, _ in ARCHIVES.values()) / 1e9
"""Size of all archives in GB."""

CLIPS_BY_SCENE = {  # train, evaluate, unused
    "airport": (911, 421, 108),
    "bus": (928, 415, 97),
    "metro": (902, 433, 105),
    "metro_station": (897, 435, 108),
    "park": (946, 386, 108),
    "public_square": (945, 387, 108),
    "shopping_mall": (896, 441, 103),
    "street_pedestrian": (924, 429, 87),
    "street_traffic": (942, 402, 96),
    "tram": (894, 436, 110),
}
"""Published number of clips of each scene in train, evaluate and unused."""
CLIPS = dict(zip(SPLITS, map(sum, zip(*CLIPS_BY_SCENE.values(), strict=True)), strict=True))
"""Number of clips of each split."""
LOCATIONS = {"train": 325, "evaluate": 149, "unused": 40}
"""Published number of locations of each split."""
CITIES = 10
"""Published number of cities. One of them has no training clips."""


def list_paths(folder: Path) -> list[Path]:
    """Return the lists of a folder: meta.csv, then the training list and the evaluation list."""
    return [folder / "meta.csv", *(folder / f"evaluation_setup/fold1_{split}.csv" for split in ("train", "evaluate"))]


def read_scenes(folder: Path, audio: Audio, on_mismatch: OnMismatch) -> tuple[pd.DataFrame, Audio]:
    """Return the clips of a folder as `list_scenes` does, and their format, after checking all headers.

    If ``audio`` has the duration auto, the returned format has the most frequent length instead.

    Raises
    ------
    InputError
        As `list_scenes` and `check_files`.
    """
    clips = list_scenes(folder)
    inspection = check_files(scene_paths(folder, clips), *expected_format(audio), on_mismatch)
    assert inspection.samples is not None
    return clips, audio.with_samples(inspection.samples)


def scene_paths(folder: Path, clips: pd.DataFrame) -> list[Path]:
    """Return the paths of the audio files of all clips."""
    return [folder / name for name in clips["filename"]]


def expected_format(audio: Audio) -> tuple[int, int, int | Literal["auto"]]:
    """Return sample rate, channels and length in samples as `check_files` takes them."""
    return audio.sample_rate, audio.channels, "auto" if audio.duration == "auto" else audio.samples


def list_scenes(folder: Path, report: Report = raise_error) -> pd.DataFrame:
    """Return the clips of a folder, one row per clip, sorted by split and then by filename.

    The folder holds the tab-separated lists of `list_paths` and the audio files that they name. Audio is not read.
    Scenes, cities and numbers of clips are free, so that the folder may hold anybody's recordings. The columns are
    filename (relative to the folder), scene, city, location (the data set's identifier, as barcelona-0), split and
    source_label (the recording device; empty where meta.csv does not name it). The city is what stands before the
    identifier's last hyphen.

    Raises
    ------
    InputError
        If the folder or meta.csv is missing, or if meta.csv cannot be read. If another list is missing, if a list is
        malformed, if a scene or location is spelled in two ways, if lists contradict each other, or if the split is not
        sound (see `check_split`), the error goes to ``report``.
    """
    if problem := folder_problem(folder):
        raise InputError(
            f"scenes.folder: {folder} {problem}; name a folder with audio/, meta.csv and evaluation_setup/, in the "
            f"layout of TAU Urban Acoustic Scenes 2019"
        )
    meta, train_list, evaluate_list = list_paths(folder)
    clips = read_list(meta, "\t", ["filename", "scene_label", "identifier"], ["source_label"], report)
    clips = clips.rename(columns={"scene_label": "scene", "identifier": "location"})
    for column in ("scene", "location"):
        check_spelling(meta, column, clips[column], report)
    clips.insert(2, "city", clips["location"].str.rpartition("-")[0])
    without_city = clips[clips["city"] == ""]
    for row in without_city[:1].itertuples():
        problem = f"identifier '{row.location}' of {row.filename} does not have the form city-location, as barcelona-0"
        others = likewise(len(without_city) - 1, "clip")
        report(InputError(f"{meta}: {problem}; it is split at its last hyphen, so write one{others}"))
    clips.insert(4, "split", "unused")
    complete = True
    for split, path in (("train", train_list), ("evaluate", evaluate_list)):
        try:
            _assign(clips, split, path, report)
        except InputError as error:
            report(error)
            complete = False
    if complete:
        check_split(clips, train_list, report)
    clips["split"] = pd.Categorical(clips["split"], SPLITS)
    return clips.sort_values(["split", "filename"], ignore_index=True).astype({"split": str})


def count_scenes(clips: pd.DataFrame, *, published: bool) -> list[Count]:
    """Count the clips that `list_scenes` returns: clips by split and scene, locations by split, cities.

    Unless ``published``, the counts have no published numbers next to them.
    """
    scenes = sorted({*clips["scene"], *(CLIPS_BY_SCENE if published else ())})
    found = clips.value_counts(["scene", "split"]).to_dict()
    counts = [("clips", len(clips), sum(CLIPS.values()))]
    for split in SPLITS:
        of_split = clips[clips["split"] == split]
        counts += [
            (f"clips in {split}", len(of_split), CLIPS[split]),
            (f"locations in {split}", of_split["location"].nunique(), LOCATIONS[split]),
        ]
    counts.append(("cities", clips["city"].nunique(), CITIES))
    for scene in scenes:
        expected = CLIPS_BY_SCENE.get(scene, (0, 0, 0))
        counts += [
            (f"clips of {scene} in {split}", found.get((scene, split), 0), number)
            for split, number in zip(SPLITS, expected, strict=True)
        ]
    return [Count(what, here, there if published else None) for what, here, there in counts]


def is_published(clips: pd.DataFrame) -> bool:
    """Check whether clips, with columns scene and split, have the published counts of each scene and split.

    >>> is_published(pd.DataFrame({"scene": ["bus", "tram"], "split": ["train", "evaluate"]}))
    False
    """
    found = clips.value_counts(["scene", "split"]).to_dict()
    return found == {
        (scene, split): number
        for scene, numbers in CLIPS_BY_SCENE.items()
        for split, number in zip(SPLITS, numbers, strict=True)
    }


def _assign(clips: pd.DataFrame, split: str, path: Path, report: Report) -> None:
    """Set the split of the clips in a list, which must agree with meta.csv and with the list read before."""
    listed = read_list(path, "\t", ["filename", "scene_label"], report=report)
    known = clips.set_index("filename")
    unknown = ~listed["filename"].isin(known.index)
    for name in listed.loc[unknown, "filename"].iloc[:1]:
        remedy = f"add it there, or remove it here{likewise(int(unknown.sum()) - 1, 'clip')}"
        report(InputError(f"{path}: {name} is not in meta.csv{nearest(name, known.index)}; {remedy}"))
    listed = listed[~unknown]
    listed = listed.assign(**{name: known.loc[listed["filename"], name].to_numpy() for name in ("scene", "split")})
    different = listed[listed["scene"] != listed["scene_label"]]
    for row in different[:1].itertuples():
        problem = f"{row.filename} is {row.scene_label}, but {row.scene} in meta.csv; correct one of them"
        report(InputError(f"{path}: {problem}{likewise(len(different) - 1, 'clip')}"))
    twice = listed[listed["split"] != "unused"]
    for row in twice[:1].itertuples():
        problem = f"{row.filename} is also in the list for {row.split}; remove it from one list"
        report(InputError(f"{path}: {problem}{likewise(len(twice) - 1, 'clip')}"))
    clips.loc[clips["filename"].isin(listed["filename"]), "split"] = split
