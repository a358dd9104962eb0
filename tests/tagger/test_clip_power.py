import numpy as np
import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode

from tagasc.config import TaggerNetwork
from tagasc.tagger.clip_power import ClipPower
from tagasc.tagger.network import TwoHeadedResNet
from tagasc.tagger.operations import kept_bytes, training_bytes


@pytest.fixture
def cpu():
    return torch.device("cpu")


def test_only_training_clips_are_loaded(events, settings, cpu):
    power = ClipPower.load(events, settings.network, settings.training, cpu, 2).packed
    assert len(power) == events.clips["frames"][:16].sum()  # 10 curated and 6 noisy ones
    np.testing.assert_array_equal(power, events.mel_power[: len(power)])


def test_slices_reach_over_both_ends(events, settings, cpu):
    power = ClipPower.load(events, settings.network, settings.training, cpu, 2)
    slices = power.slices(torch.tensor([-2, 5, len(power.packed) - 3]), 4)
    rows = [[0, 0, 0, 1], [5, 6, 7, 8], [-3, -2, -1, -1]]
    np.testing.assert_array_equal(slices, power.packed.numpy()[rows])


@pytest.fixture
def fake_gpu(monkeypatch):
    """Return a function that sets the free memory of a GPU of fake tensors."""
    monkeypatch.setattr("torch.Tensor.pin_memory", lambda tensor: tensor)

    def set_free(free):
        monkeypatch.setattr("torch.cuda.mem_get_info", lambda *_: (free, free))

    return set_free


@pytest.mark.parametrize(("missing", "where"), [(0, "cuda"), (1, "cpu")])
def test_the_mel_power_is_on_a_gpu_with_enough_free_memory(events, settings, fake_gpu, capsys, missing, where):
    others = training_bytes(settings.network, settings.training, 3, 16, 2)
    fake_gpu(int(events.clips["frames"][:16].sum()) * 16 * 2 + others - missing)
    with FakeTensorMode(allow_non_fake_inputs=True):
        power = ClipPower.load(events, settings.network, settings.training, torch.device("cuda"), 2)
        assert power.packed.device.type == where
    expected = "on the GPU" if missing == 0 else "in host memory, because the GPU has only 1.2 GB free"
    assert expected in capsys.readouterr().err


def test_a_training_step_keeps_what_the_operations_say():
    """ResNet-34 on slices of 512 frames and 128 bands, without allocating anything."""
    kept, settings = {}, TaggerNetwork(precision="float32")
    with torch.device("meta"):
        network, spectrograms = TwoHeadedResNet(settings, 80), torch.empty(2, 1, 128, 512)
    weights = {id(parameter) for parameter in network.parameters()}

    def keep(tensor):
        if id(tensor) not in weights:
            kept[id(tensor)] = tensor
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        network(spectrograms)
    assert sum(tensor.nbytes for tensor in kept.values()) / 2 == pytest.approx(kept_bytes(settings, 128, 512), rel=0.1)
