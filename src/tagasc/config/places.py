"""What stands at the paths of a configuration."""

import stat
from collections.abc import Iterator
from pathlib import Path

from tagasc.config.experiment import Experiment
from tagasc.runtime.errors import InputError


def check_places(experiment: Experiment) -> None:
    """Check that no file stands where an experiment needs a folder, and no folder where it needs a file.

    What does not exist yet is no error: rules may write it, and rules that only read it check it.

    Raises
    ------
    InputError
        For such a file or folder, for a link that leads nowhere, and for a path that cannot be followed: one line that
        names the key.
    """
    for key, path in _folders(experiment):
        if problem := _problem(path, is_folder=True):
            raise InputError(f"configuration: {key}: {problem}; name a folder")
    tagger = experiment.tagger
    if tagger.kind == "file" and tagger.path is not None and (problem := _problem(Path(tagger.path), is_folder=False)):
        raise InputError(f"configuration: tagger.path: {problem}; name a csv, parquet or npz file")


def _folders(experiment: Experiment) -> Iterator[tuple[str, Path]]:
    yield "data", Path(experiment.data)
    yield "scenes.folder", experiment.scenes_folder
    if experiment.tagger.kind != "file":
        yield "events.folder", experiment.events_folder
    if "download" in (experiment.scenes.source, experiment.events.source):
        yield "download.archives", experiment.archives_folder


def _problem(path: Path, *, is_folder: bool) -> str | None:
    """Return what is wrong with the path, or with the first of its parents that exists."""
    for place in (path, *path.parents):
        try:
            found = place.stat().st_mode
        except (FileNotFoundError, NotADirectoryError):
            if place.is_symlink():
                return f"{place} is a link to {place.readlink()}, which does not exist"
        except OSError as error:
            return f"{place} cannot be followed ({error.strerror})"
        else:
            if place == path and not is_folder:
                return f"{place} is a folder" if stat.S_ISDIR(found) else None
            return None if stat.S_ISDIR(found) else f"{place} is a file"
    return None
