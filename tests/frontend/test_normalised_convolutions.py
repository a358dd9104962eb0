import numpy as np
import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode

from tagasc.config import Network
from tagasc.frontend.batch_norm import BatchNorm
from tagasc.frontend.codes import compute_codes
from tagasc.frontend.dataset import SceneDataset
from tagasc.frontend.network import SceneNetwork
from tagasc.frontend.normalised_convolutions import NormalisedConvolutions, with_folded_norms
from tagasc.paper.grid import parse
from tagasc.training.optimizer import Adam

SMALL = {"filters": 8, "blocks": 3, "code_size": 4}


def make_network(architecture):
    """Return a network in double precision, with biases that are not small."""
    torch.manual_seed(0)
    network = SceneNetwork(parse("codecat"), Network(architecture=architecture, **SMALL), 2, 5, 3).double()
    for name, parameter in network.named_parameters():
        if name.endswith("bias"):
            parameter.data.normal_()
    return network


def train(network, steps):
    """Train with weight decay; return the losses, and the gradients of the last step."""
    optimizer, random = Adam(network.parameters(), 0.01, 0.1, amsgrad=True), torch.Generator().manual_seed(1)
    losses = []
    for _ in range(steps):
        waveform = torch.randn(4, 2, 1200, generator=random, dtype=torch.float64)
        optimizer.zero_grad()
        code, scores = network.train()(waveform, torch.ones(4, 5, dtype=torch.float64))
        loss = code.square().mean() + scores.square().mean()
        loss.backward()
        losses.append(loss.item())
        optimizer.step()
    return losses, {name: parameter.grad for name, parameter in network.named_parameters()}


@pytest.mark.parametrize("architecture", ["table1", "table6"])
def test_training_without_a_pass_for_biases_equals_the_plain_one(architecture, monkeypatch):
    plain, network = make_network(architecture), make_network(architecture)
    expected, expected_gradients = train(plain, 4)
    monkeypatch.setattr(NormalisedConvolutions, "forward", NormalisedConvolutions.without_biases)
    losses, gradients = train(network, 4)
    assert losses == pytest.approx(expected, rel=1e-10)
    for name, gradient in expected_gradients.items():
        torch.testing.assert_close(gradients[name], gradient, rtol=1e-8, atol=1e-10)
    # Running statistics and decayed biases are among them.
    for name, values in plain.state_dict().items():
        torch.testing.assert_close(network.state_dict()[name], values, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("architecture", ["table1", "table6"])
def test_biases_get_a_gradient_of_zero_and_shrink(architecture, monkeypatch):
    monkeypatch.setattr(NormalisedConvolutions, "forward", NormalisedConvolutions.without_biases)
    network = make_network(architecture)
    names = [
        f"{prefix}.{place}.bias"
        for prefix, layers in network.named_modules()
        if isinstance(layers, NormalisedConvolutions)
        for place, layer in enumerate(layers)
        if isinstance(layer, torch.nn.Conv2d)
    ]
    assert len(names) == (7 if architecture == "table1" else 8)
    before = {name: parameter.detach().clone() for name, parameter in network.named_parameters()}
    _, gradients = train(network, 1)
    for name in names:
        assert not gradients[name].any()
        # The first step of Adam has the length of the learning rate, whatever the gradient.
        expected = before[name] - 0.01 * before[name].sign()
        torch.testing.assert_close(network.get_parameter(name).detach(), expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("architecture", ["table1", "table6"])
def test_folded_batch_norms_change_no_code(architecture):
    network = make_network(architecture)
    train(network, 3)
    network = network.float().eval()
    waveform, tags = 3 * torch.randn(4, 2, 1200), torch.rand(4, 5)
    before = {name: values.clone() for name, values in network.state_dict().items()}
    with torch.no_grad():
        folded = with_folded_norms(network)
        code, scores = folded(waveform, tags)
        expected, expected_scores = network(waveform, tags)
    assert not any(isinstance(layer, torch.nn.BatchNorm2d) for layer in folded.modules())
    for found, wanted in ((code, expected), (scores, expected_scores)):
        assert (found - wanted).abs().max() < 1e-5 * wanted.abs().max()
    assert all(torch.equal(values, before[name]) for name, values in network.state_dict().items())


@pytest.mark.parametrize(("device", "training", "spared"), [("cuda", True, 1), ("cuda", False, 0), ("cpu", True, 0)])
def test_only_trainings_on_a_gpu_spare_passes(device, training, spared, monkeypatch):
    """The GPU is fake: its tensors have a device and no values."""
    calls, without_biases = [], NormalisedConvolutions.without_biases
    monkeypatch.setattr(
        NormalisedConvolutions, "without_biases", lambda *given: calls.append(1) or without_biases(*given)
    )
    with FakeTensorMode(), torch.device(device):
        layers = NormalisedConvolutions(torch.nn.Conv2d(2, 4, (1, 3)), BatchNorm(4), torch.nn.LeakyReLU())
        features = layers.train(training)(torch.empty(3, 2, 1, 20))
    assert (features.shape, features.device.type) == ((3, 4, 1, 18), device)
    assert len(calls) == spared


def test_codes_of_a_gpu_come_from_folded_batch_norms(packed, frontend, load_dataset, monkeypatch):
    """The tensors stay on the CPU, and only the dataset says that they are on a GPU."""
    dataset, folded = load_dataset(packed, frontend), []
    network = SceneNetwork(parse("codecat"), frontend.network, 2, 5, 2)
    network(*dataset.batch(torch.arange(12))[:2])
    monkeypatch.setattr(
        "tagasc.frontend.codes.with_folded_norms", lambda given: folded.append(given) or with_folded_norms(given)
    )
    expected = compute_codes(network, dataset, 5)
    assert not folded
    monkeypatch.setattr(SceneDataset, "device", torch.device("cuda"))
    codes, scenes = compute_codes(network, dataset, 5)
    assert folded == [network]
    np.testing.assert_allclose(codes, expected[0], rtol=1e-5, atol=1e-5 * np.abs(expected[0]).max())
    np.testing.assert_array_equal(scenes, expected[1])
