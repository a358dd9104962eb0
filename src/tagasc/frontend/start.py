"""Training that begins from the scene network of a bundle instead of random weights."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tagasc.artifacts.bundle import CHECKSUMS, NETWORK, Manifest, bundled, read_manifest
from tagasc.artifacts.digest import file_digest
from tagasc.artifacts.weights import read_tensors
from tagasc.config import Experiment
from tagasc.paper.grid import Cell
from tagasc.runtime.errors import InputError, warn

if TYPE_CHECKING:  # plans are made without torch
    from tagasc.frontend.network import SceneNetwork

_KEY = "frontend.training.start"
_TRUNK_KEYS = ("architecture", "filters", "blocks", "negative_slope")


def check_start(experiment: Experiment) -> str:
    """Check that all trainings can begin from the bundle of ``frontend.training.start``; return its digest.

    Specialists and students begin from other trainings of the experiment.

    Raises
    ------
    InputError
        If there is no such bundle, if it is damaged, or if the trunk of a cell differs from its trunk.
    """
    assert experiment.frontend.training.start is not None
    folder = Path(experiment.frontend.training.start)
    try:
        manifest = read_manifest(folder)
    except InputError as error:
        raise InputError(f"{_KEY}: {error}") from None
    for cell in experiment.trained_cells:
        if not cell.role:
            _check_trunk(experiment, cell, folder, manifest)
    here, there = experiment.scenes.audio.sample_rate, manifest.audio.sample_rate
    if here != there:
        warn(
            f"{_KEY}: the trunk of {folder} was trained at {there} Hz, and scenes.audio.sample_rate is {here} Hz: its "
            f"filters hear other frequencies; set {there} if your recordings have it"
        )
    return file_digest(folder / CHECKSUMS)


def _check_trunk(experiment: Experiment, cell: Cell, folder: Path, manifest: Manifest) -> None:
    """Check that the trunk of a cell has the sizes of a bundle's trunk."""
    network = experiment.frontend.recipe(cell).network
    for key in _TRUNK_KEYS:
        here, there = getattr(network, key), getattr(manifest.network, key)
        if here != there:
            raise InputError(
                f"{_KEY}: {cell.name} has frontend.network.{key} {here}, and {folder} has {there}; set {there}, leave "
                f"out the cell, or start from another bundle"
            )
    here, there = experiment.scenes.audio.channels, manifest.audio.channels
    if here != there:
        raise InputError(f"{_KEY}: {folder} hears {there} channels, and scenes.audio.channels is {here}; set {there}")


def load_start(network: "SceneNetwork", folder: Path, tags: Sequence[str], scenes: Sequence[str]) -> None:
    """Load the weights of a bundle's scene network into a new one, as far as they mean the same there.

    The trunk is taken in any case. The other layers are taken if the cell and its tags are the same, and the output
    layer if the scenes are the same, too. Layers of another size and statistics of the tags are never taken. Stderr
    says what is taken.

    Parameters
    ----------
    network
        The new network.
    folder
        The bundle.
    tags, scenes
        Labels of the tags that the network uses, and its scenes.

    Raises
    ------
    InputError
        If the bundle is damaged.
    """
    manifest = read_manifest(folder)
    there, here = read_tensors(bundled(NETWORK), folder / NETWORK), network.state_dict()
    same = network.cell.name == manifest.cell and (not network.cell.uses_tags or list(tags) == manifest.tags)
    layers = {_layer(name) for name in there} - {"standardise"} if same else {"trunk"}
    if list(scenes) != manifest.scenes:
        layers -= {"output"}
    layers -= {_layer(name) for name, tensor in there.items() if name not in here or here[name].shape != tensor.shape}
    network.load_state_dict(here | {name: tensor for name, tensor in there.items() if _layer(name) in layers})
    new = ", ".join(sorted({_layer(name) for name in here} - layers)) or "nothing"
    print(f"starts from {folder} ({manifest.cell}): {', '.join(sorted(layers))}; new: {new}", file=sys.stderr)


def _layer(name: str) -> str:
    return name.partition(".")[0]
