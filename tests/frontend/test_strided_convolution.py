import pytest
import torch
from torch import nn

from tagasc.frontend.strided_convolution import StridedConvolution


@pytest.fixture
def layers():
    """The layer in double precision, and torch's own three with the same weights."""
    torch.manual_seed(0)
    ours = StridedConvolution(2, 6, 12, slope=0.3).double()
    nn.init.normal_(ours.norm.weight)
    nn.init.normal_(ours.norm.bias)
    plain = nn.Sequential(nn.Conv2d(2, 6, (1, 12), (1, 12)), nn.BatchNorm2d(6), nn.LeakyReLU(0.3)).double()
    plain.load_state_dict(dict(zip(plain.state_dict(), ours.state_dict().values(), strict=True)))
    return ours, plain


def test_it_is_convolution_batch_norm_and_activation(layers):
    """Outputs, gradients and running statistics, in training and in evaluation."""
    ours, plain = layers
    for training in (True, True, True, False):
        waveform = torch.randn(3, 2, 1, 12 * 40 + 5, dtype=torch.float64).cumsum(-1) + 7
        weights = torch.randn(3, 6, 1, 40, dtype=torch.float64)
        results = []
        for layer, given in ((ours, waveform[:, :, 0]), (plain, waveform)):
            layer.train(training).zero_grad()
            features = layer(given)
            (features * weights).sum().backward()
            results.append((features, [p.grad for p in layer.parameters()], list(layer.state_dict().values())))
        torch.testing.assert_close(results[0], results[1])
    assert results[0][0].is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("waveform", [torch.zeros(2, 2, 480), torch.full((2, 2, 480), 30.0), torch.ones(2, 2, 480) / 3])
def test_patches_that_are_all_alike(layers, waveform):
    """Their variance is nothing, and rounding must not make it less."""
    ours = layers[0].float()
    features = ours(waveform)
    features.square().sum().backward()
    bias = ours.norm.bias
    expected = torch.where(bias > 0, bias, 0.3 * bias)[:, None, None].expand(2, 6, 1, 40)
    torch.testing.assert_close(features, expected, atol=0.05, rtol=0.05)
    assert all(torch.isfinite(parameter.grad).all() for parameter in ours.parameters())
