import pytest
import torch
from torch import nn

from tagasc.config import Network
from tagasc.frontend.batch_norm import BatchNorm, mean_and_variance
from tagasc.frontend.trunk import Trunk

FILTERS = 3
PAPER, DEMO = (24, 39_999), (16, 1_333)  # clips and frames of the first batch norm


def random_features(clips, frames, dtype=torch.float32):
    """Return features (clips, 3, 1, frames) in channels-last order; their means differ from 0, and their scales."""
    torch.manual_seed(0)
    features = torch.randn(clips, frames, FILTERS) * torch.tensor([0.2, 1, 5]) + torch.tensor([0.4, -0.5, 2])
    return features.to(dtype).permute(0, 2, 1)[:, :, None]


def trained(features, layer, gradient):
    """Return the layer's output, the gradients of features, weight and bias, and its buffers."""
    layer = layer(FILTERS).to(features.dtype if features.dtype == torch.float64 else torch.float32)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([1.0, 0.5, 2.0]))
        layer.bias.copy_(torch.tensor([0.1, 0.0, -1.0]))
    features = features.detach().requires_grad_()
    output = layer(features)
    output.backward(gradient.to(output.dtype))
    return {
        "output": output.detach(),
        "features": features.grad,
        "weight": layer.weight.grad,
        "bias": layer.bias.grad,
    } | dict(layer.named_buffers())


@pytest.mark.parametrize(
    ("clips", "frames"), [PAPER, DEMO, (24, 13_333), (2, 20_001), (1, 16_385), (500, 40)], ids=lambda value: f"{value}"
)
def test_mean_and_variance_equal_those_in_double_precision(clips, frames):
    features = random_features(clips, frames)
    mean, variance = mean_and_variance(features)
    exact = features.double()
    expected = exact.var((0, 2, 3), correction=0)
    torch.testing.assert_close(variance.double(), expected, rtol=3e-6, atol=0)
    assert ((mean - exact.mean((0, 2, 3))).abs() < 3e-6 * expected.sqrt()).all()


@pytest.mark.parametrize(("clips", "frames"), [PAPER, DEMO])
def test_a_training_step_equals_one_in_double_precision(clips, frames):
    """Errors are relative to the root mean square of each filter, and those of sums to that of a frame."""
    features = random_features(clips, frames)
    gradient = torch.randn_like(features) + 0.1
    ours = trained(features, BatchNorm, gradient)
    exact = trained(features.double(), nn.BatchNorm2d, gradient)
    for name in ("output", "features"):
        size = exact[name].square().mean((0, 2, 3), keepdim=True).sqrt()
        assert ((ours[name] - exact[name]).abs() < 1e-5 * size).all(), name
    for name in ("weight", "bias"):
        assert ((ours[name] - exact[name]).abs() < 1e-5 * clips * frames).all(), name
    for name in ("running_mean", "running_var"):
        torch.testing.assert_close(ours[name].double(), exact[name], rtol=1e-5, atol=0)
    assert ours["num_batches_tracked"] == 1


def test_the_layer_of_torch_is_less_accurate():
    """If this fails, torch has become accurate, and its layer can take the place of ours."""
    features = random_features(*PAPER)
    layer = nn.BatchNorm2d(FILTERS, momentum=1.0)
    layer(features)
    error = layer.running_var.double() / features.double().var((0, 2, 3)) - 1
    assert error.abs().max() > 1e-4


@pytest.mark.parametrize("case", ["few frames", "plain order", "double", "bfloat16"])
def test_all_other_features_pass_the_layer_of_torch(case):
    features = random_features(*DEMO, dtype={"double": torch.float64, "bfloat16": torch.bfloat16}.get(case))
    if case == "few frames":
        features = features[:, :, :, :1_024].contiguous(memory_format=torch.channels_last)
    if case == "plain order":
        features = features.contiguous()
    gradient = torch.randn_like(features)
    ours, theirs = (trained(features, layer, gradient) for layer in (BatchNorm, nn.BatchNorm2d))
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


def test_evaluation_is_that_of_torch():
    features = random_features(*DEMO)
    ours, theirs = BatchNorm(FILTERS), nn.BatchNorm2d(FILTERS)
    ours(features)
    theirs.load_state_dict(ours.state_dict())
    assert torch.equal(ours.eval()(features), theirs.eval()(features))
    assert torch.equal(ours.running_var, theirs.running_var)


@pytest.mark.slow
def test_a_compiled_layer_is_that_of_torch():
    features = random_features(*DEMO)
    compiled, theirs = torch.compile(BatchNorm(FILTERS), backend="eager", fullgraph=True), nn.BatchNorm2d(FILTERS)
    assert torch.equal(compiled(features), theirs(features))


def test_every_batch_norm_of_the_trunk_is_accurate():
    torch.manual_seed(0)
    trunk = Trunk(Network(architecture="table6", filters=4, blocks=3), channels=2).to(memory_format=torch.channels_last)
    norms = [module for module in trunk.modules() if isinstance(module, nn.BatchNorm2d)]
    expected = []
    for norm in norms:
        norm.momentum = 1.0  # the running variance is that of the batch
        norm.register_forward_pre_hook(lambda _, inputs: expected.append(inputs[0].double().var((0, 2, 3))))
    trunk(torch.randn(4, 2, 480_000))
    assert len(expected) == len(norms) == 8
    for norm, variance in zip(norms, expected, strict=True):
        torch.testing.assert_close(norm.running_var.double(), variance, rtol=1e-5, atol=0)
