"""Verification of all files of an experiment and of what it shares: any changed byte is found."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import yaml
from tqdm import tqdm

from tagasc.artifacts.artifact import Artifact
from tagasc.artifacts.codes import CODES_BY_EPOCH, CROP_CODES_BY_EPOCH
from tagasc.artifacts.readme import all_artifacts
from tagasc.artifacts.record import record_path
from tagasc.runtime.errors import InputError, nearest


class ResultFile(NamedTuple):
    """A file of the results tree, and what describes it."""

    path: Path
    artifact: Artifact


def find_files(experiment: str, results: Path) -> list[ResultFile]:
    """Return the files of an experiment, and those of the corpora, tagger and tags that it names.

    A file that is missing is among them if its record exists. Logs and benchmarks are not.

    Raises
    ------
    InputError
        If there is no such experiment, or if its configuration cannot be read.
    """
    folder = results / "experiments" / experiment
    configurations = [*folder.glob("config.yaml"), *folder.glob("backends/*/config.yaml")]
    if not configurations:
        names = sorted(path.parent.name for path in results.glob("experiments/*/config.yaml"))
        known = f"; there are {', '.join(names)}" if names else ""
        raise InputError(f"{folder}: holds no experiment{nearest(experiment, names) or known}")
    shared = {"name": {experiment}, "scenes": set(), "events": set(), "tagger": set()}
    for path in configurations:
        for section, name in _shared_names(path).items():
            shared[section].add(name)
    shared["corpus"] = shared["scenes"] | shared["events"]
    kinds = [(re.compile(_pattern(artifact.path, shared)), artifact) for artifact in all_artifacts()]
    folders = [folder, *(results / "corpora" / name for name in shared["corpus"])]
    folders += [results / kind / name for kind in ("taggers", "tags") for name in shared["tagger"]]
    found = {_described_file(path) for folder in folders for path in folder.rglob("*")}
    return [
        ResultFile(path, artifact)
        for path in sorted(found)
        for pattern, artifact in kinds
        if pattern.fullmatch(path.relative_to(results).as_posix())
    ]


def verify(files: Sequence[ResultFile]) -> Iterator[str]:
    """Yield what is wrong with each file that is not as it was written; a bar on stderr shows the progress."""
    sizes = [path.stat().st_size if path.is_file() else 0 for path, _ in files]
    with tqdm(desc="verifying", total=sum(sizes), unit="B", unit_scale=True, mininterval=1) as progress:
        for path, artifact in files:
            if artifact in (CODES_BY_EPOCH, CROP_CODES_BY_EPOCH) and not path.exists():  # deleted after scoring
                continue
            try:
                artifact.check(path, every_part=True, progress=progress.update)
            except InputError as error:
                yield str(error)
            else:
                if not record_path(path).exists():
                    yield f"{path}: has no record of its digest, so nothing is known about it"


def _shared_names(configuration: Path) -> dict[str, str]:
    """Return the names of the corpora and the tagger of an experiment, by section."""
    try:
        keys = yaml.safe_load(configuration.read_text(encoding="utf-8"))
        return {section: str(keys[section]["name"]) for section in ("scenes", "events", "tagger")}
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError):
        raise InputError(
            f"{configuration}: is damaged; delete it, and run the experiment again, which writes it again"
        ) from None


def _described_file(path: Path) -> Path:
    """Return the file that a record describes, or the path itself if it is no record."""
    file = path.with_name(path.name.removeprefix(".").removesuffix(".digest"))
    return file if record_path(file) == path else path


def _pattern(path: str, shared: Mapping[str, Collection[str]]) -> str:
    """Return a regular expression for the paths that an artifact's path stands for, with these shared names."""
    path, *suffixes = path.split(" ")
    path = path.replace("<name>/", "<name>/<backend>")
    parts = re.split("<([a-z]+)>", path.removesuffix(Path(path).suffix))
    for index, part in enumerate(parts):
        if index % 2 == 0:
            parts[index] = re.escape(part)
        elif part == "backend":
            parts[index] = "(backends/[^/]+/)?"
        else:
            parts[index] = f"({'|'.join(map(re.escape, sorted(shared[part])))})" if part in shared else "[^/]+"
    return "".join(parts) + f"({'|'.join(map(re.escape, [Path(path).suffix, *suffixes]))})"
