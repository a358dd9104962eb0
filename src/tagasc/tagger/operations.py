"""Operations and bytes of the tagger's network, counted from its sizes without torch, whose import takes seconds."""

from tagasc.config import TaggerNetwork, TaggerTraining
from tagasc.training.layers import Layer, bytes_per_value

_STEM = 64
"""Filters of the first convolution and of the first stage; each further stage has twice as many."""
_PASSES = 20
"""How often a training step reads or writes each output value of a layer; see `step_bytes`."""

_OVERHEAD = 1 << 30
"""Bytes on the GPU for CUDA itself, the libraries' workspace and gradients in passing."""


def network_layers(network: TaggerNetwork, classes: int, bands: int, frames: int) -> list[Layer]:
    """Return the layers that the spectrogram (bands, frames) of one clip passes: the trunk and one head.

    Parameters
    ----------
    network
        Sizes of trunk and heads.
    classes
        Number of labels.
    bands, frames
        Size of the spectrogram, padding included.
    """
    height, width = _half(bands), _half(frames)
    layers = [Layer(1, _STEM, height * width, 7 * 7)]
    height, width = _half(height), _half(width)
    inputs = _STEM
    for stage, blocks in enumerate(network.layers):
        outputs = _STEM << stage
        if stage:
            height, width = _half(height), _half(width)
            layers.append(Layer(inputs, outputs, height * width))  # the shortcut
        layers.append(Layer(inputs, outputs, height * width, 3 * 3))
        layers += [Layer(outputs, outputs, height * width, 3 * 3)] * (2 * blocks - 1)
        inputs = outputs
    return [*layers, *_head(network, inputs, classes)]


def count_parameters(network: TaggerNetwork, classes: int) -> int:
    """Return the number of parameters: those of the trunk and of both heads."""
    *trunk, first, second, last = network_layers(network, classes, 1, 1)
    head = sum(layer.weights + layer.outputs for layer in (first, second, last))
    return sum(layer.weights + 2 * layer.outputs for layer in trunk) + 2 * head


def step_bytes(network: TaggerNetwork, bands: int, frames: int) -> int:
    """Return the bytes that a training step reads and writes per clip, without torch.compile.

    A value of a convolution is written once, read and written three times by its batch norm, twice by its activation,
    and once or twice by the sum with the shortcut. The gradients of these operations need 5, 3 and 2 passes, and those
    of the convolution 4.
    """
    values = sum(layer.values for layer in network_layers(network, 1, bands, frames))
    return bytes_per_value(network.precision) * _PASSES * values


def kept_bytes(network: TaggerNetwork, bands: int, frames: int) -> int:
    """Return the bytes per clip that a training step keeps in memory for its backward pass.

    The output of each convolution is kept for the gradient of its batch norm, and that of its activation for the next
    convolution.
    """
    values = sum(layer.values for layer in network_layers(network, 1, bands, frames))
    return bytes_per_value(network.precision) * 2 * values


def training_bytes(network: TaggerNetwork, training: TaggerTraining, classes: int, bands: int, batches: int) -> int:
    """Return the bytes on a GPU that a training needs in addition to its clips, with a gigabyte for the libraries.

    Parameters
    ----------
    network, training
        Sections of the tagger's configuration.
    classes, bands
        Number of labels and of mel bands.
    batches
        Batches per step: two in stage 1, three in stage 2.
    """
    slices = batches * training.batch_size
    # Weights, gradients, and three further values per weight, of the optimizer and of checkpoints.
    weights = 5 * 4 * count_parameters(network, classes)
    return slices * kept_bytes(network, bands, training.slice_frames) + weights + _OVERHEAD


def _head(network: TaggerNetwork, features: int, classes: int) -> list[Layer]:
    width = network.head_width
    return [Layer(features, width), Layer(width, width), Layer(width, classes)]


def _half(size: int) -> int:
    """Return the size that a convolution or a pooling with a stride of two leaves."""
    return (size + 1) // 2
