import numpy as np
import pytest
import torch
import torch.nn.functional as F

from tagasc.cells import parse
from tagasc.config import Network
from tagasc.frontend.cost import cost
from tagasc.frontend.network import MultiHeadAttention, ResidualBlock, SceneNetwork

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
def test_parameters(architecture):
    settings = Network(architecture=architecture, blocks=7)
    for name, parameters in PARAMETERS[architecture].items():
        assert cost(parse(name), settings, 80, 10, 2, 480_000).parameters == parameters, name


@pytest.mark.parametrize(("architecture", "operations"), [("table1", 332e12), ("table6", 196e12)])
def test_an_epoch_of_tau_takes_six_operations_a_mac(architecture, operations):
    macs = cost(parse("baseline"), Network(architecture=architecture), 80, 10, 2, 480_000).macs
    assert macs * 6 * 9185 == pytest.approx(operations, rel=0.005)


def test_attention_costs_only_its_projection():
    settings = Network()
    baseline, attention = (
        cost(parse(name), settings, 80, 10, 2, 480_000) for name in ("baseline", "attention-heads4-layers0")
    )
    assert attention.macs - baseline.macs == 80 * 128


@pytest.mark.parametrize(("architecture", "last"), [("table1", 18), ("table6", 24)])
def test_output_shapes_of_table_1(architecture, last):
    shapes = []
    with torch.device("meta"):
        network = SceneNetwork(parse("baseline"), Network(architecture=architecture), 2, 80, 10)
        for layer in (network.trunk.strided_convolution, *network.trunk.blocks):
            layer.register_forward_hook(lambda _layer, _inputs, output: shapes.append(tuple(output.shape)))
        network.trunk.register_forward_hook(lambda _layer, _inputs, output: shapes.append(tuple(output.shape)))
        network.code.register_forward_hook(lambda _layer, inputs, _output: shapes.append(tuple(inputs[0].shape)))
        code, scores = network(torch.empty(3, 2, 479_999), torch.empty(3, 80))
    filters = [128] * 8 if architecture == "table1" else [128, 64, 64] + [128] * 5
    frames = [39_999, 13_333, 4_444, 1_481, 493, 164, 54, 18]
    assert shapes[:8] == [(3, f, 1, t) for f, t in zip(filters, frames, strict=True)]
    assert shapes[8:] == [(3, 128, last), (3, 256)]
    assert code.shape == (3, 64 if architecture == "table1" else 128)
    assert scores.shape == (3, 10)


@pytest.mark.parametrize(("inputs", "middle", "outputs"), [(4, 4, 4), (6, 3, 3)])
def test_a_residual_block_is_its_formula(inputs, middle, outputs):
    torch.manual_seed(0)
    block = ResidualBlock(inputs, middle, outputs, slope=0.3).double()
    for _ in range(3):  # running statistics that differ from 0 and 1
        block(torch.randn(2, inputs, 1, 20, dtype=torch.float64) * 2 + 1)
    block.eval()
    x = torch.randn(2, inputs, 20, dtype=torch.float64)
    first, norm1, _, second, norm2 = block.residual
    y = F.conv1d(x, first.weight[:, :, 0], first.bias, padding=1)
    y = (y - norm1.running_mean[:, None]) / torch.sqrt(norm1.running_var + 1e-5)[:, None]
    y = torch.where(y > 0, y, 0.3 * y)
    y = F.conv1d(y, second.weight[:, :, 0], second.bias, padding=1)
    y = (y - norm2.running_mean[:, None]) / torch.sqrt(norm2.running_var + 1e-5)[:, None]
    shortcut = x if inputs == outputs else F.conv1d(x, block.shortcut.weight[:, :, 0], block.shortcut.bias, padding=1)
    y = y + shortcut
    y = torch.where(y > 0, y, 0.3 * y)[:, :, :18].unflatten(2, (6, 3)).amax(3)
    torch.testing.assert_close(block(x[:, :, None])[:, :, 0], y)


@pytest.mark.parametrize("rescale", [False, True])
@pytest.mark.parametrize("heads", [2, 4, 8, 16, 32])
def test_the_attention_map_is_a_softmax_within_each_head(heads, rescale):
    torch.manual_seed(0)
    attention = MultiHeadAttention(heads, 80, 128, rescale).double()
    tag = torch.rand(3, 80, dtype=torch.float64)
    with torch.no_grad():
        attention.projection.weight *= 10
        computed = attention(tag).numpy()
    weight, bias = attention.projection.weight.detach().numpy(), attention.projection.bias.detach().numpy()
    for clip in range(3):
        scores = np.exp(weight @ tag[clip].numpy() + bias)
        expected = np.concatenate([part / part.sum() for part in np.split(scores, heads)])
        np.testing.assert_allclose(computed[clip], expected * (128 / heads if rescale else 1), rtol=1e-12)
        sums = computed[clip].reshape(heads, -1).sum(axis=1)
        np.testing.assert_allclose(sums, 128 / heads if rescale else 1, rtol=1e-12)


# The network once more, for one clip, in NumPy: from its weights ``w`` and the text of the paper.


def layer(w, name, x):
    return w[f"{name}.weight"] @ x + w.get(f"{name}.bias", 0)


def leaky(x):
    return np.where(x > 0, x, 0.3 * x)


def convolve(w, name, x, stride=1, padding=0):
    weight = w[f"{name}.weight"][:, :, 0]
    x = np.pad(x, ((0, 0), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(x, weight.shape[2], axis=1)[:, ::stride]
    return np.einsum("oik,itk->ot", weight, windows) + w[f"{name}.bias"][:, None]


def norm(w, name, x):
    parts = ("running_mean", "running_var", "weight", "bias")
    mean, variance, scale, bias = (w[f"{name}.{part}"][:, None] for part in parts)
    return scale * (x - mean) / np.sqrt(variance + 1e-5) + bias


def transformed(w, stack, tag):
    for n in range(sum(name.startswith(stack) for name in w) // 2):
        tag = leaky(layer(w, f"{stack}.{n}.0", tag))
    return tag


def attention_map(w, cell, settings, tag):
    if not cell.heads:
        return np.ones(settings.filters)
    stack = "concat_transform" if cell.variant == "shared" else "attention_transform"
    groups = np.split(np.exp(layer(w, "attention.projection", transformed(w, stack, tag))), cell.heads)
    factor = settings.filters / cell.heads if settings.attention_rescale else 1
    return factor * np.concatenate([group / group.sum() for group in groups])


def pooled_features(w, settings, wave, attention):
    x = leaky(
        norm(w, "trunk.strided_convolution.norm", convolve(w, "trunk.strided_convolution.convolution", wave, stride=12))
    )
    for n in range(settings.blocks):
        name = f"trunk.blocks.{n}"
        y = leaky(norm(w, f"{name}.residual.1", convolve(w, f"{name}.residual.0", x, padding=1)))
        y = norm(w, f"{name}.residual.4", convolve(w, f"{name}.residual.3", y, padding=1))
        x = leaky(y + (convolve(w, f"{name}.shortcut", x, padding=1) if f"{name}.shortcut.weight" in w else x))
        x = x[:, : x.shape[1] // 3 * 3].reshape(len(x), -1, 3).max(axis=2)
    if settings.attention_site == "before_last_conv":
        x = attention[:, None] * x
    if settings.architecture == "table6":
        x = leaky(norm(w, "trunk.last_convolution.1", convolve(w, "trunk.last_convolution.0", x, padding=3)))
    if settings.attention_site == "before_pooling":
        x = attention[:, None] * x
    return np.concatenate([x.mean(axis=1), x.max(axis=1)])


def code_of(w, cell, settings, pooled, tag):
    if cell.variant == "codecat":
        return np.concatenate([layer(w, "code", pooled), tag])
    if cell.concat_layers is None:
        return layer(w, "code", pooled)
    if settings.concat_after_code and cell.name == "before_code-layers0":
        return layer(w, "code_transform", np.concatenate([layer(w, "code", pooled), tag]))
    return layer(w, "code", np.concatenate([pooled, transformed(w, "concat_transform", tag)]))


@pytest.mark.parametrize(
    "keys",
    [
        {"architecture": "table1"},
        {"architecture": "table6"},
        {"architecture": "table6", "attention_site": "before_last_conv"},
        {"architecture": "table1", "attention_rescale": True, "concat_after_code": True},
        {"architecture": "table1", "standardise_tags": True},
    ],
)
@pytest.mark.parametrize(
    "name",
    [
        "baseline",
        "codecat",
        "before_code-layers0",
        "before_code-layers3",
        "attention-heads2-layers0",
        "attention-heads4-layers2",
        "separate-heads2-concat1-attention2",
        "separate-heads4-concat2-attention1",
        "shared-heads2-layers0",
        "shared-heads4-layers2",
    ],
)
def test_the_whole_network_is_its_formulas(name, keys):
    cell, settings = parse(name), Network(filters=8, blocks=3, code=5, **keys)
    torch.manual_seed(0)
    network = SceneNetwork(cell, settings, channels=2, tags=6, classes=4).double().eval()
    for key, values in network.state_dict().items():
        if key.endswith(("running_var", "deviation")):
            values.uniform_(0.5, 2)
        elif values.is_floating_point():
            values.normal_(0, 0.5)
    wave, tag = torch.randn(3, 2, 700, dtype=torch.float64), torch.rand(3, 6, dtype=torch.float64)
    with torch.no_grad():
        codes, scores = network(wave, tag)
    weights = {key: values.numpy() for key, values in network.state_dict().items()}
    for clip in range(3):
        tags = tag[clip].numpy()
        if settings.standardise_tags:
            tags = (tags - weights["standardise.mean"]) / weights["standardise.deviation"]
        attention = attention_map(weights, cell, settings, tags)
        pooled = pooled_features(weights, settings, wave[clip].numpy(), attention)
        code = code_of(weights, cell, settings, pooled, tags)
        np.testing.assert_allclose(codes[clip].numpy(), code, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(scores[clip].numpy(), layer(weights, "output", code), rtol=1e-9, atol=1e-12)


def test_codecat_hands_144_values_to_the_back_end():
    with torch.device("meta"):
        network = SceneNetwork(parse("codecat"), Network(), 2, 80, 10)
        assert network(torch.empty(1, 2, 479_999), torch.empty(1, 80))[0].shape == (1, 144)


def test_the_baseline_ignores_tags():
    network = SceneNetwork(parse("baseline"), Network(filters=8, blocks=3), 2, 6, 4).eval()
    wave = torch.randn(2, 2, 700)
    torch.testing.assert_close(network(wave, torch.full((2, 6), torch.nan)), network(wave, torch.rand(2, 6)))


@pytest.mark.parametrize("name", ["shared-heads2-layers2", "separate-heads2-concat2-attention2"])
def test_who_trains_the_stacks_of_transform_layers(name):
    """Through concatenation and through attention, each with the other way closed."""
    reached = {}
    for closed in ("concatenation", "attention"):
        torch.manual_seed(0)
        network = SceneNetwork(parse(name), Network(filters=8, blocks=3, code=5), 2, 6, 4).double()
        with torch.no_grad():
            if closed == "concatenation":
                network.code.weight[:, 16:] = 0
            else:
                network.attention.projection.weight.zero_()
        wave, tag = torch.randn(3, 2, 700, dtype=torch.float64), torch.rand(3, 6, dtype=torch.float64)
        network(wave, tag)[1].square().sum().backward()
        reached[closed] = {
            key.split(".")[0] for key, p in network.named_parameters() if "_transform" in key and p.grad.any()
        }
    if name.startswith("shared"):
        assert reached == {"concatenation": {"concat_transform"}, "attention": {"concat_transform"}}
        assert not any(key.startswith("attention_transform") for key in network.state_dict())
    else:
        assert reached == {"concatenation": {"attention_transform"}, "attention": {"concat_transform"}}


def test_before_the_last_convolution_attention_does_something_else():
    codes = []
    wave, tag = torch.randn(2, 2, 700), torch.rand(2, 6)
    for site in ("before_pooling", "before_last_conv"):
        torch.manual_seed(0)
        settings = Network(filters=8, blocks=3, architecture="table6", attention_site=site)
        codes.append(SceneNetwork(parse("attention-heads2-layers1"), settings, 2, 6, 4).eval()(wave, tag)[0])
    assert (codes[0] - codes[1]).abs().max() > 1e-3
