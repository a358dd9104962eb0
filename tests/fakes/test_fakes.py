"""The fake GPU itself: gradients are torch's, and mistakes are noticed."""

import pytest
import torch
from torch import nn

from tests.fakes.backward import backward
from tests.fakes.cuda import CUDA


def test_gradients_are_those_of_torch():
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv1d(2, 4, 3), nn.BatchNorm1d(4), nn.LeakyReLU(0.3, inplace=True), nn.MaxPool1d(3))
    scale = torch.ones(4, 1, requires_grad=True)
    scale.register_hook(lambda gradient: 3 * gradient)
    learned = [*network.parameters(), scale]
    found = []
    for compute in (torch.Tensor.backward, backward):
        for _ in range(2):  # the second time, gradients are added to those of the first
            first, second = (scale * network(torch.arange(60.0).sin().view(3, 2, 10))).tensor_split(2, dim=1)
            compute(first.mean() + second.amax(dim=2).add(first.sum()).square().sum())
        found.append([parameter.grad for parameter in learned])
        for parameter in learned:
            parameter.grad = None
    for expected, gradient in zip(*found, strict=True):
        torch.testing.assert_close(gradient, expected)


@pytest.mark.usefixtures("fake_gpu")
def test_a_tensor_in_host_memory_among_those_of_the_gpu_is_noticed():
    assert (torch.ones(3, device=CUDA) + torch.ones(3, device=CUDA)).device == CUDA
    with pytest.raises(RuntimeError, match="cuda:0 and cpu"):
        torch.ones(3, device=CUDA) + torch.ones(3)


def test_an_index_in_host_memory_is_a_transfer(fake_gpu):
    values = torch.ones(3, device=CUDA)
    values[torch.arange(2, device=CUDA)] * 2.0
    assert not fake_gpu.transfers
    values[torch.arange(2)]
    assert fake_gpu.transfers == ["aten.index.Tensor"]


@pytest.mark.usefixtures("fake_gpu")
def test_values_on_the_gpu_are_no_array():
    with pytest.raises(TypeError, match="cuda:0"):
        torch.ones(3, device=CUDA).numpy()
    assert torch.ones(12, device=CUDA).cpu().numpy().tolist() == [*range(10), 0, 1]


@pytest.mark.usefixtures("fake_gpu")
def test_autocast_is_on():
    layer = nn.Linear(3, 2).to(CUDA)
    with torch.autocast("cuda", torch.bfloat16):
        assert layer(torch.ones(1, 3, device=CUDA)).dtype == torch.bfloat16
