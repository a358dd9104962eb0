import pytest
import torch

from benchmarks.reference import copy_weights, plain_network
from tagasc.config import Network
from tagasc.frontend.network import SceneNetwork
from tagasc.paper.grid import parse


@pytest.mark.parametrize("architecture", ["table1", "table6"])
@pytest.mark.parametrize("cell", ["baseline", "shared-heads4-layers3"])
def test_the_reference_of_the_benchmarks_is_the_same_network(architecture, cell):
    """The same weights give the same codes, losses and gradients."""
    settings = Network(architecture=architecture, filters=16, blocks=3)
    torch.manual_seed(0)
    ours = SceneNetwork(parse(cell), settings, 2, 5, 4).double()
    plain = plain_network(parse(cell), settings, 2, 5, 4).double()
    copy_weights(ours, plain)
    waveform, tag = torch.randn(3, 2, 4000, dtype=torch.float64), torch.rand(3, 5, dtype=torch.float64)
    results = []
    for network in (ours, plain):
        code, scores = network(waveform, tag)
        torch.nn.functional.cross_entropy(scores, torch.tensor([0, 1, 3])).backward()
        results.append([code, scores, *(parameter.grad.flatten() for parameter in network.parameters())])
    for own, theirs in zip(*results, strict=True):
        torch.testing.assert_close(own, theirs)
