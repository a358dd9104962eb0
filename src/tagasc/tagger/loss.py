"""The loss of the tagger."""

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
    separate_batches
        Pass the batches through the trunk one by one, so that each has batch statistics of its own.
    soft_label_weight
        Weight of the mean squared error.
    """

    def __init__(self, *, noisy_double_sigmoid: bool, separate_batches: bool, soft_label_weight: float) -> None:
        super().__init__()
        self.noisy_double_sigmoid, self.separate_batches = noisy_double_sigmoid, separate_batches
        self.soft_label_weight = soft_label_weight

    def forward(self, network: TwoHeadedResNet, step: Step) -> Tensor:
        """Return the loss of one step."""
        if self.separate_batches:
            with network.autocast(step.spectrograms.device):
                features = [network(spectrograms) for spectrograms in step.spectrograms.split(step.sizes)]
        else:
            features = list(network(step.spectrograms).split(step.sizes))
        (curated, noisy, *soft), targets = features, step.targets.split(step.sizes)
        noisy_logits = network.noisy_head(noisy)
        if self.noisy_double_sigmoid:
            noisy_logits = noisy_logits.sigmoid()
        loss = F.binary_cross_entropy_with_logits(network.curated_head(curated), targets[0])
        loss = loss + F.binary_cross_entropy_with_logits(noisy_logits, targets[1])
        if soft:
            predicted = network.curated_head(soft[0]).sigmoid()
            loss = loss + self.soft_label_weight * F.mse_loss(predicted, targets[2])
        return loss
