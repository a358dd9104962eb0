import pytest
import torch

from tagasc.artifacts.weights import SNAPSHOTS, write_weights
from tagasc.config import TaggerNetwork
from tagasc.runtime.errors import InputError
from tagasc.tagger.network import TwoHeadedResNet

CPU = torch.device("cpu")


def test_number_of_parameters():
    with torch.device("meta"):
        network = TwoHeadedResNet(TaggerNetwork(), 80)
    parts = [network, network.trunk, network.curated_head, network.noisy_head]
    counts = [sum(p.numel() for p in part.parameters() if p.requires_grad) for part in parts]
    assert counts == [24_592_224, 21_278_400, 1_656_912, 1_656_912]


def test_the_heads_are_separate(settings):
    torch.manual_seed(0)  # with some weights, no unit of the small head is active
    network = TwoHeadedResNet(settings.network, 3).eval()
    features = network(torch.randn(2, 1, 16, 40))
    curated, noisy = network.curated_head(features), network.noisy_head(features)
    assert curated.shape == noisy.shape == (2, 3)
    assert (curated - noisy).abs().min() > 1e-6
    noisy.sum().backward()
    assert all(p.grad is None for p in network.curated_head.parameters())
    assert network.trunk.conv1.weight.grad.any()


@pytest.mark.parametrize("frames", [1, 40, 333])
def test_features_are_the_maximum_over_the_last_map(settings, frames):
    network = TwoHeadedResNet(settings.network, 3).eval()
    maps = []
    network.trunk.layer4.register_forward_hook(lambda _layer, _inputs, output: maps.append(output))
    features = network(torch.randn(2, 1, 16, frames))
    assert features.shape == (2, 512)
    torch.testing.assert_close(features, maps[0].amax(dim=(2, 3)))


def test_a_loaded_network_computes_the_same(settings, tmp_path):
    network = TwoHeadedResNet(settings.network, 3)
    network(torch.randn(4, 1, 16, 40))  # the file has the running statistics, too
    write_weights(SNAPSHOTS, tmp_path / "weights.safetensors", network)
    loaded = TwoHeadedResNet.load(tmp_path / "weights.safetensors", settings.network, 3, CPU)
    spectrogram = torch.randn(2, 1, 16, 50)
    for head in ("curated_head", "noisy_head"):
        expected, computed = (getattr(each.eval(), head)(each(spectrogram)) for each in (network, loaded))
        assert torch.equal(computed, expected)


def test_weights_for_other_labels_are_refused(settings, snapshots):
    with pytest.raises(InputError, match=r"fold0.safetensors: has the weights of another network .* rule train_stage1"):
        TwoHeadedResNet.load(snapshots[0], settings.network, 4, CPU)


def test_in_bfloat16_the_trunk_computes_in_half_precision(settings):
    """Features and gradients leave the network in float32."""
    torch.manual_seed(0)
    spectrograms, results = torch.randn(8, 1, 16, 64), []
    for precision in ("float32", "bfloat16"):
        torch.manual_seed(1)
        network = TwoHeadedResNet(settings.network.model_copy(update={"precision": precision}), 3)
        types = []
        network.trunk.layer4.register_forward_hook(
            lambda _module, _inputs, output, types=types: types.append(output.dtype)
        )
        features = network(spectrograms)
        features.square().sum().backward()
        results.append((features.detach(), network.trunk.conv1.weight.grad))
        assert types == [getattr(torch, precision)]
        assert features.dtype == network.trunk.conv1.weight.grad.dtype == torch.float32
    (single, gradient), (half, half_gradient) = results
    assert 1e-4 < (half - single).norm() / single.norm() < 0.1
    assert torch.cosine_similarity(gradient.flatten(), half_gradient.flatten(), dim=0) > 0.9
