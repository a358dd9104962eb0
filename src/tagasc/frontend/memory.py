"""Memory that a training step needs on the device."""

from tagasc.config import Network
from tagasc.frontend.operations import block_widths
from tagasc.training.layers import bytes_per_value

_INDEX = 8  # bytes in which max pooling keeps the place of each maximum
_SINGLE = 4  # bytes of a value in float32
_OTHER = 10**9  # weights, optimizer, work space of the convolutions, and gaps between tensors


def step_memory(network: Network, batch_size: int, channels: int, samples: int, heard: int = 0) -> int:
    """Estimate the memory of a training step, in bytes: what the forward pass keeps for the backward pass, plus 1 GB.

    A convolution keeps its input and a batch norm its own, in the precision of the activations. Max pooling keeps its
    input and one index per output. Waveforms stay in float32. The backward pass needs no more: it frees the maps of
    the long last blocks before it makes gradients of the first ones.

    Parameters
    ----------
    network
        Sizes and precision.
    batch_size
        Clips in a batch.
    channels, samples
        Channels and length of the training's waveforms.
    heard
        Length of the waveforms of a student's teachers, which keep nothing for a backward pass; 0 for no student.

    Returns
    -------
    int
        In bytes. Of the paper's batch of 24 clips, table1 keeps 2.8 GB in bfloat16 and 4.9 GB in float32.
    """
    size = bytes_per_value(network.precision)
    frames = samples // 12
    # A batch and its partners, and the copy in the precision of the first convolution.
    kept = channels * samples * (2 * _SINGLE + size)
    kept += 2 * network.filters * frames * size  # the strided convolution's batch norm, and the first block
    for _, middle, outputs in block_widths(network):
        kept += (2 * middle + 2 * outputs) * frames * size
        frames //= 3
        kept += outputs * frames * (size + _INDEX)
    if network.architecture == "table6":
        kept += 2 * network.filters * (frames + 6) * size
    # A block without a backward pass has four maps at the same time: input, shortcut, and two of the residual.
    passing = channels * heard * 2 * _SINGLE + 4 * network.filters * (heard // 12) * size
    return batch_size * (kept + passing) + _OTHER
