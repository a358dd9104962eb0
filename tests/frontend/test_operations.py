"""Operations and bytes of a scene network: closed formulas compared with torch's own count and with known numbers."""

import pytest

from tagasc.config import Network
from tagasc.frontend.cost import cost
from tagasc.frontend.operations import kept_bytes, network_layers, step_bytes
from tagasc.paper.grid import CELLS, parse

OTHERS = ["jung2019", "codecat-shuffled", "before_code-layers0"]


@pytest.mark.parametrize("architecture", ["table1", "table6"])
def test_the_formula_gives_the_macs_that_torch_counts(architecture):
    for name in [*list(CELLS)[::5], *OTHERS]:
        network = Network(architecture=architecture, concat_after_code=name.startswith("before"))
        counted = sum(layer.macs for layer in network_layers(parse(name), network, 80, 10, 2, 479_999))
        assert counted == cost(parse(name), network, 80, 10, 2, 480_000).macs, name


def test_it_holds_for_other_sizes():
    cell = parse("separate-heads4-concat3-attention1")
    network = Network(architecture="table6", filters=48, blocks=4, code_size=20)
    counted = sum(layer.macs for layer in network_layers(cell, network, 7, 3, 1, 15_999))
    assert counted == cost(cell, network, 7, 3, 1, 16_000).macs


@pytest.mark.parametrize(("architecture", "gigabytes"), [("table1", 24.4), ("table6", 17.9)])
def test_a_training_step_moves_the_bytes_that_were_counted_by_operation(architecture, gigabytes):
    network = Network(architecture=architecture, precision="bfloat16")
    assert 24 * step_bytes(network, 2, 479_999) / 1e9 == pytest.approx(gigabytes, rel=0.05)


def test_bytes_scale_with_filters_frames_and_precision():
    def activations(**sizes):
        samples = sizes.pop("samples", 12 * 3**9)
        return step_bytes(Network(**{"precision": "float32"} | sizes), 2, samples) - 4 * 10 * 2 * samples

    whole = activations(filters=128)
    assert activations(filters=64) == pytest.approx(whole / 2)
    assert activations(samples=2 * 12 * 3**9) == pytest.approx(2 * whole)
    # The places of the largest values are 64-bit integers in either precision.
    assert whole / 2 < activations(filters=128, precision="bfloat16") < 0.55 * whole


def test_the_memory_of_a_batch_of_24_is_that_which_was_counted_by_tensor():
    assert 24 * kept_bytes(Network(precision="bfloat16"), 479_999) / 1e9 == pytest.approx(2.6, rel=0.02)
