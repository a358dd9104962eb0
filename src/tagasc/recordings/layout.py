"""The data set that is written: its clips, the identifiers of their locations, and its three lists."""

import csv
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from tagasc.audio.header import Header
from tagasc.corpora.tau2019 import list_paths
from tagasc.recordings.cut import Cuts, clip_suffix, cut_recording, plan_cuts
from tagasc.recordings.find import AudioFile
from tagasc.recordings.headers import ClipFormat

CITY = "here"
"""City of all locations whose names have none."""


@dataclass(frozen=True)
class PlannedRecording:
    """A recording and its clips.

    Parameters
    ----------
    file, header
        The recording.
    cuts
        How it is cut.
    clips
        Name of each clip, relative to the data set's folder.
    """

    file: AudioFile
    header: Header
    cuts: Cuts
    clips: list[str]


def plan_clips(
    files: Sequence[AudioFile], headers: Mapping[Path, Header], wanted: ClipFormat
) -> list[PlannedRecording]:
    """Return the clips of all recordings, named audio/<scene>/<location>/<file>.

    The clips of a recording that is cut have a number from 0, so that clip k starts at k times the length of a clip.
    """
    taken: set[str] = set()
    planned = []
    for file in files:
        header = headers[file.path]
        cuts = plan_cuts(header, wanted)
        folder = Path("audio") / file.scene / file.location / file.inner.parent
        if cuts.is_cut:
            width = len(str(len(cuts.lengths) - 1))
            stem, suffix = file.path.stem, clip_suffix(header)
            names = [f"{stem}-{number:0{width}}{suffix}" for number in range(len(cuts.lengths))]
        else:
            names = [file.path.name]
        planned.append(PlannedRecording(file, header, cuts, [_unique(folder / name, taken) for name in names]))
    return planned


def place_identifiers(locations: Iterable[str]) -> tuple[dict[str, str], bool]:
    """Return the identifier of each location, and whether a city was made up.

    Identifiers have the form city-location. If all names have it, they are identifiers. Otherwise, the city `CITY`
    precedes them, and their hyphens become underscores, because identifiers are split at the last one.

    >>> place_identifiers(["oslo-3", "new-york-4"])
    ({'new-york-4': 'new-york-4', 'oslo-3': 'oslo-3'}, False)
    >>> place_identifiers(["oslo-3", "harbour"])
    ({'harbour': 'here-harbour', 'oslo-3': 'here-oslo_3'}, True)
    """
    names = sorted(set(locations))
    if all(city.strip() and place.strip() for city, _, place in (name.rpartition("-") for name in names)):
        return {name: name for name in names}, False
    taken: set[str] = set()
    return {name: _unique(Path(f"{CITY}-{name.replace('-', '_')}"), taken) for name in names}, True


def write_lists(
    folder: Path, planned: Sequence[PlannedRecording], identifiers: Mapping[str, str], evaluation: Collection[str]
) -> None:
    """Write meta.csv and the lists of training and evaluation clips.

    Parameters
    ----------
    folder
        Folder of the data set.
    planned
        All recordings.
    identifiers
        Identifier of each location.
    evaluation
        Locations for evaluation.
    """
    rows = sorted((name, each.file) for each in planned for name in each.clips)
    meta, train, evaluate = list_paths(folder)
    everything = [(name, file.scene, identifiers[file.location], "") for name, file in rows]
    _write(meta, ["filename", "scene_label", "identifier", "source_label"], everything)
    for path, wanted in ((train, False), (evaluate, True)):
        side = [(name, file.scene) for name, file in rows if (file.location in evaluation) == wanted]
        _write(path, ["filename", "scene_label"], side)


def write_audio(folder: Path, planned: Sequence[PlannedRecording]) -> None:
    """Write the clips of long recordings, and link to all others.

    Raises
    ------
    InputError
        If a recording cannot be decoded.
    """
    cut = sum(each.cuts.is_cut for each in planned)
    with tqdm(desc="cutting", total=cut, unit="recording", mininterval=1, disable=not cut) as progress:
        for each in planned:
            paths = [folder / name for name in each.clips]
            if each.cuts.is_cut:
                cut_recording(each.file.path, each.cuts, paths)
                progress.update()
            else:
                paths[0].parent.mkdir(parents=True, exist_ok=True)
                paths[0].symlink_to(each.file.path.absolute())


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerows([header, *rows])


def _unique(path: Path, taken: set[str]) -> str:
    """Return a path that is not taken yet, by adding a number to its stem if necessary, and take it."""
    name, number = path.as_posix(), 2
    while name in taken:
        name, number = path.with_stem(f"{path.stem}_{number}").as_posix(), number + 1
    taken.add(name)
    return name
