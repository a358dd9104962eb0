"""Checks of what the user provides, when a job that needs it is planned."""

from pathlib import Path

from tagasc.artifacts.digest import file_digest
from tagasc.artifacts.settings import find_shared, other_name, read_settings
from tagasc.config import READ_ONLY_SOURCES, Experiment
from tagasc.corpora import fsdkaggle2019, tau2019
from tagasc.corpora.synthetic.scenes import SCENES
from tagasc.corpora.synthetic.sounds import EVENTS
from tagasc.runtime.errors import InputError
from tagasc.runtime.paths import file_problem


def check_scenes(experiment: Experiment) -> None:
    """Check the lists of a folder of scenes, if no rule writes it, and that the training clips fill a batch.

    Raises
    ------
    InputError
        If a list is missing or malformed, if the split is not sound, or if there are fewer training clips than a batch.
    """
    if experiment.scenes.source in READ_ONLY_SOURCES:
        remedy = "name a folder in the layout of TAU 2019, or set scenes.source: download"
        for path in tau2019.list_paths(experiment.scenes_folder):
            _require_file("scenes.folder", path, remedy)
    experiment.frontend.training.require_clips(training_clips(experiment))


def check_events(experiment: Experiment) -> None:
    """Check that the lists of a folder of events exist, if no rule writes it, and that the folds can be filled.

    Raises
    ------
    InputError
        If a list is missing, if the list of curated clips is malformed, or if it has fewer clips than there are folds.
    """
    events = experiment.events
    if events.source in READ_ONLY_SOURCES:
        remedy = "name a folder in the layout of FSDKaggle2019, or set events.source: download"
        for path in fsdkaggle2019.list_paths(experiment.events_folder):
            _require_file("events.folder", path, remedy)
    experiment.tagger.folds.require(curated_clips(experiment))


def training_clips(experiment: Experiment) -> int:
    """Return the number of training clips of the scenes, which need not exist yet if a rule writes them.

    Raises
    ------
    InputError
        If their lists are missing or malformed.

    Examples
    --------
    >>> training_clips(Experiment())
    9185
    """
    scenes = experiment.scenes
    if scenes.source == "demo":
        return len(SCENES) * scenes.demo.train
    if scenes.source == "download":
        return tau2019.CLIPS["train"]
    return int((tau2019.list_scenes(experiment.scenes_folder)["split"] == "train").sum())


def curated_clips(experiment: Experiment) -> int:
    """Return the number of curated clips of the events, as `training_clips` does."""
    events = experiment.events
    if events.source == "demo":
        return len(EVENTS) * events.demo.curated
    if events.source == "download":
        return fsdkaggle2019.CLIPS["curated"]
    return fsdkaggle2019.count_curated(experiment.events_folder, events.drop)


def check_tags(experiment: Experiment, results: Path) -> tuple[str, bool]:
    """Check that the file of tag vectors exists; return its digest, and whether it differs from the imported one.

    Raises
    ------
    InputError
        If it is missing, or if another experiment has imported other tag vectors of these scenes under its name.
    """
    assert experiment.tagger.path is not None
    path = Path(experiment.tagger.path)
    _require_file("tagger.path", path, "name a csv, parquet or npz file with tag vectors")
    digest, wanted = file_digest(path), find_shared(experiment, "tagger.name")
    made = read_settings(wanted, results)
    if made is not None and made.experiment != experiment.name and made.content not in (None, digest):
        raise InputError(
            f"tagger.path: {path} differs from the file that experiment '{made.experiment}' imported as {wanted.name}; "
            f"{other_name(wanted, results)}, or delete {made.place}"
        )
    return digest, made is None or made.content != digest


def _require_file(key: str, path: Path, remedy: str) -> None:
    if problem := file_problem(path):
        raise InputError(f"{key}: {path} {problem}; {remedy}")
