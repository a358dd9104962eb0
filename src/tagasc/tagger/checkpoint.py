"""The state of an interrupted training, from which the next attempt goes on: safetensors and JSON, no pickle."""

import hashlib
import json
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from tagasc.tagger.adam import Adam
from tagasc.writing import written_whole


def digest(parameters: Mapping[str, Any], inputs: Sequence[str | Path]) -> str:
    """Return what must be equal for a checkpoint to be of use: the parameters, and size and beginning of each input."""
    hashed = hashlib.sha256(json.dumps(parameters, sort_keys=True).encode())
    for path in map(Path, inputs):
        hashed.update(str(path.stat().st_size).encode())
        with path.open("rb") as file:
            hashed.update(file.read(1 << 20))
    return hashed.hexdigest()


class Checkpoint:
    """The checkpoint of one training, at most one every ``interval`` seconds.

    As a context it also writes the last state that it was given when the block is left because the process has to stop
    (SystemExit, KeyboardInterrupt): a copy of that state is held in memory, so that it takes a moment, however long
    the rest of the epoch would have taken.

    Parameters
    ----------
    path
        Where it lies while the training lasts. Snakemake must not know it as an output, since it deletes outputs before
        it repeats a job.
    digest
        A checkpoint with another digest is ignored.
    interval
        Seconds between two checkpoints; a shorter training that is not stopped never writes one.
    """

    def __init__(self, path: Path, digest: str, interval: float = 60.0) -> None:
        self.path, self.digest, self.interval = path, digest, interval
        self._last = time.monotonic()
        self._unwritten: tuple[dict[str, Tensor], dict[str, str]] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._unwritten is not None and isinstance(error, SystemExit | KeyboardInterrupt):
            self._write()
            print(f"stopped; the next attempt goes on from {self.path}", file=sys.stderr)

    def save(self, model: nn.Module, optimizer: Adam, progress: dict[str, Any]) -> None:
        """Take model, optimizer and progress (anything that JSON takes); write them if the last time is long ago."""
        tensors = {f"model.{name}": tensor for name, tensor in model.state_dict().items()}
        tensors |= {f"optimizer.{name}": tensor for name, tensor in optimizer.state_dict().items()}
        tensors["generator"] = torch.get_rng_state()
        if torch.cuda.is_available():
            tensors["cuda_generator"] = torch.cuda.get_rng_state()
        copies = {
            name: torch.empty(tensor.shape, dtype=tensor.dtype).copy_(tensor.detach())
            for name, tensor in tensors.items()
        }
        self._unwritten = copies, {"digest": self.digest, "progress": json.dumps(progress)}
        if time.monotonic() - self._last >= self.interval:
            self._write()

    def _write(self) -> None:
        assert self._unwritten is not None
        tensors, facts = self._unwritten
        with written_whole(self.path) as partial:
            save_file(tensors, partial, facts)
        self._unwritten = None
        self._last = time.monotonic()

    def load(self, model: nn.Module, optimizer: Adam) -> dict[str, Any] | None:
        """Bring model, optimizer and generators to the checkpoint's state; return its progress, or None without one."""
        if not self.path.exists():
            return None
        with safe_open(self.path, "pt") as file:
            facts = file.metadata()
            if facts.get("digest") != self.digest:
                print(f"{self.path} belongs to other parameters or inputs: starting anew", file=sys.stderr)
                return None
            tensors: dict[str, Tensor] = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no dict)
        for owner, part in ((model, "model."), (optimizer, "optimizer.")):
            owner.load_state_dict({n.removeprefix(part): t for n, t in tensors.items() if n.startswith(part)})
        torch.set_rng_state(tensors["generator"])
        if "cuda_generator" in tensors and torch.cuda.is_available():
            torch.cuda.set_rng_state(tensors["cuda_generator"])
        progress: dict[str, Any] = json.loads(facts["progress"])
        return progress

    def remove(self) -> None:
        """Forget the checkpoint, once the training's outputs are whole."""
        self.path.unlink(missing_ok=True)
