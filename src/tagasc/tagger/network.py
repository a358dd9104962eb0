"""The tagger's network: a residual network on log-mel spectrograms with two heads, after Akiyama and Sato [14]."""

from pathlib import Path
from typing import Self

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torchvision.models.resnet import BasicBlock, ResNet

from tagasc.config import Tagger
from tagasc.writing import written_whole


class TwoHeadedResNet(nn.Module):
    """One trunk and two heads of equal shape, one for curated and one for noisy labels.

    With ResNet-34's layers and 80 classes it has 24,592,224 parameters. The paper's "44 million" counts the stages that
    the heads share twice.
    """

    def __init__(self, settings: Tagger, classes: int) -> None:
        super().__init__()
        trunk = ResNet(BasicBlock, settings.layers)
        trunk.conv1 = nn.Conv2d(1, 64, 7, stride=2, padding=3, bias=False)
        trunk.avgpool = nn.AdaptiveMaxPool2d(1)
        features = trunk.fc.in_features
        trunk.fc = nn.Identity()
        self.trunk = trunk
        self.curated_head = _head(settings, features, classes)
        self.noisy_head = _head(settings, features, classes)
        self.to(memory_format=torch.channels_last)  # an eighth faster on a CPU

    def forward(self, spectrogram: Tensor) -> Tensor:
        """Map log-mel spectrograms (batch, 1, band, frame) to features (batch, 512) for either head."""
        return self.trunk(spectrogram)

    def save(self, path: Path) -> None:
        """Write the weights as safetensors."""
        with written_whole(path) as partial:
            save_file({name: tensor.cpu().contiguous() for name, tensor in self.state_dict().items()}, partial)

    @classmethod
    def load(cls, path: Path, settings: Tagger, classes: int, device: torch.device) -> Self:
        """Build the network of a file of weights."""
        network = cls(settings, classes).to(device)
        network.load_state_dict(load_file(path))
        return network


def _head(settings: Tagger, features: int, classes: int) -> nn.Sequential:
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
