"""Where the waveforms of a training are. The GPU is fake: its tensors have a device and no values."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode

from tagasc.frontend.batches import Batches
from tagasc.frontend.codes import compute_crop_codes
from tagasc.frontend.dataset import SceneDataset
from tagasc.frontend.distillation import SpecialistBatches, StudentBatches
from tagasc.frontend.network import SceneNetwork
from tagasc.frontend.prefetch import ClipPrefetcher
from tagasc.paper.grid import parse

BYTES = 12 * 2 * 400 * 2
"""Of the 12 training clips."""


@pytest.fixture
def dataset(packed, frontend, load_dataset):
    return load_dataset(packed, frontend)


@pytest.fixture
def on_gpu(dataset, monkeypatch):
    """Return a dataset whose batches belong on a fake GPU with some free memory."""

    def make(free):
        monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _: (free, 80 * 10**9))
        values = {name: getattr(dataset, name) for name in ("scale", "tags", "labels")}
        moved = {name: torch.empty(value.shape, dtype=value.dtype, device="cuda") for name, value in values.items()}
        waveforms = torch.empty(dataset.waveforms.shape, dtype=torch.int16)
        return replace(dataset, waveforms=waveforms, **moved)

    with FakeTensorMode(allow_non_fake_inputs=True):
        yield make


@pytest.fixture
def in_host_memory(monkeypatch):
    """Let batches of training clips come through the ring of buffers, and count the rings."""
    rings = []

    def prefetch(*arguments):
        rings.append(arguments)
        return ClipPrefetcher(*arguments)

    monkeypatch.setattr(SceneDataset, "_at_hand", property(lambda _: False))
    monkeypatch.setattr("tagasc.frontend.dataset.ClipPrefetcher", prefetch)
    return rings


class Copies(TorchDispatchMode):
    """Counts the copies between host and device."""

    def __init__(self):
        super().__init__()
        self.count = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        if function in (torch.ops.aten._to_copy.default, torch.ops.aten.copy_.default):
            source = args[-1] if function == torch.ops.aten.copy_.default else args[0]
            self.count += source.device != result.device
        return result


def test_training_clips_are_on_the_gpu_if_they_fit_next_to_a_step(on_gpu, capsys):
    dataset = on_gpu(BYTES + 1000)
    placed = dataset.with_training_clips_on_gpu(1000)
    assert placed.resident.device.type == "cuda"
    assert placed.resident.shape == (12, 2, 400)
    assert placed.waveforms is dataset.waveforms
    assert capsys.readouterr().err == "training clips on the GPU (0.0 GB of 80 GB)\n"


def test_training_clips_stay_in_host_memory_if_they_do_not_fit(on_gpu, capsys):
    dataset = on_gpu(BYTES + 999)
    assert dataset.with_training_clips_on_gpu(1000) is dataset
    assert capsys.readouterr().err == (
        "training clips in host memory, because the GPU has only 0.0 GB free: they need 0.0 GB, and training 0.0 GB\n"
    )


def test_on_a_cpu_clips_stay_where_they_are(dataset, capsys):
    assert dataset.with_training_clips_on_gpu(0) is dataset
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("crop", [None, 394])
@pytest.mark.parametrize("kind", [Batches, StudentBatches])
def test_no_step_copies_between_host_and_gpu(on_gpu, frontend, changed, monkeypatch, crop, kind):
    """All copies are at the beginning of an epoch. Reading a value would be an error with fake tensors."""
    dataset = on_gpu(10**9).with_training_clips_on_gpu(0)
    counts = []
    for batch_size in (6, 2):
        batches = kind(dataset, changed(frontend, batch_size=batch_size).training, crop, np.random.default_rng(0))
        with monkeypatch.context() as patched, Copies() as copies:
            # Students read the labels once per epoch.
            patched.setattr(torch.Tensor, "numpy", lambda _: np.arange(17) % 2)
            epoch = list(batches.epoch(2))
        assert len(epoch) == 12 // batch_size
        assert {value.device.type for batch in epoch for value in vars(batch).values()} == {"cuda"}
        counts.append(copies.count)
    assert counts[0] == counts[1] > 0


def test_clips_of_other_splits_are_read_from_the_map(on_gpu):
    dataset = on_gpu(10**9).with_training_clips_on_gpu(0)
    for rows, copies_expected in [(slice(0, 12), 0), (slice(5, 9), 0), (slice(10, 15), 1), (slice(15, 20), 1)]:
        with Copies() as copies:
            waveform, tags, labels = dataset.whole_clips(rows)
        count = min(rows.stop, 17) - rows.start
        assert waveform.shape == (count, 2, 399)
        assert (waveform.device.type, waveform.dtype) == ("cuda", torch.float32)
        assert (len(tags), len(labels)) == (count, count)
        assert copies.count == copies_expected


def test_whole_clips_have_the_bits_of_a_batch(dataset):
    for rows in (slice(0, 5), slice(10, 15), slice(15, 20)):
        indices = torch.arange(17)[rows]
        assert all(map(torch.equal, dataset.whole_clips(rows), dataset.batch(indices)))


@pytest.mark.parametrize("crop", [None, 394])
@pytest.mark.parametrize("kind", [Batches, StudentBatches, SpecialistBatches])
def test_clips_in_host_memory_give_the_same_batches(
    dataset, frontend, changed, in_host_memory, monkeypatch, crop, kind
):
    training = changed(frontend, batch_size=4).training
    more = [("bus", "park")] if kind is SpecialistBatches else []
    if more:
        dataset = replace(dataset, scenes=["bus", "park", "pub"], labels=torch.arange(17) % 3)
    ringed, direct = (kind(dataset, training, crop, np.random.default_rng(0), *more) for _ in range(2))
    for number in (1, 2, 3):
        found = list(ringed.epoch(number))
        with monkeypatch.context() as patched:
            patched.setattr(SceneDataset, "_at_hand", property(lambda _: True))
            expected = list(direct.epoch(number))
        assert len(found) == len(expected) == (2 if more else 3)
        for batch, wanted in zip(found, expected, strict=True):
            for name, value in vars(wanted).items():
                assert value is getattr(batch, name) is None or torch.equal(getattr(batch, name), value)
    assert len(in_host_memory) == (9 if kind is StudentBatches else 3)


def test_clips_in_host_memory_give_the_same_codes_of_crops(dataset, frontend, in_host_memory, monkeypatch):
    network = SceneNetwork(parse("baseline"), frontend.network, 2, 5, 2)
    batches = Batches(dataset, frontend.training, 394, np.random.default_rng(0))
    found = compute_crop_codes(network, batches, np.random.default_rng(1))
    assert len(in_host_memory) == 1
    monkeypatch.setattr(SceneDataset, "_at_hand", property(lambda _: True))
    np.testing.assert_array_equal(found, compute_crop_codes(network, batches, np.random.default_rng(1)))
