"""Operations and bytes of a scene network, counted from its sizes without torch, whose import takes seconds."""

from tagasc.config import Network
from tagasc.paper.grid import Cell
from tagasc.training.layers import Layer, bytes_per_value

WAVEFORM_PASSES = 10
"""How often the values of a waveform are read or written before the first layer, in float32: as integers and floats,
for pre-emphasis, gain and mix-up."""


def block_widths(settings: Network) -> list[tuple[int, int, int]]:
    """Return the numbers of filters of each block: at its input, between its convolutions, and at its output."""
    filters, half = settings.filters, settings.filters // 2
    widths = [(filters, filters, filters)] * settings.blocks
    if settings.architecture == "table6":
        widths[:3] = [(filters, half, half), (half, half, half), (half, filters, filters)]
    return widths


def network_layers(cell: Cell, network: Network, tags: int, classes: int, channels: int, samples: int) -> list[Layer]:
    """Return the layers of a cell's network for one clip.

    Parameters
    ----------
    cell, network
        The cell, and the sizes of its network.
    tags, classes, channels
        Length of a tag vector, number of scenes, channels of a waveform.
    samples
        Length of a clip after pre-emphasis.
    """
    filters, code = network.filters, network.code_dimensions
    frames = samples // 12
    layers = [Layer(channels, filters, frames, 12)]
    for inputs, middle, outputs in block_widths(network):
        layers += [Layer(inputs, middle, frames, 3), Layer(middle, outputs, frames, 3)]
        if inputs != outputs:
            layers.append(Layer(inputs, outputs, frames, 3))
        frames //= 3
    if network.architecture == "table6":
        layers.append(Layer(filters, filters, frames + 6))
    return [*layers, *_tag_layers(cell, network, tags), *_code_layers(cell, network, tags, code, classes)]


def _tag_layers(cell: Cell, network: Network, tags: int) -> list[Layer]:
    """Return the layers that transform tag vectors and turn them into an attention map."""
    if cell.variant == "shared":  # both uses of the tag vector pass the same layers
        transforms = [Layer(tags, tags, positions=2)] * (cell.concat_layers or 0)
    else:
        transforms = [Layer(tags, tags)] * ((cell.concat_layers or 0) + (cell.attention_layers or 0))
    return transforms + ([Layer(tags, network.filters)] if cell.heads is not None else [])


def _code_layers(cell: Cell, network: Network, tags: int, code: int, classes: int) -> list[Layer]:
    """Return the layers from pooled features to the class scores."""
    pooled = 2 * network.filters
    scores = Layer(code + (tags if cell.variant == "codecat" else 0), classes)
    if cell.variant == "before_code" and cell.concat_layers == 0 and network.concat_after_code:
        return [Layer(pooled, code), Layer(code + tags, code), scores]
    return [Layer(pooled + (tags if cell.concat_layers is not None else 0), code), scores]


def step_bytes(network: Network, channels: int, samples: int) -> int:
    """Return the bytes that a training step reads and writes per clip, without torch.compile.

    Each operation reads its inputs from the GPU's memory and writes its output there. The gradient of a batch norm
    needs two passes over its inputs, and that of a convolution one pass for its inputs and one for its weights.

    Parameters
    ----------
    network
        Sizes and precision of the network.
    channels, samples
        Channels of a waveform, and its length after pre-emphasis.
    """
    frames = samples // 12
    first = network.filters * frames
    values = 18.0 * first  # as below, without a gradient of the waveform
    indices = 0.0
    for inputs, middle, outputs in block_widths(network):
        read, between, written = inputs * frames, middle * frames, outputs * frames
        # In this order: convolution, its bias, batch norm, activation; gradients of all of them.
        values += read + between * (1 + 2 + 3 + 2) + between * (3 + 5 + 3) + 2 * read
        values += between + written * (1 + 2 + 3) + written * (5 + 3) + 2 * between
        if inputs != outputs:  # the shortcut is a convolution
            values += read + 3 * written + 3 * written + 2 * read
        # Sum with the shortcut, max pooling, and an activation on a third; gradients. Those of both inputs are added.
        values += written * (3 + 4 / 3 + 2 / 3) + written * (1 + 4 / 3) + 3 * read
        indices += 2 * written / 3  # of the largest values, as 64-bit integers
        frames //= 3
    return round(bytes_per_value(network.precision) * values + 8 * indices + 4 * WAVEFORM_PASSES * channels * samples)


def kept_bytes(network: Network, samples: int) -> int:
    """Return the bytes per clip that a training step keeps in memory for its backward pass.

    A block keeps the inputs of its batch norms, of its second convolution and of its pooling, the places of the largest
    values as 64-bit integers, and its output.
    """
    frames = samples // 12
    values, indices = 2.0 * network.filters * frames, 0.0
    for _, middle, outputs in block_widths(network):
        values += frames * (2 * middle + (2 + 1 / 3) * outputs)
        indices += frames * outputs / 3
        frames //= 3
    return round(bytes_per_value(network.precision) * values + 8 * indices)
