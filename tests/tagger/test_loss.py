import numpy as np
import pytest
import torch

from tagasc.tagger.augmentation import Batch
from tagasc.tagger.batches import Step
from tagasc.tagger.loss import MultiTaskLoss
from tagasc.tagger.network import TwoHeadedResNet


@pytest.mark.parametrize("double_sigmoid", [False, True])
@pytest.mark.parametrize("soft", [False, True])
def test_the_loss_of_a_step(settings, soft, double_sigmoid):
    torch.manual_seed(0)
    network = TwoHeadedResNet(settings.network, 3).double().eval()
    batches = [Batch(torch.randn(n, 1, 16, 32).double(), torch.rand(n, 3).double()) for n in (2, 3, 4)]
    criterion = MultiTaskLoss(noisy_double_sigmoid=double_sigmoid, soft_label_weight=20.0)
    loss = criterion(network, Step(*batches[:2], batches[2] if soft else None)).item()
    heads = [network.curated_head, network.noisy_head, network.curated_head]
    logits = [head(network(images)).detach().numpy() for head, (images, _) in zip(heads, batches, strict=True)]
    curated, noisy, third = (1 / (1 + np.exp(-each)) for each in logits)
    if double_sigmoid:
        noisy = 1 / (1 + np.exp(-noisy))
    targets = [batch.targets.numpy() for batch in batches]
    expected = -(targets[0] * np.log(curated) + (1 - targets[0]) * np.log(1 - curated)).mean()
    expected -= (targets[1] * np.log(noisy) + (1 - targets[1]) * np.log(1 - noisy)).mean()
    if soft:
        expected += 20 * ((third - targets[2]) ** 2).mean()
    assert loss == pytest.approx(expected, rel=1e-9)


def test_all_batches_of_a_step_share_the_batch_statistics(settings):
    network = TwoHeadedResNet(settings.network, 3)
    batch = Batch(torch.randn(2, 1, 16, 32), torch.rand(2, 3))
    MultiTaskLoss(noisy_double_sigmoid=False, soft_label_weight=20.0)(network, Step(batch, batch, batch))
    assert network.trunk.bn1.num_batches_tracked == 1
