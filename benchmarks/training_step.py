"""Clips per second of the training loop, compared with a plain loop in eager float32.

The training loop computes in the precision of ``auto``. Network, batch and hardware are the same. The plain loop runs
in its own process and takes turns with tagasc's. The speed of its network alone is printed as well. Clips are random,
of the paper's size: 2 × 480,000 samples.
"""

import multiprocessing
import statistics
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch

from benchmarks.record import arguments, device, report
from benchmarks.reference import ClipFiles, Reference
from tagasc.config import Frontend, Network, Training
from tagasc.frontend.dataset import SceneDataset
from tagasc.frontend.trainer import Trainer
from tagasc.paper.grid import parse
from tagasc.runtime.device import choose_device
from tagasc.runtime.precision import resolve

SAMPLE_RATE, SAMPLES, TAGS, SCENES = 48_000, 480_000, 80, 10


@dataclass(frozen=True)
class Setting:
    """What is trained, and for how many steps."""

    architecture: Literal["table1", "table6"]
    cell: str
    batch: int
    steps: int
    threads: int
    compile: bool = False


def random_dataset(clips: int, where: torch.device) -> SceneDataset:
    """Return random training clips of the paper's size, drawn on the device."""
    generator = torch.Generator(where).manual_seed(0)
    waveforms = torch.empty(clips, 2, SAMPLES, dtype=torch.int16, device=where)
    for row in waveforms:  # one at a time, because drawing takes four times the memory
        row.copy_(torch.randint(-32768, 32768, row.shape, generator=generator, device=where))
    return SceneDataset(
        waveforms=waveforms,
        scale=torch.full((clips,), 1 / 32768, device=where),
        tags=torch.rand(clips, TAGS, generator=generator, device=where),
        labels=torch.randint(SCENES, (clips,), generator=generator, device=where),
        scenes=[str(scene) for scene in range(SCENES)],
        train=slice(0, clips),
        evaluate=slice(0, clips),
        preemphasis=0.97,
        gain=32_000.0,
    )


def trainer_of(setting: Setting, dataset: SceneDataset) -> Trainer:
    """Return the trainer of a cell, with mix-up from the first epoch, in the precision of ``auto``."""
    precision = resolve("auto", dataset.device)
    network = Network(architecture=setting.architecture, precision=precision, compile=setting.compile)
    training = Training(batch_size=setting.batch, mixup_from_epoch=1)
    return Trainer(parse(setting.cell), 0, Frontend(network=network, training=training), SAMPLE_RATE, dataset)


def compare(setting: Setting, rounds: int) -> tuple[float, float, float]:
    """Return the median clips per second of tagasc's loop, of the plain loop, and of the plain network alone."""
    ours = trainer_of(setting, random_dataset(setting.batch * setting.steps, choose_device(setting.threads)))
    own, plain, bare = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        clips = setting.batch * setting.steps
        random = np.random.default_rng(0)
        for row in range(clips):
            np.save(Path(folder, f"{row}.npy"), random.uniform(-1, 1, (2, SAMPLES)).astype(np.float32))
        files = ClipFiles(Path(folder), torch.rand(clips, TAGS), torch.randint(SCENES, (clips,)))
        spawn = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(1, spawn, _start_reference, (setting, files)) as reference:
            ours.train_epoch(1)
            reference.submit(_reference_epoch, "epoch").result()
            for epoch in range(rounds):
                own.append(ours.train_epoch(2 + epoch)["clips_per_second"])
                plain.append(reference.submit(_reference_epoch, "epoch").result())
                bare.append(reference.submit(_reference_epoch, "bare_epoch").result())
    return statistics.median(own), statistics.median(plain), statistics.median(bare)


def describe(setting: Setting, rates: tuple[float, float, float]) -> str:
    """Return a comparison in words."""
    own, plain, bare = rates
    return (
        f"{setting.architecture} {setting.cell}, batch {setting.batch}: {own:.1f} clips/s in "
        f"{resolve('auto', device())}; plain loop {plain:.2f} clips/s, {plain / bare:.0%} of the bare network's "
        f"{bare:.2f}; ratio {own / plain:.2f}"
    )


_reference: Reference


def _start_reference(setting: Setting, files: ClipFiles) -> None:
    global _reference  # noqa: PLW0603 - the initialiser of a process has no other way to its tasks
    torch.set_num_threads(setting.threads)
    network, on_gpu = Network(architecture=setting.architecture), device().type == "cuda"
    workers = 8 if on_gpu else 1
    _reference = Reference(parse(setting.cell), network, files, setting.batch, workers, device().type)


def _reference_epoch(kind: Literal["epoch", "bare_epoch"]) -> float:
    return _reference.epoch() if kind == "epoch" else _reference.bare_epoch()


def main() -> None:
    """Compare one setting. The last line is "ratio N.NN"."""
    on_gpu = device().type == "cuda"
    parser = arguments(__doc__)
    parser.add_argument("--architecture", choices=["table1", "table6"], default="table6")
    parser.add_argument("--cell", default="baseline")
    parser.add_argument("--batch", type=int, default=24 if on_gpu else 4)
    parser.add_argument("--steps", type=int, default=20 if on_gpu else 2, help="steps per turn")
    parser.add_argument("--rounds", type=int, default=4, help="turns of each loop; the median counts")
    parser.add_argument("--compile", action="store_true", help="compile tagasc's network before the clock starts")
    given = parser.parse_args()
    setting = Setting(given.architecture, given.cell, given.batch, given.steps, given.threads, given.compile)
    rates = compare(setting, given.rounds)
    report("training step", describe(setting, rates), record=given.record)
    print(f"ratio {rates[0] / rates[1]:.2f}")


if __name__ == "__main__":
    main()
