"""Resumable training session."""

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm

from tagasc.artifacts.artifact import Artifact
from tagasc.artifacts.record import record_path, whole
from tagasc.runtime.errors import InputError
from tagasc.training.checkpoint import identify, put_aside, read_checkpoint, remove_checkpoint, write_checkpoint
from tagasc.training.optimizer import Adam

CHECKPOINT = "checkpoint.safetensors"


class TrainingSession:
    """Resumable training session: everything that a training has to remember between epochs.

    It is a context manager. Entering it restores the last checkpoint. If the block ends without an exception, the
    pending files get their names and the checkpoint is removed. If the process has to stop (SystemExit,
    KeyboardInterrupt), the state of the last complete epoch is written. That state is held in the memory of the device,
    so the process need not finish its epoch first.

    Parameters
    ----------
    folder
        Folder of the training's outputs and, while the training lasts, of its checkpoint. Snakemake must not know the
        checkpoint as an output, because it deletes the outputs of a job before it repeats the job.
    parameters, inputs
        What the training depends on, in addition to the shapes of model and optimizer. A checkpoint of a training that
        depends on something else is ignored.
    outputs
        What kind of file `pending` is for.
    model, optimizer, random
        Their states are saved and restored; so are those of torch's generators.
    interval
        Seconds between two checkpoints. A training that is shorter and is not stopped writes none.

    Attributes
    ----------
    history : list
        One dictionary per complete epoch, appended by the training.

    Examples
    --------
    >>> model, random = nn.Linear(2, 1), np.random.default_rng(0)
    >>> optimizer = Adam(model.parameters(), learning_rate=0.1)
    >>> weights = Artifact(path="taggers/<tagger>/x.safetensors", rule="train", meaning="")
    >>> with TrainingSession(folder, {"width": 2}, [], weights, model, optimizer, random) as session:
    ...     for epoch in session.epochs(3, "training"):
    ...         session.history.append({"epoch": epoch})
    >>> len(session.history)
    3
    """

    def __init__(
        self,
        folder: Path,
        parameters: Mapping[str, Any],
        inputs: Sequence[Path],
        outputs: Artifact,
        model: nn.Module,
        optimizer: Adam,
        random: np.random.Generator,
        interval: float = 60.0,
    ) -> None:
        self.folder, self.model, self.optimizer, self.random, self.interval = folder, model, optimizer, random, interval
        self.outputs = outputs
        self.history: list[dict[str, Any]] = []
        shapes = {name: list(tensor.shape) for name, tensor in self._tensors().items()}
        self._identity = identify({"parameters": parameters, "shapes": shapes}, inputs)
        self._pending: list[str] = []
        self._unwritten: tuple[dict[str, Tensor], dict[str, Any]] | None = None
        self._written_at = time.monotonic()

    def __enter__(self) -> Self:
        checkpoint = read_checkpoint(self.folder / CHECKPOINT, self._identity, self._tensors())
        if checkpoint is not None:
            self._restore(*checkpoint)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            for name in self._pending:
                unfinished = self._unfinished(name)
                self.outputs.finish(unfinished, self.folder / name, whole(unfinished))
                record_path(unfinished).unlink(missing_ok=True)
            remove_checkpoint(self.folder / CHECKPOINT)
        elif self._unwritten is not None and isinstance(error, SystemExit | KeyboardInterrupt):
            self._write()
            print(f"stopped; the next attempt continues from {self.folder / CHECKPOINT}", file=sys.stderr)

    def epochs(self, last: int, label: str) -> Iterator[int]:
        """Yield the numbers of the epochs to come, counted from 1, with a progress bar; save the state after each."""
        done = len(self.history)
        for epoch in tqdm(range(done + 1, last + 1), label, last, initial=done, unit="epoch", mininterval=5):
            yield epoch
            self._save()

    def pending(self, name: str) -> Path:
        """Return the path of an output until the training ends; it then gets its name.

        Snakemake deletes the outputs of an interrupted job before it runs the job again, and a resumed training does
        not write the outputs of its earlier epochs a second time.
        """
        if name not in self._pending:
            self._pending.append(name)
        return self._unfinished(name)

    def _unfinished(self, name: str) -> Path:
        return self.folder / f"unfinished-{name}"

    def _tensors(self) -> dict[str, Tensor]:
        """Return the tensors of model and optimizer, by name."""
        tensors = {f"model.{name}": tensor for name, tensor in self.model.state_dict().items()}
        return tensors | {f"optimizer.{name}": tensor for name, tensor in self.optimizer.state_dict().items()}

    def _save(self) -> None:
        """Remember the state, and write it if the last checkpoint is older than the interval."""
        tensors = self._tensors()
        tensors["generator"] = torch.get_rng_state()
        if torch.cuda.is_available():
            tensors["cuda_generator"] = torch.cuda.get_rng_state()
        # Copies in plain memory order, which safetensors requires. Those of a GPU stay there until they are written:
        # fetching them would make the host wait after every epoch.
        copies = {
            name: torch.empty(tensor.shape, dtype=tensor.dtype, device=tensor.device).copy_(tensor.detach())
            for name, tensor in tensors.items()
        }
        progress = {"history": self.history, "random": self.random.bit_generator.state, "pending": self._pending}
        progress = deepcopy(progress)  # the training goes on changing the history
        self._unwritten = copies, progress
        if time.monotonic() - self._written_at >= self.interval:
            self._write()

    def _write(self) -> None:
        assert self._unwritten is not None
        copies, progress = self._unwritten
        tensors = {name: tensor.cpu() for name, tensor in copies.items()}
        write_checkpoint(self.folder / CHECKPOINT, self._identity, tensors, progress)
        self._unwritten = None
        self._written_at = time.monotonic()

    def _restore(self, tensors: dict[str, Tensor], progress: dict[str, Any]) -> None:
        """Restore the state of a checkpoint, unless an output of its epochs is missing or damaged."""
        for path in map(self._unfinished, progress["pending"]):
            try:
                self.outputs.check(path)
            except InputError:
                put_aside(self.folder / CHECKPOINT, f"needs {path.name}, which is missing or damaged", path)
                return
        for owner, part in ((self.model, "model."), (self.optimizer, "optimizer.")):
            owner.load_state_dict({n.removeprefix(part): t for n, t in tensors.items() if n.startswith(part)})
        torch.set_rng_state(tensors["generator"])
        if "cuda_generator" in tensors and torch.cuda.is_available():
            torch.cuda.set_rng_state(tensors["cuda_generator"])
        self.history = progress["history"]
        self._pending = list(dict.fromkeys([*self._pending, *progress["pending"]]))
        self.random.bit_generator.state = progress["random"]
        print(f"continuing after epoch {len(self.history)}", file=sys.stderr)
