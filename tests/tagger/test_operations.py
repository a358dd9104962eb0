"""Operations and parameters of the tagger's network: closed formulas, and torch's own count."""

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from tagasc.config import TaggerNetwork
from tagasc.tagger.network import TwoHeadedResNet
from tagasc.tagger.operations import count_parameters, kept_bytes, network_layers

NETWORKS = [TaggerNetwork(), TaggerNetwork(layers=[1, 1, 1, 1], head_width=128), TaggerNetwork(layers=[2, 1, 3, 2])]


def count(network, classes, bands, frames):
    """Return parameters and MACs of trunk and one head, as torch counts them without computing anything."""
    with torch.device("meta"):
        model = TwoHeadedResNet(network, classes).eval()
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            model.curated_head(model(torch.empty(1, 1, bands, frames)))
    return sum(p.numel() for p in model.parameters()), counter.get_total_flops() // 2


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize(("bands", "frames"), [(128, 512), (32, 65), (47, 1287)])
def test_the_formula_gives_the_macs_that_torch_counts(network, bands, frames):
    counted = sum(layer.macs for layer in network_layers(network, 80, bands, frames))
    assert counted == count(network, 80, bands, frames)[1]


@pytest.mark.parametrize("network", NETWORKS)
def test_the_formula_gives_the_parameters_that_torch_counts(network):
    assert count_parameters(network, 80) == count(network, 80, 32, 64)[0]


def test_resnet_34_has_the_parameters_that_the_network_documents():
    assert count_parameters(TaggerNetwork(), 80) == 24_592_224


def test_a_slice_keeps_two_values_per_output_of_a_layer():
    one = TaggerNetwork(layers=[1, 1, 1, 1], head_width=1, precision="float32")
    # 64 filters after the stem at half the size; then 64, 128, 256 and 512 at a fourth, an eighth and so on, with two
    # convolutions each and, from the second stage on, a shortcut; three layers of the head.
    trunk = 64 * 16 * 32 + 2 * 64 * 8 * 16 + 3 * (128 * 4 * 8 + 256 * 2 * 4 + 512 * 1 * 2)
    assert kept_bytes(one, 32, 64) == 8 * (trunk + 3)
