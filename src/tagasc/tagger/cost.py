"""Cost of the tagger's network, counted by torch: trainable parameters and multiplications per clip."""

from typing import NamedTuple

import torch
from torch.utils.flop_counter import FlopCounterMode

from tagasc.config import TaggerNetwork
from tagasc.tagger.network import TwoHeadedResNet


class Cost(NamedTuple):
    """Trainable parameters, and multiply-accumulate operations (MACs) of the forward pass of one clip."""

    parameters: int
    macs: int


def cost(network: TaggerNetwork, classes: int, bands: int, frames: int) -> Cost:
    """Count parameters and MACs of the trunk and one head, without allocating or computing anything.

    Parameters
    ----------
    network
        Sizes of trunk and heads.
    classes
        Number of labels.
    bands, frames
        Size of the spectrogram of a clip, padding included.
    """
    with torch.device("meta"):
        model = TwoHeadedResNet(network, classes).eval()
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            model.curated_head(model(torch.empty(1, 1, bands, frames)))
    parameters = sum(p.numel() for p in model.parameters() if p.requires_grad)
    return Cost(parameters, counter.get_total_flops() // 2)  # a MAC is two floating-point operations
