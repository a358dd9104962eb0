"""The attention map without torch is the network's own, and its derivatives are those of automatic differentiation."""

import numpy as np
import pytest
import torch

from tagasc.artifacts.weights import MODEL, read_arrays, write_weights
from tagasc.config import Network
from tagasc.frontend.network import SceneNetwork
from tagasc.paper.grid import parse
from tagasc.tables.figures.attention_map import AttentionMap

CELLS = [
    "attention-heads2-layers0",
    "attention-heads4-layers3",
    "separate-heads2-concat3-attention4",
    "shared-heads8-layers2",
]


def pair(name, tmp_path, *, standardise, rescale=False):
    """Return a network in double precision, and the same attention from its written weights."""
    torch.manual_seed(0)
    settings = Network(
        filters=16, blocks=3, code_size=8, standardise_tags=standardise, attention_rescale=rescale, negative_slope=0.2
    )
    cell = parse(name)
    network = SceneNetwork(cell, settings, 2, 5, 3)
    with torch.no_grad():
        for weights in network.parameters():
            weights.normal_()
    if standardise:
        network.standardise.fit(torch.rand(50, 5) * torch.tensor([1.0, 1.0, 1.0, 1e-4, 1.0]))
    write_weights(MODEL, tmp_path / "x.safetensors", network)
    return network.double(), AttentionMap(cell, read_arrays(MODEL, tmp_path / "x.safetensors"), 0.2)


@pytest.mark.parametrize("standardise", [False, True])
@pytest.mark.parametrize("name", CELLS)
def test_factors_are_those_of_the_network(name, standardise, tmp_path):
    network, attention = pair(name, tmp_path, standardise=standardise)
    tags = torch.rand(7, 5, dtype=torch.float64)
    with torch.no_grad():
        found = network._attention_map(network.standardise(tags))
    heads = parse(name).heads
    expected = found.unflatten(1, (heads, -1))
    expected = (expected / expected.mean(dim=2, keepdim=True)).flatten(1).numpy()
    assert attention.factors(tags.numpy()) == pytest.approx(expected, rel=1e-6)
    assert attention.factors(tags.numpy()).reshape(7, heads, -1).mean(axis=2) == pytest.approx(1)


def test_rescaling_changes_nothing(tmp_path):
    tags = np.random.default_rng(0).random((3, 5))
    (_, plain), (_, rescaled) = (
        pair(CELLS[1], tmp_path / str(rescale), standardise=False, rescale=rescale) for rescale in (False, True)
    )
    assert plain.factors(tags).tolist() == rescaled.factors(tags).tolist()


@pytest.mark.parametrize("standardise", [False, True])
@pytest.mark.parametrize("name", CELLS)
def test_the_jacobian_is_that_of_automatic_differentiation(name, standardise, tmp_path):
    network, attention = pair(name, tmp_path, standardise=standardise)
    tag = torch.tensor([0.3, 0.7, 0.1, 0.9, 0.5], dtype=torch.float64)  # the fourth one is clipped if standardised

    def logarithms(tag):
        return network._attention_map(network.standardise(tag[None])).log()[0]

    expected = torch.autograd.functional.jacobian(logarithms, tag).numpy()
    found = attention.jacobian(tag.numpy())
    assert found == pytest.approx(expected, rel=1e-5, abs=1e-9)
    assert (np.abs(found[:, 3]).max() == 0) == standardise
