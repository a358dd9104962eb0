"""How fast scene networks are trained and compute codes."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from benchmarks.ceilings import arithmetic, bandwidth
from benchmarks.epoch import CLIPS, bytes_moved
from benchmarks.gpu.clock import host_seconds, now, peak_memory
from benchmarks.gpu.sizes import Precision, Sizes, Table
from benchmarks.record import machine
from benchmarks.reference import ClipFiles, Reference
from benchmarks.training_step import SAMPLE_RATE, SAMPLES, SCENES, TAGS, random_dataset
from tagasc.config import Frontend, Network, Training
from tagasc.config.network import Architecture
from tagasc.config.section import Crop
from tagasc.frontend.batches import Batch
from tagasc.frontend.cost import cost
from tagasc.frontend.dataset import SceneDataset
from tagasc.frontend.trainer import Trainer
from tagasc.paper.grid import parse
from tagasc.runtime.device import choose_device
from tagasc.runtime.errors import InputError

ARCHITECTURES: tuple[Architecture, ...] = ("table1", "table6")
CELLS = ("baseline", "shared-heads4-layers3")


def scene_trainer(
    sizes: Sizes,
    architecture: Architecture,
    cell: str,
    dataset: SceneDataset,
    batch: int,
    crop: Crop,
    precision: Precision,
) -> Trainer:
    """Return the trainer of a cell, with mix-up from the first epoch."""
    network = Network(architecture=architecture, precision=precision, filters=sizes.filters, blocks=sizes.blocks)
    training = Training(batch_size=batch, crop=crop, mixup_from_epoch=1)
    return Trainer(parse(cell), 0, Frontend(network=network, training=training), SAMPLE_RATE, dataset)


def describe_machine(sizes: Sizes, table: Table) -> None:
    """Print hardware and versions, and the limits of the hardware.

    Raises
    ------
    InputError
        If there is no GPU, and the sizes are the paper's.
    """
    where = choose_device(sizes.threads)
    if sizes.of_paper and where.type == "cpu":
        raise InputError("torch sees no GPU; add --miniature to try the command on a CPU")
    table.print("hardware", machine())
    peak, copied = _ceilings(sizes, where)
    table.row(
        "ceilings", f"{peak / 1e12:.3g} TFLOP/s (product of matrices in bfloat16), {copied / 1e9:.4g} GB/s (copy)"
    )


def train_table1(sizes: Sizes, table: Table) -> None:
    """Measure the training of the network of Table 1."""
    _train(sizes, table, "table1")


def train_table6(sizes: Sizes, table: Table) -> None:
    """Measure the training of the network of Table 6."""
    _train(sizes, table, "table6")


def _train(sizes: Sizes, table: Table, architecture: Architecture) -> None:
    where = choose_device(sizes.threads)
    ceilings = _ceilings(sizes, where)
    clips = sizes.batch * sizes.steps
    dataset = random_dataset(clips, where)
    with tempfile.TemporaryDirectory() as folder:
        files = _write_clips(Path(folder), clips)
        for cell in CELLS:
            what = f"{architecture} {cell}"
            trainer = scene_trainer(sizes, architecture, cell, dataset, sizes.batch, "auto", sizes.precision)
            rate = _rate(trainer, sizes.rounds)
            speed = f"{rate:.1f} clips/s in {sizes.precision}, batch {sizes.batch}; an epoch {CLIPS / rate:.2f} s"
            table.row(what, f"{speed} (computed from {sizes.steps} steps); {peak_memory(where)}")
            host = host_seconds(trainer.batches.epoch(1), trainer_step(trainer), where)
            table.row(what, f"{1e3 * sizes.batch / rate:.2f} ms per step; host {1e3 * host:.2f} ms per step")
            table.row(
                what,
                _share(trainer, ceilings, CLIPS / rate) if sizes.of_paper else "no share: sizes are not the paper's",
            )
            settings = trainer.frontend.network
            del trainer
            workers = 8 if where.type == "cuda" else 0
            plain = Reference(parse(cell), settings, files, sizes.batch, workers, where.type)
            plain_rate = [plain.epoch() for _ in range(2)][1]
            table.row(
                what,
                f"plain loop in float32 {plain_rate:.2f} clips/s; ratio {rate / plain_rate:.2f}; {peak_memory(where)}",
            )
            del plain


def _rate(trainer: Trainer, rounds: int) -> float:
    """Return the clips per second of the fastest epoch, after one that does not count."""
    trainer.train_epoch(1)
    return max(trainer.train_epoch(epoch)["clips_per_second"] for epoch in range(2, 2 + rounds))


def trainer_step(trainer: Trainer) -> Callable[[Batch], None]:
    """Return a function that trains one step, as `Trainer.train_epoch` does."""

    def step(batch: Batch) -> None:
        loss, _ = trainer.loss(*trainer.network(batch.waveform, batch.tags), batch)
        trainer.optimizer.zero_grad()
        loss.backward()
        trainer.optimizer.step()

    return step


def _ceilings(sizes: Sizes, where: torch.device) -> tuple[float, float]:
    """Return the operations and the bytes per second that the hardware reaches."""
    return (
        (arithmetic(where), bandwidth(where)) if sizes.of_paper else (arithmetic(where, 256), bandwidth(where, 1 << 20))
    )


def _share(trainer: Trainer, ceilings: tuple[float, float], seconds: float) -> str:
    """Return in words which part of the hardware's speed an epoch reaches."""
    settings = trainer.frontend.network
    macs = cost(trainer.cell, settings, TAGS, SCENES, 2, SAMPLES).macs
    floor = CLIPS * 6 * macs / ceilings[0], CLIPS * bytes_moved(settings.architecture) / ceilings[1]
    return (
        f"{max(floor) / seconds:.0%} of the ceilings, {floor[0]:.2f} s per epoch (arithmetic) and {floor[1]:.2f} s "
        f"(bandwidth)"
    )


def _write_clips(folder: Path, clips: int) -> ClipFiles:
    """Write files for the plain loop. One in ten has a content of its own, to save time."""
    random = np.random.default_rng(0)
    for row in range(clips):
        path, first = folder / f"{row}.npy", folder / f"{row // 10 * 10}.npy"
        if path == first:
            np.save(path, random.uniform(-1, 1, (2, SAMPLES)).astype(np.float32))
        else:
            os.link(first, path)
    return ClipFiles(folder, torch.rand(clips, TAGS), torch.randint(SCENES, (clips,)))


def compute_codes(sizes: Sizes, table: Table) -> None:
    """Measure codes of whole clips."""
    clips = sizes.batch * sizes.steps
    dataset = random_dataset(clips, choose_device(sizes.threads))
    trainer = scene_trainer(sizes, "table1", CELLS[0], dataset, sizes.batch, "auto", sizes.precision)
    trainer.evaluate()
    started = now(dataset.device)
    trainer.evaluate()
    rate = clips / (now(dataset.device) - started)
    table.row(f"table1 {CELLS[0]}", f"{rate:.1f} clips/s from int16 to codes, batch {sizes.batch}")
