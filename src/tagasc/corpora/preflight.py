"""Checks of what the user provides, before a run is planned."""

from pathlib import Path

from tagasc.config import READ_ONLY_SOURCES, Experiment
from tagasc.corpora import fsdkaggle2019, tau2019
from tagasc.runtime.errors import InputError


def check_inputs(experiment: Experiment) -> None:
    """Check that the lists and files that the configuration names exist, and that there are enough curated clips.

    Folders that rules will write (sources download and demo) are not checked. If the tags come from a file, events are
    not needed and not checked either.

    Raises
    ------
    InputError
        If a file is missing, if the list of curated clips is malformed, or if it has fewer clips than there are folds.
    """
    scenes, events, tagger = experiment.scenes, experiment.events, experiment.tagger
    if scenes.source in READ_ONLY_SOURCES:
        remedy = "name a folder in the layout of TAU 2019, or set scenes.source: download"
        for path in tau2019.list_paths(experiment.scenes_folder):
            _require_file("scenes.folder", path, remedy)
    if tagger.path is not None and tagger.kind == "file":
        _require_file("tagger.path", Path(tagger.path), "name a csv, parquet or npz file with tag vectors")
    elif events.source in READ_ONLY_SOURCES:
        remedy = "name a folder in the layout of FSDKaggle2019, or set events.source: download"
        for path in fsdkaggle2019.list_paths(experiment.events_folder):
            _require_file("events.folder", path, remedy)
        tagger.folds.require(fsdkaggle2019.count_curated(experiment.events_folder, events.drop))


def _require_file(key: str, path: Path, remedy: str) -> None:
    if not path.is_file():
        raise InputError(f"{key}: {path} does not exist; {remedy}")
