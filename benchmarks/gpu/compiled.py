"""What compilation by torch adds to the speed of trainings: by default, and with CUDA graphs."""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from benchmarks.epoch import CLIPS
from benchmarks.gpu.clock import now, peak_memory
from benchmarks.gpu.scenes import ARCHITECTURES, CELLS, scene_trainer
from benchmarks.gpu.sizes import Sizes, Table
from benchmarks.gpu.tagger import random_events, tagger_trainer
from benchmarks.training_step import random_dataset
from tagasc.runtime.device import choose_device

MODES = {"not compiled": None, "compiled": "default", "compiled, with CUDA graphs": "reduce-overhead"}
"""Modes of torch.compile, by what the rows say. On a CPU there are no graphs."""


def compile_scenes(sizes: Sizes, table: Table) -> None:
    """Measure the training of both architectures."""
    where = choose_device(sizes.threads)
    dataset = random_dataset(sizes.batch * sizes.steps, where)
    for name, mode in MODES.items():
        for architecture in ARCHITECTURES:
            trainer = scene_trainer(sizes, architecture, CELLS[0], dataset, sizes.batch, "auto", sizes.precision)
            if mode is not None:
                trainer.run = _compiled(trainer.network, mode)
            first, seconds = _times(trainer.train_epoch, sizes.rounds, where)
            rate = sizes.batch * sizes.steps / seconds
            table.row(
                f"{architecture} {CELLS[0]}, {name}",
                f"{rate:.1f} clips/s, an epoch {CLIPS / rate:.2f} s (computed from {sizes.steps} steps); {first}; "
                f"{peak_memory(where)}",
            )


def compile_tagger(sizes: Sizes, table: Table) -> None:
    """Measure the training of both stages of the tagger."""
    where = choose_device(sizes.threads)
    events = random_events(sizes.slices * sizes.tagger_steps)
    for name, mode in MODES.items():
        for stage in (1, 2):
            trainer = tagger_trainer(sizes, stage, events, where)
            if mode is not None:
                trainer.network.trunk.forward = _compiled(trainer.network.trunk, mode)
            first, seconds = _times(trainer.train_epoch, sizes.rounds, where)
            step = 1e3 * seconds / len(trainer.batches)
            table.row(f"stage {stage}, {name}", f"{step:.1f} ms per step; {first}; {peak_memory(where)}")


def _compiled(module: nn.Module, mode: str) -> Callable[..., Any]:
    """Return what computes as a module does, compiled at its first call."""
    torch.compiler.reset()  # what was compiled before does not count
    return torch.compile(module.forward, mode=mode)


def _times(train_epoch: Callable[[int], dict[str, Any]], rounds: int, where: torch.device) -> tuple[str, float]:
    """Return in words how long the first epoch took, and the seconds of the fastest of the others."""
    started = now(where)
    train_epoch(1)
    first = now(where) - started
    return f"the first epoch took {first:.0f} s", min(train_epoch(epoch)["seconds"] for epoch in range(2, 2 + rounds))
