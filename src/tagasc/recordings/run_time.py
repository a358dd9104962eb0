"""How long the trainings of an experiment take on this machine: measured, not guessed."""

import os
import time
from dataclasses import dataclass

import torch

from tagasc.config import Experiment, Frontend
from tagasc.frontend.dataset import SceneDataset
from tagasc.frontend.trainer import Trainer
from tagasc.paper.grid import Cell
from tagasc.recordings.headers import ClipFormat
from tagasc.runtime.precision import resolve

_THREADS = 4  # of rule train_cell, where there are as many cores
_BUDGET = 5.0  # seconds of measured steps
_STEPS = 3
_TAGS = 80  # of FSDKaggle2019; the baseline takes none
_FEW = 2  # clips of a first, short step: the whole batch of a large network could fill the memory


@dataclass(frozen=True)
class Timing:
    """The measured time of training steps.

    Parameters
    ----------
    seconds
        Seconds per step of a whole batch.
    steps, clips
        Number of measured steps, and of their clips if they were no whole batches.
    where
        The processor.
    at_a_time
        Number of trainings that a run does at the same time.
    busy
        Whether other programs kept the processor busy.
    """

    seconds: float
    steps: int
    clips: int | None
    where: str
    at_a_time: int = 1
    busy: bool = False

    def line(self, experiment: Experiment, training_clips: int) -> str:
        """Return how long all trainings of an experiment take.

        >>> timing = Timing(0.2, 3, None, "this machine's 2 cores")
        >>> timing.line(Experiment(cells=["baseline", "codecat"]), 9185)
        "Trainings: about 3.8 hours for 2 trainings on this machine's 2 cores, from 3 measured steps. ..."
        """
        cells = experiment.trained_cells
        total = 0.0
        for cell in cells:
            training = experiment.frontend.recipe(cell).training
            total += self.seconds * training.epochs * (training_clips // training.batch_size)
        count = len(cells) * len(experiment.seeds)
        total *= len(experiment.seeds) / min(self.at_a_time, count)
        few = f" of {self.clips} clips" if self.clips else ""
        busy = " Other programs kept the processor busy; without them, it is less." if self.busy else ""
        return (
            f"Trainings: about {format_seconds(total)} for {count} training{'s' * (count > 1)} "
            f"on {self.where}, from {self.steps} measured step{'s' * (self.steps > 1)}{few}. Not included: packing, "
            f"the tagger and its tags, codes, and scoring.{busy}"
        )


def measure_step(frontend: Frontend, clips: ClipFormat, scenes: int) -> Timing:
    """Time steps of the baseline's training on random data; a few seconds in all.

    Whole batches are measured if they are quick, or on a GPU. Otherwise, the time of steps of two clips is scaled.

    Parameters
    ----------
    frontend
        The network and its training.
    clips
        Format of the clips.
    scenes
        Number of scenes.
    """
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    batch, cores, threads = frontend.training.batch_size, usable_cores(), torch.get_num_threads()
    busy = os.getloadavg()[0] > 0.7 * cores
    torch.set_num_threads(min(cores, _THREADS))
    try:
        size = _FEW
        seconds, steps = _time(frontend, clips, scenes, size, device)
        if device.type == "cuda" or seconds * batch / size * (_STEPS + 1) < _BUDGET:
            size = batch
            seconds, steps = _time(frontend, clips, scenes, size, device)
    finally:
        torch.set_num_threads(threads)
    step, few = seconds * batch / size, None if size == batch else size
    if device.type == "cuda":
        return Timing(step, steps, few, f"this machine's {torch.cuda.get_device_name(device)}")
    where = f"this machine's {cores} core{'s' * (cores > 1)}"
    return Timing(step, steps, few, where, max(cores // _THREADS, 1), busy)


def usable_cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def format_seconds(seconds: float) -> str:
    """Return a duration in the unit that suits it.

    >>> [format_seconds(seconds) for seconds in (0.2, 75, 2400, 9000, 400000)]
    ['1 second', '75 seconds', '40 minutes', '2.5 hours', '4.6 days']
    """
    for unit, size, upto in (("second", 1, 90), ("minute", 60, 5400), ("hour", 3600, 172_800)):
        if seconds < upto:
            value = seconds / size
            text = f"{max(round(value), 1)}" if unit != "hour" else f"{value:.2g}"
            return f"{text} {unit}{'s' * (text != '1')}"
    return f"{seconds / 86400:.2g} days"


def _time(frontend: Frontend, clips: ClipFormat, scenes: int, batch: int, device: torch.device) -> tuple[float, int]:
    """Return the seconds of a step, and the number of measured steps.

    The first step takes several times as long as others, so that it counts only if it lasts too long for another one.
    """
    training = frontend.training.model_copy(update={"batch_size": batch})
    precision = resolve(frontend.network.precision, device)
    network = frontend.network.model_copy(update={"compile": False, "precision": precision})
    frontend = frontend.model_copy(update={"training": training, "network": network})
    noise = torch.Generator().manual_seed(0)
    waveforms = torch.randint(-3000, 3000, (batch, clips.channels, clips.samples), dtype=torch.int16, generator=noise)
    dataset = SceneDataset(
        waveforms=waveforms.to(device),
        scale=torch.full((batch,), 1 / 32767, device=device),
        tags=torch.rand((batch, _TAGS), generator=noise).to(device),
        labels=torch.arange(batch, device=device) % scenes,
        scenes=[str(scene) for scene in range(scenes)],
        train=slice(0, batch),
        evaluate=slice(0, batch),
        preemphasis=training.preemphasis,
        gain=training.gain,
    )
    trainer = Trainer(Cell("baseline"), 0, frontend, clips.sample_rate, dataset)
    started = time.perf_counter()
    trainer.train_epoch(1)
    first = time.perf_counter() - started
    if first > 4 * _BUDGET:
        return first, 1
    steps = max(min(_STEPS, int(_BUDGET / first) - 1), 1)
    started = time.perf_counter()
    for _ in range(steps):
        trainer.train_epoch(1)
    return (time.perf_counter() - started) / steps, steps
