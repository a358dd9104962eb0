"""Checks of an experiment's recordings in seconds, from their lists and headers: what stops a run, what weakens it."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from tagasc.config import PUBLISHED_SOURCES, READ_ONLY_SOURCES, Experiment
from tagasc.corpora import fsdkaggle2019, tau2019
from tagasc.corpora.audio_files import inspect_files
from tagasc.corpora.conversions import cropping_problem, padding_problem, rate_problem
from tagasc.corpora.describe import describe_events, describe_scenes
from tagasc.corpora.fsdkaggle2019 import count_events, event_paths, list_events, vocabulary
from tagasc.corpora.preflight import curated_clips, training_clips
from tagasc.corpora.scene_split import city_problem, split_weaknesses
from tagasc.corpora.tau2019 import count_scenes, expected_format, list_scenes, scene_paths
from tagasc.runtime.errors import InputError
from tagasc.runtime.findings import Findings


def check_scenes(experiment: Experiment) -> tuple[Findings, pd.DataFrame | None]:
    """Check the scene recordings of an experiment, and return the clips that could be listed.

    Recordings that a run downloads or synthesises are not checked, and there are no clips.
    """
    scenes, audio, folder = experiment.scenes, experiment.scenes.audio, experiment.scenes_folder
    if scenes.source not in READ_ONLY_SOURCES:
        found = Findings([_announce("Scenes", scenes.source, folder, tau2019.ARCHIVES_GB)])
        _try(found, experiment.frontend.training.require_clips, training_clips(experiment))
        return found, None
    found = Findings()
    try:
        clips = list_scenes(folder, _collect(found))
    except InputError as error:
        return Findings(stops=[*found.stops, str(error)]), None
    if scenes.source in PUBLISHED_SOURCES:
        counts = count_scenes(clips, published=True)
        found.stops += [f"{folder}: {count.difference}" for count in counts if count.difference]
    inspection = inspect_files(scene_paths(folder, clips), *expected_format(audio), scenes.on_mismatch)
    found.stops += inspection.problems
    if inspection.samples is not None:
        _try(found, experiment.require_frames, inspection.samples, audio.sample_rate)
    _try(found, experiment.frontend.training.require_clips, int((clips["split"] == "train").sum()))
    found.facts = describe_scenes(scenes, folder, clips, inspection)
    meta, train_list, evaluate_list = tau2019.list_paths(folder)
    found.weakens = split_weaknesses(clips, train_list, evaluate_list)
    found.weakens += filter(
        None,
        [
            city_problem(clips, meta),
            padding_problem(inspection, audio, folder),
            cropping_problem(inspection, audio, folder),
            rate_problem(inspection, audio, folder),
        ],
    )
    return found, clips


def check_events(experiment: Experiment) -> Findings:
    """Check the event recordings of an experiment, as `check_scenes` does."""
    events, folder, folds = experiment.events, experiment.events_folder, experiment.tagger.folds
    if events.source not in READ_ONLY_SOURCES:
        found = Findings([_announce("Events", events.source, folder, fsdkaggle2019.ARCHIVES_GB)])
        _try(found, folds.require, curated_clips(experiment))
        return found
    found = Findings()
    try:
        clips = list_events(folder, events.drop, _collect(found))
    except InputError as error:
        return Findings(stops=[*found.stops, str(error)])
    if events.source in PUBLISHED_SOURCES:
        counts = count_events(list_events(folder, report=lambda _: None), published=True)
        found.stops += [f"{folder}: {count.difference}" for count in counts if count.difference]
    inspection = inspect_files(event_paths(folder, clips), events.mel.sample_rate, 1, None, events.on_mismatch)
    found.stops += inspection.problems
    curated = clips[clips["subset"] == "curated"]
    if len(curated):
        _try(found, folds.require, len(curated))
    found.facts = describe_events(events, folder, clips, inspection)
    counted = curated["labels"].str.split(",").explode().value_counts()
    if rare := [label for label in vocabulary(clips) if counted[label] < folds.n_splits]:
        found.weakens.append(
            f"{fsdkaggle2019.list_paths(folder)[0]}: fewer curated clips than the {folds.n_splits} folds for "
            f"{_some(rare)}; some networks will not hear these labels; add clips, or remove the labels"
        )
    return found


def _announce(what: str, source: str, folder: Path, gigabytes: float) -> str:
    """Return what a run does about recordings that it does not expect to find."""
    if source == "demo":
        return f"{what}: a run synthesises them in {folder}; there is nothing to check"
    return f"{what}: a run downloads {gigabytes:.1f} GB and unpacks them in {folder}; there is nothing to check"


def _collect(found: Findings) -> Callable[[InputError], None]:
    """Return a function that adds errors to the findings."""
    return lambda error: found.stops.append(str(error))


def _try(found: Findings, require: Callable[..., None], *values: int) -> None:
    """Add the error of a requirement to the findings."""
    try:
        require(*values)
    except InputError as error:
        found.stops.append(str(error))


def _some(names: list[str]) -> str:
    """Return the first names of a list, and the number of the others."""
    return ", ".join(names[:3]) + (f" and {len(names) - 3} others" if len(names) > 3 else "")
