"""The files of a folder: linked, compared, and named after the artifacts that they are."""

import json
import os
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from tagasc.artifacts.artifact import Artifact
from tagasc.artifacts.readme import all_artifacts
from tagasc.artifacts.record import record_path

_TIMES = {"seconds", "clips_per_second", "peak_memory_mb"}
"""Keys of a history that differ between equal trainings."""


def link_tree(source: Path, target: Path) -> None:
    """Fill a folder with hard links to the files of another one."""
    for folder, _, names in os.walk(source):
        there = target / Path(folder).relative_to(source)
        there.mkdir(parents=True, exist_ok=True)
        for name in names:
            os.link(Path(folder, name), there / name)


def content(path: Path) -> object:
    """Return what two runs of the same job must have in common: the bytes of a file, a history without times."""
    if path.name == "history.jsonl":
        rows = [json.loads(line) for line in path.read_text().splitlines()]
        return [{key: value for key, value in row.items() if key not in _TIMES} for row in rows]
    if path.name == record_path(Path("history.jsonl")).name:
        return None
    return path.read_bytes()


def same_trees(folder: Path, other: Path) -> bool:
    """Return whether two folders hold the same files, hidden ones included, apart from damaged ones put aside."""
    ours, theirs = _names(folder), _names(other)
    equal = ours == theirs and all(_same(folder / name, other / name) for name in ours)
    if not equal:
        different = [name for name in ours & theirs if not _same(folder / name, other / name)]
        print(f"more: {ours - theirs}, missing: {theirs - ours}, different: {different}")
    return equal


def same_results(undisturbed: Path, folder: str | Path = "results") -> bool:
    """Return whether a folder has here what it has in the undisturbed experiment, and no file more."""
    return same_trees(Path(folder), undisturbed / folder)


def same_files(undisturbed: Path, paths: Sequence[str]) -> bool:
    """Return whether some files are as in the undisturbed experiment."""
    return all(_same(Path(path), undisturbed / path) for path in paths)


def _names(folder: Path) -> set[str]:
    paths = (Path(place, name) for place, _, names in os.walk(folder) for name in names)
    return {str(path.relative_to(folder)) for path in paths if not path.name.startswith("damaged-")}


def _same(path: Path, other: Path) -> bool:
    return path.samefile(other) or content(path) == content(other)


def artifact_of(path: str) -> Artifact | None:
    """Return which artifact of the tiny experiment a path is.

    >>> artifact_of("results/tags/own/demo-scenes.npz").rule
    'tag_scenes or import_tags'
    """
    return next((artifact for pattern, artifact in _patterns() if re.fullmatch(pattern, path)), None)


@cache
def _patterns() -> list[tuple[str, Artifact]]:
    patterns = []
    for artifact in all_artifacts():
        first, *suffixes = artifact.path.split()  # Tables 2-6 have three suffixes
        stem, _, suffix = first.rpartition(".")
        for place, name in (("<scenes>", "demo-scenes"), ("<events>", "demo-events")):
            stem = stem.replace(place, name)
        places = "[^/]+".join(re.escape(part) for part in re.split("<[^>]+>", stem))
        endings = "|".join(re.escape(ending) for ending in [f".{suffix}", *suffixes])
        patterns.append((f"results/{places}({endings})", artifact))
    return patterns
