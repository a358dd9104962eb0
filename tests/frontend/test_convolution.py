from unittest.mock import Mock

import pytest
import torch
import torch.nn.functional as F

from tagasc.frontend import convolution
from tagasc.frontend.convolution import TimeConvolution, weight_gradient


def channels_last(*shape):
    return torch.randn(shape).contiguous(memory_format=torch.channels_last)


@pytest.fixture
def products(monkeypatch):
    """Let a processor with AVX2 take clips of more than 40 values for long, and count the gradients from products."""
    monkeypatch.setattr("torch.backends.cpu.get_cpu_capability", lambda: "AVX2")
    monkeypatch.setattr(convolution, "_SHORT", 40)
    counted = Mock(wraps=weight_gradient)
    monkeypatch.setattr(convolution, "weight_gradient", counted)
    return counted


@pytest.mark.parametrize(("batch", "frames"), [(1, 1), (1, 7), (3, 1), (3, 2), (4, 50)])
def test_the_gradient_of_the_weights_is_that_of_double_precision(batch, frames):
    features, gradient = channels_last(batch, 5, 1, frames), channels_last(batch, 6, 1, frames)
    weight = torch.zeros(6, 5, 1, 3, dtype=torch.float64, requires_grad=True)
    F.conv2d(features.double(), weight, padding=(0, 1)).backward(gradient.double())
    torch.testing.assert_close(weight_gradient(gradient, features).double(), weight.grad, rtol=1e-5, atol=1e-5)


def test_all_gradients_are_those_of_a_plain_convolution(products):
    layer, features = TimeConvolution(4, 6), channels_last(3, 4, 1, 20).requires_grad_()
    plain = torch.nn.Conv2d(4, 6, (1, 3), padding=(0, 1)).double()
    plain.load_state_dict(layer.state_dict())
    given = features.detach().double().requires_grad_()
    found, expected = layer(features), plain(given)
    gradient = torch.randn(found.shape)  # in another memory order
    found.backward(gradient)
    expected.backward(gradient.double())
    assert products.call_count == 1
    pairs = [(found, expected), (features.grad, given.grad)]
    pairs += [(mine.grad, other.grad) for mine, other in zip(layer.parameters(), plain.parameters(), strict=True)]
    for mine, other in pairs:
        torch.testing.assert_close(mine.double(), other, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("case", ["short", "contiguous", "double", "autocast", "evaluation", "compiled", "AVX-512"])
def test_otherwise_torch_computes_the_gradient(products, monkeypatch, case):
    layer, features = TimeConvolution(4, 4).train(case != "evaluation"), channels_last(2, 4, 1, 20)
    if case == "short":
        features = channels_last(2, 4, 1, 10)
    elif case == "contiguous":
        features = features.contiguous()
    elif case == "double":
        layer, features = layer.double(), features.double()
    elif case == "compiled":
        monkeypatch.setattr("torch.compiler.is_compiling", lambda: True)
    elif case == "AVX-512":
        monkeypatch.setattr("torch.backends.cpu.get_cpu_capability", lambda: "AVX512")
    with torch.autocast("cpu", torch.bfloat16, enabled=case == "autocast"):
        layer(features).sum().backward()
    assert layer.weight.grad is not None
    assert products.call_count == 0


def test_the_first_features_need_no_gradient(products):
    layer = TimeConvolution(4, 4)
    layer(channels_last(2, 4, 1, 20)).sum().backward()
    assert products.call_count == 1
    assert layer.weight.grad is not None
