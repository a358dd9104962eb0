"""What a cell's network costs: trainable parameters, and multiplications for one clip."""

from dataclasses import dataclass

import torch
from torch.utils.flop_counter import FlopCounterMode

from tagasc.cells import Cell
from tagasc.config import Network
from tagasc.frontend.network import SceneNetwork


@dataclass(frozen=True)
class Cost:
    """Trainable parameters, and multiply-accumulate operations (MACs) of one clip's forward pass."""

    parameters: int
    macs: int


def cost(cell: Cell, network: Network, tags: int, classes: int, channels: int, samples: int) -> Cost:
    """Count a cell's parameters and MACs without allocating or computing anything.

    ``samples`` is the length of a clip before pre-emphasis, which drops the first one. MACs are those of convolutions
    and matrix products.
    """
    with torch.device("meta"):
        model = SceneNetwork(cell, network, channels, tags, classes).eval()
        waveform, tag = torch.empty(1, channels, samples - 1), torch.empty(1, tags)
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            model(waveform, tag)
    parameters = sum(p.numel() for p in model.parameters() if p.requires_grad)
    return Cost(parameters, counter.get_total_flops() // 2)  # a MAC is two floating-point operations
