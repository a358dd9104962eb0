"""One epoch of the training of a scene network, after Jung et al. (2019) [22]: the paper prints no hyper-parameters."""

import resource
import sys
import time
from typing import Any

import numpy as np
import torch
from numpy.random import default_rng
from numpy.typing import NDArray
from torch import Tensor

from tagasc.config import Frontend
from tagasc.frontend.batches import Batch, Batches
from tagasc.frontend.codes import compute_codes
from tagasc.frontend.dataset import SceneDataset
from tagasc.frontend.loss import MixupLoss
from tagasc.frontend.network import SceneNetwork
from tagasc.frontend.tag_layers import TagStandardisation
from tagasc.paper.grid import Cell
from tagasc.runtime.errors import InputError
from tagasc.training.divergence import LossCheck
from tagasc.training.optimizer import Adam


class Trainer:
    """A scene network in training, with its batches, its loss and its optimizer.

    Parameters
    ----------
    cell, seed
        How tags enter the network; seed of its weights and of the batches.
    frontend
        Sizes of the network and recipe of the training.
    sample_rate
        Sample rate of the dataset in Hz.
    dataset
        Clips to learn from and to evaluate on.

    Raises
    ------
    InputError
        If the training clips do not fill a batch, or if the network cannot be compiled.
    """

    def __init__(self, cell: Cell, seed: int, frontend: Frontend, sample_rate: int, dataset: SceneDataset) -> None:
        torch.manual_seed(seed)
        training, (_, channels, samples) = frontend.training, dataset.waveforms.shape
        tags, classes = dataset.tags.shape[1], len(dataset.scenes)
        self.dataset, self.batch_size = dataset, training.batch_size
        self.network = SceneNetwork(cell, frontend.network, channels, tags, classes).to(dataset.device)
        if isinstance(self.network.standardise, TagStandardisation):
            self.network.standardise.fit(dataset.tags[dataset.train])
        self.loss = MixupLoss(training.centre_loss_weight, classes, self.network.code_size).to(dataset.device)
        self.optimizer = Adam(
            self.network.parameters(), training.learning_rate, training.weight_decay, amsgrad=training.amsgrad
        )
        crop = None if training.crop is None else min(round(training.crop * sample_rate), samples)
        self.check_losses = LossCheck(
            f"{cell.name}, seed {seed},",
            "frontend.training",
            "frontend.training.centre_loss_weight",
            dataset.find_problem,
        )
        self.random = default_rng(seed)
        self.batches = Batches(dataset, training, crop, self.random)
        if frontend.network.compile:
            self._compile(next(Batches(dataset, training, crop, default_rng(0)).epoch(1)))

    def train_epoch(self, epoch: int) -> dict[str, Any]:
        """Train one epoch, counted from 1, and return its row of the history.

        Raises
        ------
        InputError
            If the loss is no longer a number.
        """
        started = time.perf_counter()
        self.network.train()
        # Losses stay on the device until the epoch ends: reading one would make the host wait for that step.
        losses: list[Tensor] = []
        correct = torch.zeros((), device=self.dataset.device)
        for batch in self.batches.epoch(epoch):
            loss, correct_in_batch = self.loss(*self.network(batch.waveform, batch.tags), batch)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            losses.append(loss.detach())
            correct += correct_in_batch
        values = torch.stack(losses).cpu().numpy()  # waits for the device, so the clock is read afterwards
        seconds = time.perf_counter() - started
        rate = self.optimizer.learning_rate
        self.check_losses(values, epoch, rate)
        clips = len(values) * self.batch_size
        return {
            "epoch": epoch,
            "loss": float(values.mean(dtype=np.float64)),
            "train_accuracy": float(correct) / clips,
            "learning_rate": rate,
            "seconds": round(seconds, 3),
            "clips_per_second": round(clips / seconds, 1),
            "peak_memory_mb": self._peak_memory(),
        }

    def evaluate(self) -> tuple[NDArray[np.float32], float]:
        """Return the codes (clips, code) of all clips, and the output layer's accuracy on the evaluation clips."""
        codes, predicted = compute_codes(self.network, self.dataset, self.batch_size)
        rows = self.dataset.evaluate
        return codes, float((predicted[rows] == self.dataset.labels[rows].cpu().numpy()).mean())

    def _compile(self, batch: Batch) -> None:
        """Compile the network on a batch, before the clock of the epochs starts, and log how long it took.

        Raises
        ------
        InputError
            If compilation fails, for instance because there is no compiler.
        """
        from torch._dynamo.exc import BackendCompilerFailed  # noqa: PLC0415 - takes as long as importing torch itself

        started = time.perf_counter()
        before = {name: value.clone() for name, value in self.network.state_dict().items()}
        self.network.train().compile()
        try:
            self.loss(*self.network(batch.waveform, batch.tags), batch)[0].backward()
        except BackendCompilerFailed as error:
            first_line = str(error).strip().splitlines()[0]
            raise InputError(
                f"frontend.network.compile: torch.compile failed ({first_line}); set it to false, or install a "
                f"compiler (g++ for a CPU)"
            ) from None
        self.network.load_state_dict(before)  # batch norm has changed its statistics
        self.optimizer.zero_grad()
        print(f"compiled the network in {time.perf_counter() - started:.0f} s", file=sys.stderr)

    def _peak_memory(self) -> int:
        """Return the peak memory so far in MB: of the GPU, or of the process on a CPU, including the mapped corpus."""
        if self.dataset.device.type == "cuda":
            return torch.cuda.max_memory_allocated(self.dataset.device) // 10**6
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 // 10**6
