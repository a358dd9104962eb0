"""The tagger's network: a residual network with two heads, after Akiyama and Sato (2019) [14]."""

from pathlib import Path
from typing import Self

import torch
from torch import Tensor, nn
from torchvision.models.resnet import BasicBlock, ResNet

from tagasc.artifacts.weights import SNAPSHOTS, read_weights
from tagasc.config import TaggerNetwork


class TwoHeadedResNet(nn.Module):
    """Residual trunk with two heads of the same shape, one for curated and one for noisy labels.

    With ResNet-34's layers and 80 classes it has 24,592,224 parameters. The paper's "44 million" count the trunk, which
    the heads share, twice.

    Parameters
    ----------
    settings
        Sizes of trunk and heads, and precision of the trunk; a precision that is not settled yet (auto) counts as
        float32.
    classes
        Number of labels.
    """

    def __init__(self, settings: TaggerNetwork, classes: int) -> None:
        super().__init__()
        self.precision = settings.precision
        self.half_precision = settings.precision == "bfloat16"
        trunk = ResNet(BasicBlock, settings.layers)
        trunk.conv1 = nn.Conv2d(1, 64, 7, stride=2, padding=3, bias=False)
        trunk.avgpool = nn.AdaptiveMaxPool2d(1)
        features = trunk.fc.in_features
        trunk.fc = nn.Identity()
        self.trunk = trunk
        self.curated_head = _head(settings, features, classes)
        self.noisy_head = _head(settings, features, classes)
        self.to(memory_format=torch.channels_last)  # an eighth faster on a CPU

    @classmethod
    def load(cls, path: Path, settings: TaggerNetwork, classes: int, device: torch.device) -> Self:
        """Return the network with the weights of a snapshot.

        Raises
        ------
        InputError
            If the file is missing, damaged, or has the weights of another network.
        """
        network = cls(settings, classes).to(device)
        read_weights(SNAPSHOTS, path, network)
        return network

    def forward(self, spectrogram: Tensor) -> Tensor:
        """Map log-mel spectrograms (batch, 1, band, frame) to features (batch, 512) for either head."""
        if not self.half_precision:
            return self.trunk(spectrogram)
        with self.autocast(spectrogram.device):
            features = self.trunk(spectrogram)
        return features.float()

    def autocast(self, device: torch.device) -> torch.autocast:
        """Return a context in which the trunk computes in its precision, and converts its weights only once."""
        return torch.autocast(device.type, torch.bfloat16, enabled=self.half_precision)


def _head(settings: TaggerNetwork, features: int, classes: int) -> nn.Sequential:
    width, (first, second) = settings.head_width, settings.head_dropout
    return nn.Sequential(
        nn.Linear(features, width),
        nn.ReLU(),
        nn.Dropout(first),
        nn.Linear(width, width),
        nn.ReLU(),
        nn.Dropout(second),
        nn.Linear(width, classes),
    )
