import numpy as np
import pytest
import torch

from tagasc.config import Network
from tagasc.frontend.network import SceneNetwork
from tagasc.paper.grid import parse


@pytest.mark.parametrize(("architecture", "last"), [("table1", 18), ("table6", 24)])
def test_output_shapes_equal_table_1(architecture, last):
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


# A second implementation, for one clip, in NumPy: from the weights ``w`` and the text of the paper.


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
    x = leaky(norm(w, "trunk.strided_convolution.1", convolve(w, "trunk.strided_convolution.0", wave, stride=12)))
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
def test_the_whole_network_equals_its_formulas(name, keys):
    cell, settings = parse(name), Network(filters=8, blocks=3, code_size=5, **keys)
    torch.manual_seed(0)
    network = SceneNetwork(cell, settings, channels=2, tags=6, classes=4).double().eval()
    for key, values in network.state_dict().items():
        if key.endswith(("running_var", "deviation")):
            values.uniform_(0.5, 2)
        elif values.is_floating_point():
            values.normal_(0, 0.5)
    if settings.standardise_tags:
        network.standardise.deviation[0] = 1e-3
    wave, tag = torch.randn(3, 2, 700, dtype=torch.float64), torch.rand(3, 6, dtype=torch.float64)
    with torch.no_grad():
        codes, scores = network(wave, tag)
    weights = {key: values.numpy() for key, values in network.state_dict().items()}
    for clip in range(3):
        tags = tag[clip].numpy()
        if settings.standardise_tags:
            tags = ((tags - weights["standardise.mean"]) / weights["standardise.deviation"]).clip(-10, 10)
            assert (abs(tags) == 10).any()
        attention = attention_map(weights, cell, settings, tags)
        pooled = pooled_features(weights, settings, wave[clip].numpy(), attention)
        code = code_of(weights, cell, settings, pooled, tags)
        np.testing.assert_allclose(codes[clip].numpy(), code, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(scores[clip].numpy(), layer(weights, "output", code), rtol=1e-9, atol=1e-12)


def test_codes_of_codecat_have_144_values():
    with torch.device("meta"):
        network = SceneNetwork(parse("codecat"), Network(), 2, 80, 10)
        assert network(torch.empty(1, 2, 479_999), torch.empty(1, 80))[0].shape == (1, 144)


def test_the_baseline_ignores_tags():
    network = SceneNetwork(parse("baseline"), Network(filters=8, blocks=3), 2, 6, 4).eval()
    wave = torch.randn(2, 2, 700)
    torch.testing.assert_close(network(wave, torch.full((2, 6), torch.nan)), network(wave, torch.rand(2, 6)))


@pytest.mark.parametrize("name", ["shared-heads2-layers2", "separate-heads2-concat2-attention2"])
def test_each_use_of_tags_trains_its_own_transform_layers_unless_they_are_shared(name):
    """Gradients reach the layers through concatenation and attention; one of the two is closed at a time."""
    reached = {}
    for closed in ("concatenation", "attention"):
        torch.manual_seed(0)
        network = SceneNetwork(parse(name), Network(filters=8, blocks=3, code_size=5), 2, 6, 4).double()
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


def test_the_attention_site_makes_a_difference():
    codes = []
    wave, tag = torch.randn(2, 2, 700), torch.rand(2, 6)
    for site in ("before_pooling", "before_last_conv"):
        torch.manual_seed(0)
        settings = Network(filters=8, blocks=3, architecture="table6", attention_site=site)
        codes.append(SceneNetwork(parse("attention-heads2-layers1"), settings, 2, 6, 4).eval()(wave, tag)[0])
    assert (codes[0] - codes[1]).abs().max() > 1e-3
