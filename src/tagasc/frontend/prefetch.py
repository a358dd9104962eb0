"""Training clips that do not fit on a GPU: read from host memory, and copied while the GPU computes."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

_SLOTS = 4  # one in use, one copied, and one per thread
_THREADS = 2  # while one waits for the disk, the other copies


class ClipPrefetcher:
    """Batches of clips on their way from host memory to a GPU, through a ring of buffers.

    Each slot of the ring has a buffer in pinned host memory and one on the GPU. Threads gather the clips of a batch and
    start its copy on a stream of its own, which the GPU does while it computes an earlier batch. Events keep the order:
    a pinned buffer is filled after its last copy, and a buffer on the GPU is overwritten after its last use. Only the
    threads wait for them, never the training's own. With the device "cpu", there are no streams and no pinned memory.

    Parameters
    ----------
    waveforms
        int16 (clips, channel, time) in host memory.
    rows
        Clips of each batch, (steps, batch).
    starts
        Their first samples, (steps, batch).
    length
        Number of samples to take.
    device
        Where the batches go.
    """

    def __init__(
        self, waveforms: Tensor, rows: NDArray[np.int64], starts: NDArray[np.int64], length: int, device: torch.device
    ) -> None:
        self.waveforms, self.rows, self.starts, self.length = waveforms.numpy(), rows, starts, length
        self.shape, self.device = (rows.shape[1], waveforms.shape[1], length), device
        self.backend = torch.get_device_module(device)

    def __iter__(self) -> Iterator[Tensor]:
        """Yield the batches, int16 (batch, channel, length). Each is overwritten once the next one is taken."""
        steps = len(self.rows)
        computing, copying = self.backend.current_stream(), self.backend.Stream()
        slots = [_Slot(self.shape, self.device) for _ in range(min(_SLOTS, steps))]
        # The new buffers may have been others before, which queued work on the GPU still reads.
        copying.wait_stream(computing)
        threads = ThreadPoolExecutor(_THREADS, "read clips")
        try:
            filled = deque(threads.submit(self._fill, slot, step, copying) for step, slot in enumerate(slots))
            for step in range(len(slots), steps + len(slots)):
                slot = filled.popleft().result()
                slot.copied.wait(computing)
                yield slot.on_device
                slot.used.record(computing)
                if step < steps:
                    filled.append(threads.submit(self._fill, slot, step, copying))
        finally:
            threads.shutdown(cancel_futures=True)
            computing.wait_stream(copying)  # before the buffers become others

    def _fill(self, slot: "_Slot", step: int, copying: torch.Stream) -> "_Slot":
        """Gather a batch in a slot, and start its copy to the device."""
        slot.copied.synchronize()
        for clip, row, start in zip(slot.host.numpy(), self.rows[step], self.starts[step], strict=True):
            np.copyto(clip, self.waveforms[row, :, start : start + self.length])  # other threads can run meanwhile
        with self.backend.stream(copying):
            slot.used.wait(copying)
            slot.on_device.copy_(slot.host, non_blocking=True)
            slot.copied.record(copying)
        return slot


class _Slot:
    """Two buffers, and two events: the end of the last copy from one to the other, and of the last use of the copy."""

    def __init__(self, shape: tuple[int, ...], device: torch.device) -> None:
        gpu, backend = device.type == "cuda", torch.get_device_module(device)
        self.host = torch.empty(shape, dtype=torch.int16, pin_memory=gpu)
        self.on_device = torch.empty(shape, dtype=torch.int16, device=device)
        # A thread that waits for a blocking event sleeps. Otherwise, it would keep a core busy.
        self.copied = backend.Event(blocking=True) if gpu else backend.Event()
        self.used = backend.Event()
