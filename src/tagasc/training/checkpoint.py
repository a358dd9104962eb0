"""The state of an interrupted training: tensors as safetensors, everything else as JSON. No pickle is involved."""

import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from tagasc.runtime.files import atomic_write


def digest(parameters: Mapping[str, Any], inputs: Sequence[Path]) -> str:
    """Return a digest of the parameters, and of the size and the first MiB of each input."""
    hashed = hashlib.sha256(json.dumps(parameters, sort_keys=True).encode())
    for path in inputs:
        hashed.update(str(path.stat().st_size).encode())
        with path.open("rb") as file:
            hashed.update(file.read(1 << 20))
    return hashed.hexdigest()


def write_checkpoint(path: Path, identity: str, tensors: dict[str, Tensor], progress: Mapping[str, Any]) -> None:
    """Write tensors and progress (anything that JSON can hold); ``identity`` says which training they belong to."""
    with atomic_write(path) as partial:
        save_file(tensors, partial, {"digest": identity, "progress": json.dumps(progress)})


def read_checkpoint(path: Path, identity: str) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
    """Return tensors and progress, or None if there is no checkpoint of this training; stderr says why."""
    if not path.exists():
        return None
    try:
        with safe_open(path, "pt") as file:
            metadata = file.metadata() or {}
            if metadata.get("digest") != identity:
                print(f"{path} belongs to other parameters or inputs: starting from the beginning", file=sys.stderr)
                return None
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - it is not a dictionary
            return tensors, json.loads(metadata["progress"])
    except (OSError, SafetensorError, ValueError, KeyError) as error:
        print(f"{path} cannot be read ({error}): starting from the beginning", file=sys.stderr)
        return None
