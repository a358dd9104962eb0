"""Cost of a cell's network: trainable parameters and multiplications per clip."""

from dataclasses import dataclass

import torch
from torch.utils.flop_counter import FlopCounterMode

from tagasc.config import Network
from tagasc.frontend.network import SceneNetwork
from tagasc.paper.grid import Cell


@dataclass(frozen=True)
class Cost:
    """Trainable parameters, and multiply-accumulate operations (MACs) of the forward pass of one clip."""

    parameters: int
    macs: int


def cost(cell: Cell, network: Network, tags: int, classes: int, channels: int, samples: int) -> Cost:
    """Count parameters and MACs of a cell without allocating or computing anything.

    Parameters
    ----------
    cell, network
        The cell, and the sizes of its network. The precision makes no difference.
    tags, classes, channels
        Length of a tag vector, number of scenes, channels of a waveform.
    samples
        Length of a clip before pre-emphasis, which drops the first sample.

    Returns
    -------
    Cost
        MACs are those of convolutions and matrix products.
    """
    single = network.model_copy(update={"precision": "float32"})  # the meta device has no autocast
    with torch.device("meta"):
        model = SceneNetwork(cell, single, channels, tags, classes).eval()
        waveform, tag = torch.empty(1, channels, samples - 1), torch.empty(1, tags)
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            model(waveform, tag)
    macs = counter.get_total_flops() // 2  # a MAC is two floating-point operations
    return Cost(_trainable_parameters(model), macs)


def count_parameters(cell: Cell, network: Network, tags: int, classes: int, channels: int) -> int:
    """Count the trainable parameters of a cell; they do not depend on the length of a clip. See `cost`."""
    with torch.device("meta"):
        return _trainable_parameters(SceneNetwork(cell, network, channels, tags, classes))


def _trainable_parameters(model: SceneNetwork) -> int:
    return sum(p.numel() for p in model.parameters() if p.requires_grad)
