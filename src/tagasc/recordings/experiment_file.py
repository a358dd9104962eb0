"""The file of keys: what differs from the defaults, each key with a comment on how to choose it."""

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from tagasc.config import Experiment, Section
from tagasc.recordings.headers import ClipFormat
from tagasc.recordings.sizes import Sections

_WIDTH = 120

_COMMENTS = {
    "data": "Folder of the data sets. If you move it, correct this line.",
    "seeds": "One training per cell and seed. One is for a first look; [0, 1, 2, 3, 4] tell how far to trust a "
    "difference.",
    "cells": "How tags enter the network; `tagasc cells` lists all ways, and all trains the paper's 56. The -shuffled "
    "one is a control: it is given the tags of other clips, so that everything that tags gain has to vanish.",
    "scenes.name": "Give it another name if you add or remove recordings and want to keep earlier results.",
    "scenes.on_mismatch": "Recordings of another rate, channel count or length are converted.",
    "scenes.audio.sample_rate": "The lowest rate of the recordings, because a higher one could tell recorders apart. A "
    "lower one is faster: 16000 takes a third of the time of 48000.",
    "scenes.audio.channels": "2 if all recordings have at least two channels, otherwise 1.",
    "scenes.audio.duration": "Length of the clips in s. For another one, run tagasc init again with --clip: longer "
    "recordings are already cut.",
    "events.source": "download: FSDKaggle2019 is fetched from Zenodo. folder: your own events.",
    "events.mel.sample_rate": "Scenes are resampled to it for the tagger. Events must not hear more than they do.",
    "tagger.path": "A csv, parquet or npz file with a row per clip; column filename as in scenes/meta.csv.",
    "frontend.network.filters": "Width of the network. 32 is the demo's, 128 the paper's. A multiple of all heads.",
    "frontend.network.blocks": "Each divides the number of frames by three. Take one fewer for clips of a third.",
    "frontend.training.epochs": "Passes over the training clips. If the loss still falls at the end, raise it.",
    "frontend.training.batch_size": "At most the number of training clips. Lower it if memory runs out.",
    "frontend.training.learning_rate": "Short trainings need larger steps than the paper's 1e-4.",
    "frontend.training.crop": "Length in s of the random window of each clip in training. A shorter one is faster. "
    "auto is 10 ms less than a clip.",
    "frontend.jung2019": "The recipe of Jung et al. (2019) [22], for cells such as jung2019-kd.",
    "backend.svm.n_splits": "Folds that choose the kernel; at most the number of training locations is used.",
}
"""Comments that suit recordings of one's own better than the first sentence of the key's documentation."""


def experiment_keys(
    name: str, data: Path, clips: ClipFormat, cells: Sequence[str], sections: Sections
) -> dict[str, Any]:
    """Return the keys of an experiment on ``data``/scenes.

    Parameters
    ----------
    name
        Name of the experiment and of the corpus.
    data
        Folder of the data sets.
    clips
        Format of the clips.
    cells
        Names of cells; all stands for the paper's.
    sections
        The other sections. Empty ones are left out.
    """
    keys: dict[str, Any] = {"name": name, "data": str(data), "seeds": [0], "cells": list(cells)}
    keys["scenes"] = {
        "name": name,
        "source": "folder",
        "folder": "scenes",
        "on_mismatch": "convert",
        "audio": {
            "sample_rate": clips.sample_rate,
            "channels": clips.channels,
            "duration": clips.seconds,
        },
    }
    others = {key: getattr(sections, key) for key in ("events", "tagger", "frontend", "backend")}
    return keys | {key: _plain(section) for key, section in others.items() if section}


def write_experiment(path: Path, keys: Mapping[str, Any], head: Sequence[str]) -> None:
    """Write a file of keys.

    Parameters
    ----------
    path
        The file.
    keys
        Keys and sections, as `experiment_keys` returns them.
    head
        Lines of the comment at the top.
    """
    lines = [*(f"# {line}".rstrip() for line in head), *_lines(keys, "", "", Experiment)]
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")


def _lines(keys: Mapping[str, Any], path: str, indent: str, model: type[Section] | None) -> Iterator[str]:
    """Yield the lines of a section: a comment above each key that has one."""
    for key, value in keys.items():
        full = f"{path}{key}"
        field = model.model_fields.get(key) if model else None
        kind = field.annotation if field else None
        inner = kind if isinstance(kind, type) and issubclass(kind, Section) else None
        comment = _COMMENTS.get(full) or _first_sentence(field.description if field else None)
        if comment:
            start = f"{indent}# "
            yield from textwrap.wrap(comment, _WIDTH, initial_indent=start, subsequent_indent=start)
        if isinstance(value, Mapping):
            yield f"{indent}{key}:"
            yield from _lines(value, f"{full}.", f"{indent}  ", inner)
        else:
            yield f"{indent}{key}: {_flow(value)}"


def _first_sentence(text: str | None) -> str:
    r"""Return the first sentence of a key's documentation.

    >>> _first_sentence("Window of 0.5 s. Choose\na longer one.")
    'Window of 0.5 s.'
    """
    return re.split(r"(?<=[.])\s", " ".join((text or "").split()), maxsplit=1)[0]


def _flow(value: Any) -> str:
    """Return a value as YAML on one line.

    >>> _flow("a: b"), _flow([0, 1]), _flow(None)
    ("'a: b'", '[0, 1]', 'null')
    """
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=float("inf"))
    return text.removesuffix("\n").removesuffix("...").strip()


def _plain(section: Mapping[str, Any]) -> dict[str, Any]:
    """Return a section as plain dictionaries, which can be merged and written."""
    return {key: _plain(value) if isinstance(value, Mapping) else value for key, value in section.items()}
