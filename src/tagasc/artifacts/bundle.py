"""A bundle: a folder with everything that a trained system needs to classify recordings."""

import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from tagasc.artifacts.artifact import Artifact
from tagasc.artifacts.digest import file_digest
from tagasc.config import Features, Mel, Network, TaggerNetwork, Tagging
from tagasc.config.section import Section
from tagasc.runtime.errors import InputError, shorten
from tagasc.runtime.paths import file_problem, folder_problem

FORMAT = 2
"""Version of the format. It rises whenever an earlier tagasc could not read a bundle."""

MANIFEST = "bundle.json"
NETWORK = "network.safetensors"
SVM = "svm.npz"
CONFIGURATION = "config.yaml"
CARD = "README.md"
CHECKSUMS = "SHA256SUMS"


def snapshot(fold: int) -> str:
    """Return the name of the weights of the tagger's network of a fold, counted from 0.

    >>> snapshot(0)
    'tagger/fold0.safetensors'
    """
    return f"tagger/fold{fold}.safetensors"


def bundled(name: str) -> Artifact:
    """Return what describes a file of a bundle, for whoever reads weights."""
    return Artifact(path=name, rule="'tagasc bundle'", meaning="")


class BundledAudio(Section):
    """What the system hears at a time: a window, as long as a training clip."""

    sample_rate: int
    """In Hz."""
    channels: int
    samples: int
    """Length of a window in samples."""


class BundledTagger(Section):
    """The tagger that the system was trained with, if it was trained here."""

    folds: int
    """Number of networks, whose tag vectors are averaged."""
    network: TaggerNetwork
    features: Features
    tagging: Tagging
    mel: Mel


class BundledScores(Section):
    """Accuracies on the test clips, as fractions."""

    clips: int
    """Number of test clips."""
    accuracy: float
    """Of the bundled training."""
    output_layer_accuracy: float
    """Of the network's own output layer, without the support vector machine."""
    seeds: int | None = None
    """Number of trainings of this cell that the experiment compares."""
    mean_accuracy: float | None = None
    """Mean over these trainings."""
    low: float | None = None
    """Lower end of its 95 % interval."""
    high: float | None = None
    """Upper end of its 95 % interval."""


class Manifest(Section):
    """What `MANIFEST` says."""

    format: int
    version: str
    """Version of tagasc that wrote the bundle."""
    experiment: str
    cell: str
    seed: int
    audio: BundledAudio
    scenes: list[str]
    tags: list[str]
    """Labels of the tag vectors; none if the experiment has no tagger."""
    network: Network
    preemphasis: float
    gain: float
    tagger_name: str
    tagger: BundledTagger | None
    """None if tag vectors were imported from a file."""
    kernel: str
    """The support vector machine that was chosen, as the column kernel of scores.csv names it."""
    scores: BundledScores
    versions: dict[str, str]
    commit: str
    device: str
    """Where the scene network was trained."""
    licence: str

    @property
    def files(self) -> list[str]:
        """All files but the checksums."""
        folds = self.tagger.folds if self.tagger is not None else 0
        return [MANIFEST, NETWORK, SVM, CONFIGURATION, CARD, *(snapshot(fold) for fold in range(folds))]


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest into a folder, and the checksums of all files, which must be there."""
    (folder / MANIFEST).write_text(manifest.model_dump_json(indent=1) + "\n", encoding="utf-8")
    lines = [f"{file_digest(folder / name)}  {name}\n" for name in manifest.files]
    (folder / CHECKSUMS).write_text("".join(lines), encoding="utf-8")


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of a bundle, after comparing all files with their checksums.

    Raises
    ------
    InputError
        If the folder is no bundle, if a file is missing or has changed, or if a later version of tagasc wrote it.
    """
    if problem := folder_problem(folder):
        raise InputError(f"{folder}: {problem}; name the folder that 'tagasc bundle' has written")
    if problem := file_problem(folder / MANIFEST):
        raise InputError(f"{folder}: is no bundle, because {MANIFEST} {problem}; 'tagasc bundle' writes one")
    content = _read(folder)
    found = content.get("format")
    if isinstance(found, int) and found > FORMAT:
        raise InputError(
            f"{folder}: is a bundle of format {found}, written by tagasc {shorten(content.get('version'))}, and this "
            f"version reads formats up to {FORMAT}; install a later version of tagasc"
        )
    try:
        manifest = Manifest.model_validate(content)
    except ValidationError as error:
        key = ".".join(map(str, error.errors()[0]["loc"]))
        raise _damaged(folder, f"{MANIFEST} is damaged ({key}: {error.errors()[0]['msg']})") from None
    known = _read_checksums(folder)
    for name in manifest.files:
        if name not in known:
            raise _damaged(folder, f"{CHECKSUMS} does not list {name}")
        if problem := file_problem(folder / name):
            raise _damaged(folder, f"{name} {problem}")
        if file_digest(folder / name) != known[name]:
            raise _damaged(folder, f"{name} has changed since it was written")
    return manifest


def _read(folder: Path) -> dict[str, Any]:
    try:
        content = json.loads((folder / MANIFEST).read_bytes())
    except ValueError:
        raise _damaged(folder, f"{MANIFEST} cannot be read as JSON") from None
    if not isinstance(content, dict):
        raise _damaged(folder, f"{MANIFEST} is no manifest")
    return content


def _read_checksums(folder: Path) -> dict[str, str]:
    """Return the checksums by name of file."""
    if problem := file_problem(folder / CHECKSUMS):
        raise _damaged(folder, f"{CHECKSUMS} {problem}")
    text = (folder / CHECKSUMS).read_text(encoding="utf-8", errors="replace")
    pairs = (line.partition("  ") for line in text.splitlines())
    return {name: digest for digest, _, name in pairs}


def _damaged(folder: Path, problem: str) -> InputError:
    return InputError(f"{folder}: {problem}; copy the bundle again, or write it again with 'tagasc bundle'")
