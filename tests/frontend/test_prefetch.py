"""Batches that come through the ring of buffers, also with a simulated GPU whose streams run in the worst order."""

import threading
from contextlib import contextmanager

import numpy as np
import pytest
import torch

from tagasc.frontend.prefetch import ClipPrefetcher

CPU = torch.device("cpu")
WAVEFORMS = torch.randint(-32768, 32768, (30, 2, 50), dtype=torch.int16, generator=torch.Generator().manual_seed(0))


def draw(steps, length):
    """Return clips and starts of batches of four."""
    random = np.random.default_rng(0)
    return random.integers(0, 30, (steps, 4)), random.integers(0, 50 - length + 1, (steps, 4))


def expected(rows, starts, length):
    return [
        torch.stack([WAVEFORMS[row, :, start : start + length] for row, start in zip(*batch, strict=True)])
        for batch in zip(rows.tolist(), starts.tolist(), strict=True)
    ]


@pytest.mark.parametrize("steps", [1, 3, 4, 5, 23])
@pytest.mark.parametrize("length", [17, 50])
def test_batches_equal_those_of_indexing(steps, length):
    rows, starts = draw(steps, length)
    batches = [batch.clone() for batch in ClipPrefetcher(WAVEFORMS, rows, starts, length, CPU)]
    assert len(batches) == steps
    for batch, wanted in zip(batches, expected(rows, starts, length), strict=True):
        assert batch.dtype == torch.int16
        assert torch.equal(batch, wanted)


def test_an_error_of_a_thread_reaches_the_training():
    rows, starts = draw(9, 17)
    rows[6, 2] = 30
    batches = iter(ClipPrefetcher(WAVEFORMS, rows, starts, 17, CPU))
    for _ in range(6):
        next(batches)
    with pytest.raises(IndexError, match="index 30 is out of bounds"):
        next(batches)


def test_no_thread_is_left_when_a_training_stops_in_an_epoch():
    before = threading.active_count()
    batches = iter(ClipPrefetcher(WAVEFORMS, *draw(23, 17), 17, CPU))
    next(batches)
    assert threading.active_count() > before
    batches.close()
    assert threading.active_count() == before


class Stream:
    """Work of a simulated GPU: functions, and pairs of a stream and the place that it has to reach first."""

    def __init__(self, gpu):
        self.gpu, self.work, self.done = gpu, [], 0

    def add(self, item):
        with self.gpu.lock:
            self.work.append(item)
            fast = self.gpu.fast
            while fast.done < len(fast.work) and fast.may_go_on():
                fast.run(fast.done + 1)

    def may_go_on(self):
        item = self.work[self.done]
        return callable(item) or item[0].done >= item[1]

    def run(self, end):
        """Run to a place, after all that it has to wait for."""
        while self.done < end:
            item = self.work[self.done]
            if callable(item):
                item()
            else:
                item[0].run(item[1])
            self.done += 1

    def wait_stream(self, other):
        self.add((other, len(other.work)))


class Gpu:
    """A GPU of two streams. The fast one never lags behind, and the other one only moves if somebody waits for it."""

    def __init__(self, fast, monkeypatch):
        self.lock, self.local = threading.RLock(), threading.local()
        self.streams = {"computing": Stream(self), "copying": Stream(self)}
        self.fast = self.streams[fast]
        copy = torch.Tensor.copy_

        def enqueue_copy(target, source, *, non_blocking):
            assert non_blocking
            self.local.stream.add(lambda: copy(target, source))
            return target

        monkeypatch.setattr(torch.Tensor, "copy_", enqueue_copy)
        monkeypatch.setattr(torch, "get_device_module", lambda _: self)

    def current_stream(self):
        return self.streams["computing"]

    def Stream(self):  # noqa: N802 - torch's name
        return self.streams["copying"]

    @contextmanager
    def stream(self, stream):
        self.local.stream = stream
        yield

    def Event(self):  # noqa: N802 - torch's name
        return Event(self.lock)


class Event:
    def __init__(self, lock):
        self.lock, self.place = lock, None

    def record(self, stream):
        self.place = (stream, len(stream.work))

    def wait(self, stream):
        if self.place is not None:
            stream.add(self.place)

    def synchronize(self):
        with self.lock:
            if self.place is not None:
                self.place[0].run(self.place[1])


@pytest.mark.parametrize("fast", ["computing", "copying"])
def test_no_buffer_is_overwritten_too_early_on_a_gpu(fast, monkeypatch):
    rows, starts = draw(23, 17)
    gpu, batches = Gpu(fast, monkeypatch), []
    computing = gpu.streams["computing"]
    for batch in ClipPrefetcher(WAVEFORMS, rows, starts, 17, CPU):
        computing.add(lambda batch=batch: batches.append(batch.clone()))
    computing.run(len(computing.work))
    assert len(batches) == 23
    assert all(map(torch.equal, batches, expected(rows, starts, 17)))
