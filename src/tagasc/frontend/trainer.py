"""One epoch of the training of a scene network, after Jung et al. (2019) [22]: the paper prints no hyper-parameters."""

import resource
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.random import default_rng
from numpy.typing import NDArray
from torch import Tensor, nn

from tagasc.artifacts.weights import MODEL, read_weights
from tagasc.config import Frontend, training_key
from tagasc.frontend.batches import Batches
from tagasc.frontend.codes import compute_codes
from tagasc.frontend.compilation import Run, compile_network, pays
from tagasc.frontend.dataset import SceneDataset
from tagasc.frontend.distillation import DistillationLoss, SpecialistBatches, StudentBatches
from tagasc.frontend.loss import CentreLoss, MixupLoss
from tagasc.frontend.memory import step_memory
from tagasc.frontend.network import SceneNetwork
from tagasc.frontend.start import load_start
from tagasc.frontend.tag_layers import TagStandardisation
from tagasc.paper.grid import Cell
from tagasc.runtime.device import device_name
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
    teachers
        Weights of the cell that a specialist or student starts from and, for a student, of its specialists.
    scenes
        The two scenes of a specialist.
    start
        The bundle from whose network another cell starts.

    Raises
    ------
    InputError
        If the training clips do not fill a batch, or if weights are damaged or those of another network.
    """

    def __init__(
        self,
        cell: Cell,
        seed: int,
        frontend: Frontend,
        sample_rate: int,
        dataset: SceneDataset,
        teachers: Sequence[Path] = (),
        scenes: tuple[str, str] | None = None,
        start: Path | None = None,
    ) -> None:
        torch.manual_seed(seed)
        self.cell, self.frontend, self.training = cell, frontend, frontend.training
        self.dataset, self.scenes = dataset, scenes
        self.crop = self.training.crop_samples(dataset.waveforms.shape[2], sample_rate)
        self.network = self._make_network()
        if teachers:
            read_weights(MODEL, teachers[0], self.network)
        elif start is not None:
            load_start(self.network, start, dataset.tag_labels, dataset.scenes)
        if not teachers and isinstance(self.network.standardise, TagStandardisation):
            self.network.standardise.fit(dataset.tags[dataset.train])
        self.loss = self._make_loss(teachers).to(dataset.device)
        self.optimizer = Adam(
            [*self.network.parameters(), *self.loss.parameters()],
            self.training.learning_rate,
            self.training.weight_decay,
            amsgrad=self.training.amsgrad,
        )
        self.check_losses = LossCheck(
            f"{cell.name}, seed {seed},",
            training_key(cell, "learning_rate"),
            training_key(cell, "centre_loss_weight"),
            dataset.find_problem,
        )
        self.random = default_rng(seed if cell.specialist is None else [seed, cell.specialist])
        # Last, when the memory that is left on a GPU is for clips and steps.
        self.dataset = dataset.with_training_clips_on_gpu(self._step_memory())
        self.batches = self._make_batches(self.random)
        self.run: Run = self.network
        self.may_compile, self.seconds = frontend.network.compile, 0.0
        if dataset.device.type == "cuda":
            torch.backends.cudnn.benchmark = True  # all steps have the same shapes

    def _make_network(self) -> SceneNetwork:
        channels, tags, classes = self.dataset.waveforms.shape[1], self.dataset.tags.shape[1], len(self.dataset.scenes)
        network = SceneNetwork(self.cell, self.frontend.network, channels, tags, classes)
        return network.to(self.dataset.device)

    def _make_loss(self, teachers: Sequence[Path]) -> MixupLoss | DistillationLoss:
        weight, sizes = self.training.centre_loss_weight, (len(self.dataset.scenes), self.network.code_size)
        if not self.cell.is_student:
            return MixupLoss(CentreLoss(weight, *sizes) if weight else None)
        centres = CentreLoss(weight, *sizes, learned_at=self.training.learning_rate) if weight else None
        networks = [self._make_network() for _ in teachers]
        for path, network in zip(teachers, networks, strict=True):
            read_weights(MODEL, path, network)
        return DistillationLoss(networks, self.frontend.distillation.student.temperature, centres)

    def _make_batches(self, random: np.random.Generator) -> Batches:
        if self.scenes is not None:
            return SpecialistBatches(self.dataset, self.training, self.crop, random, self.scenes)
        kind = StudentBatches if self.cell.is_student else Batches
        return kind(self.dataset, self.training, self.crop, random)

    def _step_memory(self) -> int:
        """Return the bytes that a step needs on the device, next to the training clips."""
        _, channels, samples = self.dataset.waveforms.shape
        heard = 2 * samples if self.cell.is_student else 0  # joined clips
        return step_memory(self.frontend.network, self.training.batch_size, channels, self.crop or samples, heard)

    @property
    def learned(self) -> nn.Module:
        """Everything that the training changes, for its checkpoints."""
        return nn.ModuleList([self.network, self.loss])

    def train_epoch(self, epoch: int) -> dict[str, Any]:
        """Train one epoch, counted from 1, and return its row of the history.

        Raises
        ------
        InputError
            If the loss is no longer a number, or if the network has to be compiled and cannot be.
        """
        self._compile(self.training.epochs - epoch + 1)
        started = time.perf_counter()
        self.network.train()
        self.optimizer.learning_rate = self.training.learning_rate_at(epoch)
        # Losses stay on the device until the epoch ends: reading one would make the host wait for that step.
        losses: list[Tensor] = []
        correct = torch.zeros((), device=self.dataset.device)
        for batch in self.batches.epoch(epoch):
            loss, correct_in_batch = self.loss(*self.run(batch.waveform, batch.tags), batch)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            losses.append(loss.detach())
            correct += correct_in_batch
        values = torch.stack(losses).cpu().numpy()  # waits for the device, so the clock is read afterwards
        self.seconds = seconds = time.perf_counter() - started
        rate = self.optimizer.learning_rate
        self.check_losses(values, epoch, rate)
        clips = len(values) * self.training.batch_size
        return {
            "epoch": epoch,
            "loss": float(values.mean(dtype=np.float64)),
            "train_accuracy": float(correct) / clips,
            "learning_rate": rate,
            "seconds": round(seconds, 3),
            "clips_per_second": round(clips / seconds, 1),
            "peak_memory_mb": self._peak_memory(),
            "device": device_name(self.dataset.device),
            "precision": self.frontend.network.precision,
        }

    def evaluate(self, *, one_by_one: bool = False) -> tuple[NDArray[np.float32], float]:
        """Return the codes (clips, code) of all clips, and the output layer's accuracy on the evaluation clips.

        On a CPU, the last bits of a code depend on the size of its batch. With ``one_by_one``, each clip is a batch of
        its own, so that whoever computes the code of one file finds the same bits.
        """
        size = 1 if one_by_one and self.dataset.device.type == "cpu" else self.training.batch_size
        codes, predicted = compute_codes(self.network, self.dataset, size)
        rows = self.dataset.evaluate
        return codes, float((predicted[rows] == self.dataset.labels[rows].cpu().numpy()).mean())

    def _compile(self, epochs_left: int) -> None:
        """Compile the network once, before the clock of an epoch starts: if it is wanted, or if it pays."""
        wanted = self.may_compile
        if wanted is False or (wanted == "auto" and not pays(self.dataset.device, self.seconds * epochs_left)):
            return
        self.may_compile = False
        batch = next(self._make_batches(default_rng(0)).epoch(1))
        self.run = compile_network(
            self.network, wanted, lambda run: self.loss(*run(batch.waveform, batch.tags), batch)[0].backward()
        )
        self.optimizer.zero_grad()

    def _peak_memory(self) -> int:
        """Return the peak memory so far in MB: of the GPU, or of the process on a CPU, including the mapped corpus."""
        if self.dataset.device.type == "cuda":
            return torch.cuda.max_memory_allocated(self.dataset.device) // 10**6
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 // 10**6
