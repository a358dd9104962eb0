"""Whether trainings of scene networks on this device are right."""

import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.func import functional_call

from benchmarks.gpu.scenes import ARCHITECTURES, CELLS, scene_trainer
from benchmarks.gpu.sizes import Precision, Sizes, Table
from benchmarks.training_step import random_dataset
from tagasc.artifacts.weights import MODEL
from tagasc.frontend.batches import Batch
from tagasc.frontend.dataset import SceneDataset
from tagasc.frontend.trainer import Trainer
from tagasc.runtime.device import choose_device
from tagasc.training.session import TrainingSession

STEPS, BATCH, EPOCHS = 20, 8, 3
PRECISIONS: tuple[Precision, ...] = ("float32", "bfloat16")
FIRST_OF_FLOAT32, ALL_OF_FLOAT32 = 1e-4, 0.02
"""Allowed differences of losses, as shares: of the first step, and of all.

On a CPU (AMD EPYC with AVX2, torch 2.14.1), losses of two implementations in float32 differ by at most 0.5 %.
"""
FIRST_OF_BFLOAT16, ALL_OF_BFLOAT16 = 0.01, 0.05
"""On the same CPU, losses in bfloat16 differ from float32 by at most 0.02 % in the first step, and 1.8 % in all."""

ALL_OF_RESUMED = 1e-3
"""On a CPU, losses are the same bit for bit. On a GPU, sums are added in any order."""


def compare_with_cpu(sizes: Sizes, table: Table) -> None:
    """Compare losses in float32 with those of the CPU."""
    where = choose_device(sizes.threads)
    _forbid_tf32()
    dataset = random_dataset(BATCH, torch.device("cpu"))
    for architecture, cell in zip(ARCHITECTURES, CELLS, strict=True):
        expected, found = (
            _losses(scene_trainer(sizes, architecture, cell, clips, BATCH, sizes.crop, "float32"))
            for clips in (dataset, _moved(dataset, where))
        )
        compare_losses(table, f"{architecture} {cell}, CPU", expected, found, FIRST_OF_FLOAT32, ALL_OF_FLOAT32)


def compare_precisions(sizes: Sizes, table: Table) -> None:
    """Compare losses in bfloat16 with those in float32 on the same device."""
    where = choose_device(sizes.threads)
    _forbid_tf32()
    dataset = random_dataset(BATCH, where)
    for architecture, cell in zip(ARCHITECTURES, CELLS, strict=True):
        expected, found = (
            _losses(scene_trainer(sizes, architecture, cell, dataset, BATCH, sizes.crop, precision))
            for precision in PRECISIONS
        )
        compare_losses(table, f"{architecture} {cell}, float32", expected, found, FIRST_OF_BFLOAT16, ALL_OF_BFLOAT16)


def resume(sizes: Sizes, table: Table) -> None:
    """Compare a training that was stopped after its first epoch with one that was not."""
    dataset = random_dataset(2 * BATCH, choose_device(sizes.threads))
    with tempfile.TemporaryDirectory() as name:
        trainers = [scene_trainer(sizes, "table1", CELLS[1], dataset, BATCH, sizes.crop, "float32") for _ in range(3)]
        whole = _train(trainers[0], Path(name, "whole"))
        stopped = _train(trainers[1], Path(name, "stopped"), stop_in=2)
        resumed = _train(trainers[2], Path(name, "stopped"))
    continued = resumed[0] == stopped[0]  # with the seconds that it took
    same = trainers[0].random.bit_generator.state == trainers[2].random.bit_generator.state
    difference = max(abs(found["loss"] / row["loss"] - 1) for found, row in zip(resumed, whole, strict=True))
    table.check(
        f"stopped after epoch 1 of {EPOCHS}",
        f"{'resumed' if continued else 'NOT resumed'}; draws are {'the same' if same else 'OTHERS'}; losses differ by "
        f"at most {difference:.1e} (allowed {ALL_OF_RESUMED:.0e})",
        passed=continued and same and difference <= ALL_OF_RESUMED,
    )


def compare_with_fake(sizes: Sizes, table: Table) -> None:
    """Compare shapes, types and devices of a step with those of fake tensors, which the tests use without a GPU."""
    dataset = random_dataset(sizes.batch, choose_device(sizes.threads))
    for architecture, cell in zip(ARCHITECTURES, CELLS, strict=True):
        trainer = scene_trainer(sizes, architecture, cell, dataset, sizes.batch, "auto", sizes.precision)
        trainer.network.train()
        batch = next(trainer.batches.epoch(1))
        state = dict(trainer.network.named_parameters()) | dict(trainer.network.named_buffers())
        real = _describe(_step(trainer, state, batch))
        with FakeTensorMode() as mode:
            fake_state = {name: mode.from_tensor(tensor) for name, tensor in state.items()}
            parts = {name: mode.from_tensor(part) for name, part in vars(batch).items() if isinstance(part, Tensor)}
            fake = _describe(_step(trainer, fake_state, replace(batch, **parts)))
        wrong = [name for name in real if real[name] != fake[name]]
        table.check(
            f"{architecture} {cell}, fake tensors",
            f"{len(real)} outputs and gradients of a step, others than those of fake tensors: {wrong or 'none'}",
            passed=not wrong,
        )


def _step(trainer: Trainer, state: Mapping[str, Tensor], batch: Batch) -> dict[str, Tensor]:
    """Return what a step computes, by name."""
    code, scores = functional_call(trainer.network, dict(state), (batch.waveform, batch.tags))
    loss, correct = trainer.loss(code, scores, batch)
    learned = {name: tensor for name, tensor in state.items() if isinstance(tensor, nn.Parameter)}
    gradients = torch.autograd.grad(loss, list(learned.values()))
    named = {f"gradient of {name}": gradient for name, gradient in zip(learned, gradients, strict=True)}
    return {"code": code, "scores": scores, "loss": loss, "correct": correct, **named}


def _describe(tensors: Mapping[str, Tensor]) -> dict[str, tuple[torch.Size, torch.dtype, torch.device]]:
    return {name: (tensor.shape, tensor.dtype, tensor.device) for name, tensor in tensors.items()}


def _losses(trainer: Trainer) -> NDArray[np.float64]:
    """Return the losses of epochs of one step each."""
    return np.array([trainer.train_epoch(epoch)["loss"] for epoch in range(1, STEPS + 1)])


def compare_losses(
    table: Table,
    what: str,
    expected: NDArray[np.float64],
    found: NDArray[np.float64],
    allowed_first: float,
    allowed: float,
) -> None:
    """Add the row that compares the losses of steps."""
    differences = np.abs(found / expected - 1)
    first, largest = float(differences[0]), float(differences.max())
    table.check(
        f"losses of {STEPS} steps, {what}",
        f"they differ by {first:.1e} in the first step (allowed {allowed_first:.0e}), at most {largest:.1e} "
        f"(allowed {allowed:.0e}); the last is {found[-1]:.3f}, expected {expected[-1]:.3f}",
        passed=first <= allowed_first and largest <= allowed,  # NaN is not
    )


def _train(trainer: Trainer, folder: Path, stop_in: int | None = None) -> list[dict[str, Any]]:
    """Train all epochs, or until the beginning of one as if the job were stopped there, and return the history."""
    folder.mkdir(exist_ok=True)
    session = TrainingSession(folder, {}, [], MODEL, trainer.learned, trainer.optimizer, trainer.random, interval=0.0)
    with suppress(KeyboardInterrupt), session:
        for epoch in session.epochs(EPOCHS, "resume"):
            if epoch == stop_in:
                raise KeyboardInterrupt
            session.history.append(trainer.train_epoch(epoch))
    return session.history


def _moved(dataset: SceneDataset, where: torch.device) -> SceneDataset:
    """Return a dataset with all of its tensors on a device."""
    tensors: dict[str, Any] = {name: part.to(where) for name, part in vars(dataset).items() if isinstance(part, Tensor)}
    return replace(dataset, **tensors)


def _forbid_tf32() -> None:
    """Compute products of float32 in float32: cuDNN's convolutions have ten bits by default."""
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cuda.matmul.allow_tf32 = False
