import pytest

from tagasc.config import Network
from tagasc.frontend.cost import cost, count_parameters
from tagasc.paper.grid import parse

PARAMETERS = {
    "table1": {
        "baseline": 714_058,
        "codecat": 714_858,
        **{f"before_code-layers{n}": 719_178 + 6_480 * n for n in range(6)},
        **{f"attention-heads{2**n}-layers{n}": 724_426 + 6_480 * n for n in range(4)},
        **{f"shared-heads{2**n}-layers{n}": 729_546 + 6_480 * n for n in range(4)},
        **{f"separate-heads2-concat{a}-attention{b}": 729_546 + 6_480 * (a + b) for a in (3, 4) for b in (3, 4)},
    },
    "table6": {
        "baseline": 636_736,
        "codecat": 637_536,
        "before_code-layers0": 646_976,
        "before_code-layers1": 653_456,
        "before_code-layers2": 659_936,
        "before_code-layers3": 666_416,
        "before_code-layers4": 672_896,
        "before_code-layers5": 679_376,
        "attention-heads2-layers0": 647_104,
        "attention-heads4-layers1": 653_584,
        "attention-heads8-layers2": 660_064,
        "attention-heads16-layers3": 666_544,
        "shared-heads2-layers0": 657_344,
        "shared-heads4-layers1": 663_824,
        "shared-heads8-layers2": 670_304,
        "shared-heads16-layers3": 676_784,
        "shared-heads32-layers3": 676_784,
        "separate-heads2-concat3-attention3": 696_224,
        "separate-heads2-concat3-attention4": 702_704,
        "separate-heads4-concat4-attention3": 702_704,
        "separate-heads4-concat4-attention4": 709_184,
    },
}


@pytest.mark.parametrize("architecture", PARAMETERS)
def test_parameters_of_every_architecture(architecture):
    settings = Network(architecture=architecture, blocks=7)
    for name, parameters in PARAMETERS[architecture].items():
        assert cost(parse(name), settings, 80, 10, 2, 480_000).parameters == parameters, name
        assert count_parameters(parse(name), settings, 80, 10, 2) == parameters, name


@pytest.mark.parametrize(("architecture", "operations"), [("table1", 332e12), ("table6", 196e12)])
def test_an_epoch_of_tau_takes_six_operations_per_mac(architecture, operations):
    macs = cost(parse("baseline"), Network(architecture=architecture), 80, 10, 2, 480_000).macs
    assert macs * 6 * 9185 == pytest.approx(operations, rel=0.005)


def test_attention_costs_only_its_projection():
    settings = Network()
    baseline, attention = (
        cost(parse(name), settings, 80, 10, 2, 480_000) for name in ("baseline", "attention-heads4-layers0")
    )
    assert attention.macs - baseline.macs == 80 * 128


@pytest.mark.parametrize("architecture", PARAMETERS)
def test_the_precision_makes_no_difference(architecture):
    single, half = (
        cost(
            parse("shared-heads2-layers1"), Network(architecture=architecture, precision=precision), 80, 10, 2, 480_000
        )
        for precision in ("float32", "bfloat16")
    )
    assert half == single
