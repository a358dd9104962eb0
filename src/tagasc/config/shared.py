"""What experiments share by name: packed corpora and taggers, and the settings that made them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tagasc.config.events import Events
from tagasc.config.scenes import Scenes
from tagasc.config.tagger import Tagger


@dataclass(frozen=True)
class Shared:
    """Something of the results tree that experiments share if they give it the same name.

    Parameters
    ----------
    key
        The key that names it.
    name
        Its name.
    files
        Where its settings are recorded, below ``results``; first its own file, then that of another kind of its name.
    settings
        The keys that decide its content, and their values. The place of the raw recordings is none of them.
    """

    key: str
    name: str
    files: tuple[str, ...]
    settings: Mapping[str, Any]


def shared(scenes: Scenes, events: Events, tagger: Tagger) -> list[Shared]:
    """Return the packed scenes, the tagger and, if it is trained here, the packed events.

    >>> [each.name for each in shared(Scenes(), Events(), Tagger())]
    ['tau2019', 'fsdkaggle2019', 'multitask']
    """
    files = (f"taggers/{tagger.name}/settings.yaml", f"tags/{tagger.name}/{scenes.name}-settings.yaml")
    packed = Shared("scenes.name", scenes.name, (_file(scenes),), _corpus("scenes", scenes, {"audio"}))
    if tagger.kind == "file":
        return [packed, Shared("tagger.name", tagger.name, files[::-1], {"tagger.kind": "file"})]
    learned = Shared("events.name", events.name, (_file(events),), _corpus("events", events, {"mel", "drop"}))
    trained = dict(_flat("tagger", tagger.model_dump(mode="json", exclude={"name", "path"})))
    trained |= {"events.name": events.name, **learned.settings}
    return [packed, learned, Shared("tagger.name", tagger.name, files, trained)]


def _file(corpus: Scenes | Events) -> str:
    return f"corpora/{corpus.name}/settings.yaml"


def _corpus(section: str, corpus: Scenes | Events, keys: set[str]) -> dict[str, Any]:
    """Return the settings of a packed corpus: these keys, and either how it is synthesised or that it is not."""
    synthesised = corpus.source == "demo"
    included = {"on_mismatch", *keys, *(["demo"] if synthesised else [])}
    source = "demo" if synthesised else "download, copy or folder"
    settings = corpus.model_dump(mode="json", include=included)
    return {f"{section}.source": source, **dict(_flat(section, settings))}


def _flat(path: str, values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the keys as a user writes them, with all their sections, and their values."""
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(f"{path}.{key}", value)
        else:
            yield f"{path}.{key}", value
