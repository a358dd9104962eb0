"""Time and memory of a device that works while the host goes on."""

import resource
import statistics
import time
from collections.abc import Callable, Iterable
from typing import TypeVar

import torch

T = TypeVar("T")


def now(where: torch.device) -> float:
    """Return the time in s at which the device has finished all of its work."""
    if where.type == "cuda":
        torch.cuda.synchronize(where)
    return time.perf_counter()


def host_seconds(batches: Iterable[T], step: Callable[[T], object], where: torch.device) -> float:
    """Return the median of the seconds after which a step returns that finds the device idle.

    This is the time that the host needs, unless a step waits for the device. On a CPU, it is the time of the step.
    """
    seconds: list[float] = []
    iterator = iter(batches)
    while True:
        started = now(where)
        try:
            step(next(iterator))
        except StopIteration:
            return statistics.median(seconds)
        seconds.append(time.perf_counter() - started)


def peak_memory(where: torch.device) -> str:
    """Return the peak memory of the device since the last call in words; on a CPU, of the process since its start."""
    if where.type == "cuda":
        peak = torch.cuda.max_memory_allocated(where)
        torch.cuda.reset_peak_memory_stats(where)
    else:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return f"peak memory {peak / 1e9:.2f} GB"
