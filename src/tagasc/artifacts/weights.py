"""Weights of networks: safetensors, so that nobody has to trust a file that they load."""

from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from tagasc.artifacts.artifact import Artifact

if TYPE_CHECKING:
    from torch import Tensor, nn

# ruff: noqa: PLC0415 - figures read weights without torch, which takes seconds to import

SNAPSHOTS = Artifact(
    path="taggers/<tagger>/<stage>/fold<k>/snapshot<n>.safetensors",
    rule="train_stage1 or train_stage2",
    meaning="Weights of one fold's network at the end of cycle n.",
)
MODEL = Artifact(
    path="experiments/<name>/cells/<cell>/seed<k>/model.safetensors",
    rule="train_cell",
    meaning="Weights of the trained scene network.",
)

_BUFFERS = ("running_mean", "running_var", "num_batches_tracked", "standardise.mean", "standardise.deviation")
"""Ends of the names of what a network keeps without training it."""


def write_weights(artifact: Artifact, path: Path, network: "nn.Module") -> None:
    """Write the weights and buffers of a network.

    >>> from torch import nn
    >>> write_weights(MODEL, folder / "x.safetensors", nn.Linear(2, 1))
    """
    from safetensors.torch import save_file

    tensors = {name: tensor.cpu().contiguous() for name, tensor in network.state_dict().items()}
    with artifact.atomic_write(path) as partial:
        save_file(tensors, partial)


def read_weights(artifact: Artifact, path: Path, network: "nn.Module") -> None:
    """Load the weights and buffers of a file into a network of the same shape.

    Raises
    ------
    InputError
        If the file is missing, damaged, or has the weights of another network.

    Examples
    --------
    >>> from torch import nn
    >>> write_weights(MODEL, folder / "x.safetensors", nn.Linear(2, 1))
    >>> read_weights(MODEL, folder / "x.safetensors", nn.Linear(2, 1))
    """
    import torch

    device = next((tensor.device for tensor in network.state_dict().values()), torch.device("cpu"))
    tensors = read_tensors(artifact, path, str(device))
    try:
        network.load_state_dict(tensors)
    except RuntimeError as error:
        line = str(error).strip().splitlines()[-1].strip()
        raise artifact.error(path, f"has the weights of another network ({line})") from None


def read_tensors(artifact: Artifact, path: Path, device: str = "cpu") -> "dict[str, Tensor]":
    """Return the weights and buffers of a file by name.

    Raises
    ------
    InputError
        If the file is missing or damaged.
    """
    from safetensors.torch import load_file

    artifact.check(path)
    try:
        tensors: dict[str, Tensor] = load_file(path, device=device)
    except (OSError, SafetensorError) as error:
        raise artifact.error(path, f"cannot be read as weights ({error})") from None
    return tensors


def read_arrays(artifact: Artifact, path: Path) -> dict[str, NDArray[Any]]:
    """Return the weights and buffers of a file by name, without torch.

    Raises
    ------
    InputError
        If the file is missing or damaged.

    Examples
    --------
    >>> from torch import nn
    >>> write_weights(MODEL, folder / "x.safetensors", nn.Linear(2, 1))
    >>> read_arrays(MODEL, folder / "x.safetensors")["weight"].shape
    (1, 2)
    """
    from safetensors.numpy import load_file

    artifact.check(path)
    try:
        arrays: dict[str, NDArray[Any]] = load_file(path)
    except (OSError, SafetensorError) as error:
        raise artifact.error(path, f"cannot be read as weights ({error})") from None
    return arrays


def count_weights(artifact: Artifact, path: Path) -> int:
    """Return the number of trainable parameters in a file, from its header alone.

    Statistics of batch norm and of tags are no parameters.

    Raises
    ------
    InputError
        If the file is missing or damaged.

    Examples
    --------
    >>> from torch import nn
    >>> write_weights(MODEL, folder / "x.safetensors", nn.Sequential(nn.Linear(2, 1), nn.BatchNorm1d(1)))
    >>> count_weights(MODEL, folder / "x.safetensors")
    5
    """
    artifact.check(path)
    try:
        with safe_open(path, framework="numpy") as file:
            shapes = {name: file.get_slice(name).get_shape() for name in file.keys()}  # noqa: SIM118 - no mapping
    except (OSError, SafetensorError) as error:
        raise artifact.error(path, f"cannot be read as weights ({error})") from None
    return sum(prod(shape) for name, shape in shapes.items() if not name.endswith(_BUFFERS))
