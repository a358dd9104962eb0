"""The loss of the tagger."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tagasc.tagger.batches import Step
from tagasc.tagger.network import TwoHeadedResNet


class MultiTaskLoss(nn.Module):
    """Multi-task loss of Akiyama and Sato (2019) [14], section 2.2 of the paper.

    It is the binary cross-entropy of the curated head, plus that of the noisy head. Stage 2 adds the mean squared error
    of the curated head against soft labels, times a weight.

    Parameters
    ----------
    noisy_double_sigmoid
        Apply the sigmoid twice on the noisy side, as the released code of [14] does by mistake.
    soft_label_weight
        Weight of the mean squared error.
    """

    def __init__(self, *, noisy_double_sigmoid: bool, soft_label_weight: float) -> None:
        super().__init__()
        self.noisy_double_sigmoid, self.soft_label_weight = noisy_double_sigmoid, soft_label_weight

    def forward(self, network: TwoHeadedResNet, step: Step) -> Tensor:
        """Return the loss of one step; all its batches pass the trunk together."""
        batches = [batch for batch in step if batch is not None]
        features = network(torch.cat([batch.spectrograms for batch in batches]))
        curated, noisy, *soft = features.split([len(batch.targets) for batch in batches])
        noisy_logits = network.noisy_head(noisy)
        if self.noisy_double_sigmoid:
            noisy_logits = noisy_logits.sigmoid()
        loss = F.binary_cross_entropy_with_logits(network.curated_head(curated), step.curated.targets)
        loss = loss + F.binary_cross_entropy_with_logits(noisy_logits, step.noisy.targets)
        if step.soft is not None:
            predicted = network.curated_head(soft[0]).sigmoid()
            loss = loss + self.soft_label_weight * F.mse_loss(predicted, step.soft.targets)
        return loss
