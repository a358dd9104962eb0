"""Weights of networks: safetensors, so that nobody has to trust a file that they load."""

from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn

from tagasc.artifacts.artifact import Artifact

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


def write_weights(artifact: Artifact, path: Path, network: nn.Module) -> None:
    """Write the weights and buffers of a network.

    >>> write_weights(MODEL, folder / "x.safetensors", nn.Linear(2, 1))
    """
    tensors = {name: tensor.cpu().contiguous() for name, tensor in network.state_dict().items()}
    with artifact.atomic_write(path) as partial:
        save_file(tensors, partial)


def read_weights(artifact: Artifact, path: Path, network: nn.Module) -> None:
    """Load the weights and buffers of a file into a network of the same shape.

    Raises
    ------
    InputError
        If the file is missing, damaged, or has the weights of another network.

    Examples
    --------
    >>> write_weights(MODEL, folder / "x.safetensors", nn.Linear(2, 1))
    >>> read_weights(MODEL, folder / "x.safetensors", nn.Linear(2, 1))
    """
    device = next((tensor.device for tensor in network.state_dict().values()), torch.device("cpu"))
    artifact.check(path)
    try:
        network.load_state_dict(load_file(path, device=str(device)))
    except (OSError, SafetensorError) as error:
        raise artifact.error(path, f"cannot be read as weights ({error})") from None
    except RuntimeError as error:
        line = str(error).strip().splitlines()[-1].strip()
        raise artifact.error(path, f"has the weights of another network ({line})") from None
