from collections import Counter
from copy import deepcopy

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from tagasc.tagger.batches import Step
from tagasc.tagger.loss import MultiTaskLoss
from tagasc.tagger.network import TwoHeadedResNet


def join(batches):
    """Return the step of batches (spectrograms, targets)."""
    return Step(*map(torch.cat, zip(*batches, strict=True)), [len(targets) for _, targets in batches])


@pytest.mark.parametrize("double_sigmoid", [False, True])
@pytest.mark.parametrize("soft", [False, True])
def test_the_loss_of_a_step(settings, soft, double_sigmoid):
    torch.manual_seed(0)
    network = TwoHeadedResNet(settings.network, 3).double().eval()
    batches = [(torch.randn(n, 1, 16, 32).double(), torch.rand(n, 3).double()) for n in (2, 3, 4)]
    criterion = MultiTaskLoss(noisy_double_sigmoid=double_sigmoid, separate_batches=True, soft_label_weight=20.0)
    loss = criterion(network, join(batches if soft else batches[:2])).item()
    heads = [network.curated_head, network.noisy_head, network.curated_head]
    logits = [head(network(images)).detach().numpy() for head, (images, _) in zip(heads, batches, strict=True)]
    curated, noisy, third = (1 / (1 + np.exp(-each)) for each in logits)
    if double_sigmoid:
        noisy = 1 / (1 + np.exp(-noisy))
    targets = [each.numpy() for _, each in batches]
    expected = -(targets[0] * np.log(curated) + (1 - targets[0]) * np.log(1 - curated)).mean()
    expected -= (targets[1] * np.log(noisy) + (1 - targets[1]) * np.log(1 - noisy)).mean()
    if soft:
        expected += 20 * ((third - targets[2]) ** 2).mean()
    assert loss == pytest.approx(expected, rel=1e-9)


@pytest.fixture
def step_and_network(settings):
    """Return a step with batches of different levels, and a network in training mode without dropout."""
    torch.manual_seed(0)
    given = settings.network.model_copy(update={"head_dropout": [0.0, 0.0]})
    batches = [(level * torch.randn(4, 1, 32, 32).double() + level, torch.rand(4, 3).double()) for level in (1, 2, 4)]
    return join(batches), TwoHeadedResNet(given, 3).double()


def test_each_batch_of_a_step_has_its_own_statistics(step_and_network):
    """The loss and its gradients are those of three passes, each written out and differentiated by itself."""
    step, network = step_and_network
    plain = deepcopy(network)
    loss = MultiTaskLoss(noisy_double_sigmoid=False, separate_batches=True, soft_label_weight=20.0)(network, step)
    loss.backward()
    total = 0.0
    kinds = zip(("curated", "noisy", "soft"), step.spectrograms.split(4), step.targets.split(4), strict=True)
    for kind, images, targets in kinds:
        head = plain.noisy_head if kind == "noisy" else plain.curated_head
        predicted = head(plain.trunk(images)).sigmoid()
        if kind == "soft":
            part = 20 * ((predicted - targets) ** 2).mean()
        else:
            part = -(targets * predicted.log() + (1 - targets) * (1 - predicted).log()).mean()
        part.backward()  # gradients add up
        total += part.item()
    assert loss.item() == pytest.approx(total, rel=1e-9)
    for (name, parameter), other in zip(network.named_parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close(parameter.grad, other.grad, rtol=1e-6, atol=1e-9, msg=name)

    mean = torch.zeros(64).double()
    for images in step.spectrograms.split(4):  # a running mean keeps nine tenths of what it was
        mean = 0.9 * mean + 0.1 * network.trunk.conv1(images).mean(dim=(0, 2, 3))
    torch.testing.assert_close(network.trunk.bn1.running_mean, mean)


def test_all_batches_of_a_step_can_share_the_statistics(step_and_network):
    step, network = step_and_network
    plain = deepcopy(network)
    loss = MultiTaskLoss(noisy_double_sigmoid=False, separate_batches=False, soft_label_weight=20.0)(network, step)
    assert network.trunk.bn1.num_batches_tracked == 1
    mean = 0.1 * plain.trunk.conv1(step.spectrograms).mean(dim=(0, 2, 3))
    torch.testing.assert_close(network.trunk.bn1.running_mean, mean)
    separate = MultiTaskLoss(noisy_double_sigmoid=False, separate_batches=True, soft_label_weight=20.0)(plain, step)
    assert abs(separate.item() - loss.item()) > 1e-3


def test_weights_are_converted_to_half_precision_once_per_step(settings):
    shapes = Counter()

    class Conversions(TorchDispatchMode):
        def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
            if operation is torch.ops.aten._to_copy.default and kwargs["dtype"] == torch.bfloat16:
                shapes[tuple(args[0].shape)] += 1
            return operation(*args, **(kwargs or {}))

    network = TwoHeadedResNet(settings.network.model_copy(update={"precision": "bfloat16"}), 3)
    step = join([(torch.randn(4, 1, 32, 32), torch.rand(4, 3)) for _ in range(3)])
    with Conversions():
        MultiTaskLoss(noisy_double_sigmoid=False, separate_batches=True, soft_label_weight=20.0)(network, step)
    assert shapes[4, 1, 32, 32] == 3
    assert shapes[tuple(network.trunk.conv1.weight.shape)] == 1
