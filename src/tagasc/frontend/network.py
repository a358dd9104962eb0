"""The scene network: a residual network on raw waveforms, and the six ways in which tag vectors enter it.

Features are (batch, filters, 1, frames) in memory order "channels last". A training step in float32 takes half the time
that it takes with one-dimensional layers: 1.1 instead of 2.2 ms a clip of 16,000 samples and 32 filters, on one core of
an AMD EPYC with AVX-512.
"""

import torch
from torch import Tensor, nn

from tagasc.cells import Cell
from tagasc.config import Network
from tagasc.frontend.strided_convolution import StridedConvolution


class ResidualBlock(nn.Module):
    """Two convolutions over time, their shortcut and a pooling by three (Table 1, "Res block").

    Batch norm follows each convolution and the last activation follows the addition. It is computed after the pooling,
    on a third of the values: LeakyReLU never falls, so the largest of three is the same before and after it. Where
    widths differ the shortcut is a convolution of the same length.
    """

    def __init__(self, inputs: int, middle: int, outputs: int, slope: float) -> None:
        super().__init__()
        self.residual = nn.Sequential(
            _convolution(inputs, middle, 3, padding=1),
            nn.BatchNorm2d(middle),
            nn.LeakyReLU(slope, inplace=True),
            _convolution(middle, outputs, 3, padding=1),
            nn.BatchNorm2d(outputs),
        )
        self.shortcut = nn.Identity() if inputs == outputs else _convolution(inputs, outputs, 3, padding=1)
        self.activation = nn.LeakyReLU(slope, inplace=True)
        self.pool = nn.MaxPool2d((1, 3))

    def forward(self, features: Tensor) -> Tensor:
        """Map (batch, inputs, 1, frames) to (batch, outputs, 1, frames // 3)."""
        return self.activation(self.pool(self.residual(features).add_(self.shortcut(features))))


class Trunk(nn.Module):
    """From a pre-emphasised waveform to the last frame-level feature map, M of equation (1).

    Table 1's preset is a strided convolution and equal blocks. Table 6's is reference [22]'s released network: narrower
    first blocks, and after the blocks a convolution of length one, whose padding of three adds six frames.
    """

    def __init__(self, settings: Network, channels: int) -> None:
        super().__init__()
        filters, slope = settings.filters, settings.negative_slope
        self.strided_convolution = StridedConvolution(channels, filters, 12, slope)
        self.blocks = nn.Sequential(*(ResidualBlock(*width, slope) for width in block_widths(settings)))
        self.last_convolution: nn.Module = nn.Identity()
        if settings.architecture == "table6":
            self.last_convolution = nn.Sequential(
                _convolution(filters, filters, 1, padding=3), nn.BatchNorm2d(filters), nn.LeakyReLU(slope, inplace=True)
            )

    def forward(self, waveform: Tensor, attention_before_last: Tensor | None = None) -> Tensor:
        """Map (batch, channel, time) to (batch, filters, frames).

        ``attention_before_last`` (batch, filters) multiplies the map before the last convolution.
        """
        features = self.blocks(self.strided_convolution(waveform))
        if attention_before_last is not None:
            features = features * attention_before_last[:, :, None, None]
        return self.last_convolution(features).flatten(2)


def block_widths(settings: Network) -> list[tuple[int, int, int]]:
    """Return the filters that go into each block, stand between its convolutions, and come out of it."""
    filters, half = settings.filters, settings.filters // 2
    widths = [(filters, filters, filters)] * settings.blocks
    if settings.architecture == "table6":
        widths[:3] = [(filters, half, half), (half, half, half), (half, filters, filters)]
    return widths


def _convolution(inputs: int, outputs: int, length: int, padding: int) -> nn.Conv2d:
    """Return a convolution over the frames of (batch, inputs, 1, frames)."""
    return nn.Conv2d(inputs, outputs, (1, length), padding=(0, padding))


class TagStandardisation(nn.Module):
    """Tags with mean 0 and standard deviation 1 over the training clips; the statistics are saved with the weights."""

    def __init__(self, tags: int) -> None:
        super().__init__()
        self.mean = nn.Buffer(torch.zeros(tags))
        self.deviation = nn.Buffer(torch.ones(tags))

    def fit(self, tags: Tensor) -> None:
        """Take the statistics of the training clips' tag vectors (clips, tags)."""
        self.mean.copy_(tags.mean(dim=0))
        # A tag that hardly occurs in training would dwarf all others where it does: tags are at most 1, so 1,000 here.
        self.deviation.copy_(tags.std(dim=0, correction=0).clamp_min(1e-3))

    def forward(self, tag: Tensor) -> Tensor:
        """Map tag vectors (batch, tags) to standardised ones."""
        return (tag - self.mean) / self.deviation


class TagTransform(nn.Sequential):
    """The layers that transform a tag vector, (batch, tags) to (batch, tags); none of them is the identity."""

    def __init__(self, layers: int, tags: int, slope: float) -> None:
        super().__init__(
            *(nn.Sequential(nn.Linear(tags, tags), nn.LeakyReLU(slope)) for _ in range(layers)),
        )


class MultiHeadAttention(nn.Module):
    """The attention map am of section 3.2: one factor a filter, a softmax within each head.

    The paper's map sums to 1 in each head; with ``rescale`` it is multiplied by the filters of a head, to a mean of 1.
    """

    def __init__(self, heads: int, tags: int, filters: int, rescale: bool) -> None:
        super().__init__()
        self.heads = heads
        self.factor = filters / heads if rescale else 1.0
        self.projection = nn.Linear(tags, filters)

    def forward(self, tag: Tensor) -> Tensor:
        """Map transformed tag vectors (batch, tags) to attention maps (batch, filters)."""
        scores = self.projection(tag).unflatten(1, (self.heads, -1))
        return self.factor * scores.softmax(dim=2).flatten(1)


class SceneNetwork(nn.Module):
    """Table 1's network with the tag vector entering as a cell says (Figure 2).

    Parameters
    ----------
    cell
        How tag vectors enter.
    settings
        Architecture and sizes.
    channels, tags, classes
        Channels of the waveform, values of a tag vector, and scenes.
    """

    def __init__(self, cell: Cell, settings: Network, channels: int, tags: int, classes: int) -> None:
        super().__init__()
        self.cell = cell
        self.site = settings.attention_site
        self.half_precision = settings.precision == "bfloat16"
        slope, code = settings.negative_slope, settings.code_dimensions
        pooled = 2 * settings.filters
        self.trunk = Trunk(settings, channels)

        self.standardise = TagStandardisation(tags) if settings.standardise_tags else nn.Identity()
        self.concat_transform = self.attention_transform = None
        if cell.concat_layers is not None:
            self.concat_transform = TagTransform(cell.concat_layers, tags, slope)
        if cell.attention_layers is not None and cell.variant != "shared":
            self.attention_transform = TagTransform(cell.attention_layers, tags, slope)
        self.attention = None
        if cell.heads is not None:
            self.attention = MultiHeadAttention(cell.heads, tags, settings.filters, settings.attention_rescale)

        after_code = settings.concat_after_code and cell.variant == "before_code" and cell.concat_layers == 0
        self.code_transform = nn.Linear(code + tags, code) if after_code else None
        concatenated = 0 if self.concat_transform is None or after_code else tags
        self.code = nn.Linear(pooled + concatenated, code)
        output = code + tags if cell.variant == "codecat" else code
        self.output = nn.Linear(output, classes, bias=settings.architecture == "table1")
        self.to(memory_format=torch.channels_last)

    def forward(self, waveform: Tensor, tag: Tensor) -> tuple[Tensor, Tensor]:
        """Map waveforms (batch, channel, time) and tag vectors (batch, tags) to codes and class scores.

        Returns
        -------
        code : (batch, code), with codecat (batch, code + tags)
        scores : (batch, classes), before the softmax
        """
        if not self.half_precision:
            return self._forward(waveform, tag)
        with torch.autocast(waveform.device.type, torch.bfloat16):
            code, scores = self._forward(waveform, tag)
        return code.float(), scores.float()

    def _forward(self, waveform: Tensor, tag: Tensor) -> tuple[Tensor, Tensor]:
        tag = self.standardise(tag)
        attention = self._attention_map(tag)
        before_last = attention if self.site == "before_last_conv" else None
        features = self.trunk(waveform, before_last)
        if attention is not None and before_last is None:
            features = features * attention[:, :, None]  # equation (2): the same factor at every frame
        pooled = torch.cat([features.mean(dim=2), features.amax(dim=2)], dim=1)
        code = self._code(pooled, tag)
        return code, self.output(code)

    def _attention_map(self, tag: Tensor) -> Tensor | None:
        if self.attention is None:
            return None
        # A shared stack serves both uses of the tag vector (Table 5), separate ones serve one each (Table 4).
        transform = self.concat_transform if self.cell.variant == "shared" else self.attention_transform
        assert transform is not None
        return self.attention(transform(tag))

    def _code(self, pooled: Tensor, tag: Tensor) -> Tensor:
        if self.cell.variant == "codecat":
            return torch.cat([self.code(pooled), tag], dim=1)
        if self.concat_transform is None:
            return self.code(pooled)
        if self.code_transform is not None:
            return self.code_transform(torch.cat([self.code(pooled), tag], dim=1))
        return self.code(torch.cat([pooled, self.concat_transform(tag)], dim=1))
