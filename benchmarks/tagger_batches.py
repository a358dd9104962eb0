"""Batches of the tagger, made for all clips of a step at once, compared with a plain loop that makes them clip by clip.

Clips are random, of 3 to 15 s and with the paper's 128 bands. A step of stage 2 has 64 curated, noisy and soft-labelled
clips each. The host's share is that of the same batches with two frames of two bands, of as many clips as FSDKaggle2019
has.
"""

import time
from collections.abc import Callable
from functools import partial
from itertools import chain, count
from statistics import median

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torchaudio.functional import amplitude_to_DB

from benchmarks.gpu.tagger import BANDS, events_of, make_batches, random_events
from benchmarks.record import arguments, device, report
from tagasc.artifacts.events import EventCorpus
from tagasc.config import Features, TaggerTraining
from tagasc.corpora.fsdkaggle2019 import CLIPS as FSDKAGGLE2019
from tagasc.runtime.allocator import keep_freed_memory

CLIPS = 256  # clips of each kind are four batches: an epoch has no smaller one


class PlainLoop:
    """The same batches in plain NumPy and PyTorch: clip by clip, then decibels of the batch."""

    def __init__(self, events: EventCorpus, training: TaggerTraining, where: torch.device) -> None:
        self.events, self.training, self.where = events, training, where
        self.random, self.features = np.random.default_rng(0), Features()

    def step(self) -> None:
        """Make the three batches of a step."""
        for first, last in ((0, CLIPS), (CLIPS, 2 * CLIPS), (0, 2 * CLIPS)):
            self.batch(self.random.integers(first, last, self.training.batch_size))

    def batch(self, rows: NDArray[np.int64]) -> Tensor:
        """Return the spectrograms of these clips."""
        power = np.stack([self.slice(row) for row in rows])
        for clip in np.flatnonzero(self.random.random(len(rows)) < self.training.mixup_probability):
            share = np.float32(self.random.beta(1, 1))
            power[clip] = share * power[clip] + (1 - share) * self.slice(self.random.choice(rows))
        for clip in np.flatnonzero(self.random.random(len(rows)) < self.training.mask_probability):
            (low, high), centre = self.training.mask_half_width, self.random.uniform(0, BANDS)
            half = self.random.uniform(low, high)
            power[clip, :, max(0, int(centre - half)) : int(centre + half)] = 0
        level = amplitude_to_DB(torch.from_numpy(power).to(self.where)[:, None], 10.0, self.features.amin, 0.0, 80.0)
        deviation = level.std(dim=(1, 2, 3), keepdim=True, correction=0)
        return (level - level.mean(dim=(1, 2, 3), keepdim=True)) / (deviation + 1e-7)

    def slice(self, row: int) -> NDArray[np.float32]:
        """Return a random slice of a clip, cropped in half of the cases."""
        power, length = self.events.power(row), self.training.slice_frames
        if len(power) > length:
            start = self.random.integers(len(power) - length + 1)
            power = power[start : start + length]
        kept = len(power) if self.random.random() < 0.5 else int(self.random.uniform(0.25, 1) * len(power))
        first, offset = self.random.integers(len(power) - kept + 1), self.random.integers(length - kept + 1)
        placed = np.zeros((length, power.shape[1]), np.float32)
        placed[offset : offset + kept] = power[first : first + kept]
        return placed


def milliseconds(step: Callable[[], object], steps: int, where: torch.device) -> float:
    """Return the median time of a step, over three turns after a first one."""
    times = []
    for _ in range(4):
        started = time.perf_counter()
        for _ in range(steps):
            step()
        if where.type == "cuda":
            torch.cuda.synchronize()
        times.append((time.perf_counter() - started) / steps * 1000)
    return median(times[1:])


def main() -> None:
    """Time both on one thread, or on a GPU."""
    parser = arguments(__doc__)
    parser.set_defaults(threads=1)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    where = device()
    keep_freed_memory()
    events, training = random_events(CLIPS), TaggerTraining()
    batches, plain = make_batches(2, events, training, where), PlainLoop(events, training, where)
    short = events_of(np.full(FSDKAGGLE2019["curated"] + FSDKAGGLE2019["noisy"], 2), FSDKAGGLE2019["curated"], bands=2)
    few_values = training.model_copy(update={"slice_frames": 2, "mask_half_width": [0, 1]})
    host = make_batches(2, short, few_values, where)

    # Whole epochs, because an epoch begins with all of its draws.
    own, host_share = (
        milliseconds(partial(next, chain.from_iterable(made.epoch(number) for number in count(1))), steps, where)
        for made, steps in ((batches, 2 * len(batches)), (host, len(host)))
    )
    others = milliseconds(plain.step, 2, where)
    report(
        "tagger batches",
        f"stage 2, 3 × 64 slices of 512 frames, {given.threads} thread(s): {own:.1f} ms per step, of which the host "
        f"{host_share:.1f} ms; plain loop {others:.1f} ms; ratio {others / own:.2f}",
        record=given.record,
    )


if __name__ == "__main__":
    main()
