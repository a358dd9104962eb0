"""The limits of the hardware in bfloat16: arithmetic of a large matrix product, and memory bandwidth of a copy."""

import time
from collections.abc import Callable

import torch


def arithmetic(device: torch.device, size: int = 4096) -> float:
    """Return the floating-point operations per second of a product of two square matrices."""
    left, right = (torch.randn(size, size, device=device, dtype=torch.bfloat16) for _ in range(2))
    out = torch.empty_like(left)
    return 2 * size**3 / fastest(lambda: torch.mm(left, right, out=out), device)


def bandwidth(device: torch.device, values: int = 1 << 28) -> float:
    """Return the bytes per second, read and written, of a copy that is too large for every cache."""
    source = torch.zeros(values, device=device, dtype=torch.bfloat16)
    target = torch.ones_like(source)
    return 2 * source.nbytes / fastest(lambda: target.copy_(source), device)


def fastest(task: Callable[[], object], device: torch.device, times: int = 8) -> float:
    """Return the duration in s of the fastest of several calls, after one call that does not count."""
    best = float("inf")
    for turn in range(times + 1):
        started = time.perf_counter()
        task()
        if device.type == "cuda":
            torch.cuda.synchronize()
        if turn:
            best = min(best, time.perf_counter() - started)
    return best
