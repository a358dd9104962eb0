"""Which experiment made a shared corpus or tagger, and with which settings: no other experiment overwrites it."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from pydantic import ValidationError

from tagasc.artifacts.artifact import Artifact
from tagasc.config import Events, Experiment, Scenes, Tagger
from tagasc.config.shared import Shared, shared
from tagasc.runtime.errors import InputError

_MEANING = "The experiment that made it, and its settings. An experiment with the same name for it and other settings "
_MEANING += "is refused."
CORPUS_SETTINGS = Artifact(path="corpora/<corpus>/settings.yaml", rule="pack_scenes or pack_events", meaning=_MEANING)
TAGGER_SETTINGS = Artifact(
    path="taggers/<tagger>/settings.yaml",
    rule="train_stage1, make_soft_labels, train_stage2 or tag_scenes",
    meaning=_MEANING,
)
TAGS_SETTINGS = Artifact(path="tags/<tagger>/<scenes>-settings.yaml", rule="import_tags", meaning=_MEANING)

_CONFIGURATIONS = ("experiments/*/config.yaml", "experiments/*/backends/*/config.yaml")


class Made(NamedTuple):
    """An experiment that made or uses something shared, its settings, the place that says so, and what was imported."""

    experiment: str
    settings: Mapping[str, Any]
    place: Path
    content: str | None = None


def find_shared(experiment: Experiment, key: str) -> Shared:
    """Return what an experiment names by ``key``, one of scenes.name, events.name and tagger.name."""
    # With tags from a file, no events are shared, but they can still be packed.
    tagger = experiment.tagger if key == "tagger.name" else Tagger()
    (found,) = (each for each in shared(experiment.scenes, experiment.events, tagger) if each.key == key)
    return found


def write_settings(experiment: Experiment, key: str, results: Path, content: str | None = None) -> None:
    """Write the settings of what an experiment names by ``key``, and the digest of an imported file.

    >>> write_settings(Experiment(), "scenes.name", folder)
    >>> read_settings(find_shared(Experiment(), "scenes.name"), folder).settings["scenes.audio.channels"]
    2
    """
    made = find_shared(experiment, key)
    text = {"experiment": experiment.name, "settings": dict(made.settings), "content": content}
    _artifact(made.files[0]).write_text(
        results / made.files[0], yaml.safe_dump(text, sort_keys=False, allow_unicode=True)
    )


def read_settings(wanted: Shared, results: Path) -> Made | None:
    """Return who made something shared, or None if nobody has, or if that is not known.

    Raises
    ------
    InputError
        If the file that says it has changed since it was written.
    """
    return _made(results, wanted.files[0])


def check_shared(experiment: Experiment, results: Path) -> None:
    """Check that no other experiment gives the same name to a corpus or tagger with other settings.

    Raises
    ------
    InputError
        If one does: its line names the key, both values, and the names in use. Also as `read_settings`.
    """
    users = list(_users(experiment, results))
    for wanted in _shared(experiment):
        makers = [made for file in wanted.files if (made := _made(results, file))]
        same_name = [used for key, name, used in users if (key, name) == (wanted.key, wanted.name)]
        for other in [*makers, *same_name]:
            if other.experiment != experiment.name:
                _compare(wanted, other, results)


def other_name(wanted: Shared, results: Path) -> str:
    """Return the remedy: to give another name, and the names that are taken."""
    folders = {results / Path(file).parts[0] for file in wanted.files}
    names = {wanted.name, *(path.name for folder in folders if folder.is_dir() for path in folder.iterdir())}
    return f"give {wanted.key} another value (in use: {', '.join(sorted(names))})"


def _compare(wanted: Shared, other: Made, results: Path) -> None:
    """Raise an InputError for the first key in which another experiment's settings differ."""
    for key in wanted.settings:
        here, there = wanted.settings[key], other.settings.get(key, wanted.settings[key])
        if here != there:
            raise InputError(
                f"{key}: is {here}, but {there} in experiment '{other.experiment}', which has the same {wanted.key}, "
                f"{wanted.name}; {other_name(wanted, results)}, or delete {other.place}"
            )


def _users(experiment: Experiment, results: Path) -> Iterator[tuple[str, str, Made]]:
    """Yield key and name of what each other experiment shares, according to the configuration that it has left."""
    paths = (path for pattern in _CONFIGURATIONS for path in sorted(results.glob(pattern)))
    for path in paths:
        name = path.relative_to(results).parts[1]
        content = {} if name == experiment.name else _read(path)
        if not content:
            continue
        try:
            uses = shared(
                Scenes.model_validate(content.get("scenes", {})),
                Events.model_validate(content.get("events", {})),
                Tagger.model_validate(content.get("tagger", {})),
            )
        except ValidationError:  # of another version
            continue
        for each in uses:
            yield each.key, each.name, Made(name, each.settings, results / "experiments" / name)


def _artifact(file: str) -> Artifact:
    """Return what describes a file of settings, by its place below ``results``."""
    kinds = {"corpora": CORPUS_SETTINGS, "taggers": TAGGER_SETTINGS, "tags": TAGS_SETTINGS}
    return kinds[Path(file).parts[0]]


def _made(results: Path, file: str) -> Made | None:
    path = results / file
    if path.exists():
        _artifact(file).check(path)
    text = _read(path)
    if not isinstance(text.get("settings"), dict):
        return None
    place = path if path.name != "settings.yaml" else path.parent
    return Made(str(text.get("experiment")), text["settings"], place, text.get("content"))


def _read(path: Path) -> dict[str, Any]:
    """Return the content of a YAML file; nothing if it is missing or damaged."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return {}
    return content if isinstance(content, dict) else {}


def _shared(experiment: Experiment) -> list[Shared]:
    return shared(experiment.scenes, experiment.events, experiment.tagger)
