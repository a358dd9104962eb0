"""The state of an interrupted training: tensors as safetensors, everything else as JSON. No pickle is involved."""

import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from tagasc.artifacts.artifact import Artifact
from tagasc.artifacts.record import content_digest, record_path
from tagasc.runtime.errors import InputError, warn

_FILE = Artifact(
    path="taggers/<tagger>/<stage>/fold<k>/checkpoint.safetensors",
    rule="train_stage1, train_stage2 or train_cell",
    meaning="State of an interrupted training.",
)


def identify(parameters: Mapping[str, Any], inputs: Sequence[Path]) -> str:
    """Return a digest of the parameters and of the content of each input."""
    hashed = hashlib.sha256(json.dumps(parameters, sort_keys=True).encode())
    for path in inputs:
        hashed.update(content_digest(path).encode())
    return hashed.hexdigest()


def write_checkpoint(path: Path, identity: str, tensors: dict[str, Tensor], progress: Mapping[str, Any]) -> None:
    """Write tensors and progress (anything that JSON can hold); ``identity`` says which training they belong to."""
    with _FILE.atomic_write(path) as partial:
        save_file(tensors, partial, {"digest": identity, "progress": json.dumps(progress)})


def read_checkpoint(
    path: Path, identity: str, tensors: Mapping[str, Tensor]
) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
    """Return tensors and progress, or None if there is no checkpoint of this training; stderr says why.

    ``tensors`` are those that the checkpoint must have, of the same shapes. A file that is no checkpoint or is damaged
    is put aside.
    """
    if not path.exists() and not path.is_symlink():
        return None
    try:
        _FILE.check(path)
        with safe_open(path, "pt") as file:
            metadata = file.metadata() or {}
            if metadata["digest"] != identity:
                print(f"{path} belongs to other parameters or inputs: starting from the beginning", file=sys.stderr)
                return None
            read = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - it is not a dictionary
        progress = json.loads(metadata["progress"])
    except (OSError, SafetensorError, ValueError, KeyError, InputError):
        put_aside(path, "is no checkpoint, or is damaged")
        return None
    if {name: tensor.shape for name, tensor in tensors.items()} != {
        name: tensor.shape for name, tensor in read.items() if name in tensors
    }:
        put_aside(path, "is a checkpoint of another network")
        return None
    return read, progress


def put_aside(path: Path, problem: str, *others: Path) -> None:
    """Rename a checkpoint that cannot be used, and other files of its training, with one line of warning."""
    number = next(number for number in count(1) if not path.with_name(f"damaged-{number}-{path.name}").exists())
    for file in (path, *others):
        if file.exists() or file.is_symlink():
            file.rename(file.with_name(f"damaged-{number}-{file.name}"))
        record_path(file).unlink(missing_ok=True)
    warn(
        f"{path}: {problem}; it is now called damaged-{number}-{path.name}, and the training starts from the beginning"
    )


def remove_checkpoint(path: Path) -> None:
    """Remove the checkpoint of a finished training, if there is one."""
    for file in (path, record_path(path)):
        file.unlink(missing_ok=True)
