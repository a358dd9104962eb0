"""The scene network, and the six ways in which tag vectors enter it (Figure 2)."""

import torch
from torch import Tensor, nn

from tagasc.config import Network
from tagasc.frontend.tag_layers import MultiHeadAttention, TagStandardisation, TagTransform
from tagasc.frontend.trunk import Trunk
from tagasc.paper.grid import Cell


class SceneNetwork(nn.Module):
    """The network of Table 1, which tag vectors enter as the cell says.

    Parameters
    ----------
    cell
        How tag vectors enter.
    settings
        Architecture, sizes and precision; a precision that is not settled yet (auto) counts as float32.
    channels, tags, classes
        Channels of a waveform, length of a tag vector, number of scenes.
    """

    def __init__(self, cell: Cell, settings: Network, channels: int, tags: int, classes: int) -> None:
        super().__init__()
        self.cell, self.attention_site = cell, settings.attention_site
        self.half_precision = settings.precision == "bfloat16"
        filters, slope, code_size = settings.filters, settings.negative_slope, settings.code_dimensions
        self.trunk = Trunk(settings, channels)
        self.standardise = TagStandardisation(tags) if settings.standardise_tags else nn.Identity()

        self.concat_transform = self.attention_transform = self.attention = self.code_transform = None
        if cell.concat_layers is not None:
            self.concat_transform = TagTransform(cell.concat_layers, tags, slope)
        if cell.attention_layers is not None and cell.variant != "shared":
            self.attention_transform = TagTransform(cell.attention_layers, tags, slope)
        if cell.heads is not None:
            self.attention = MultiHeadAttention(cell.heads, tags, filters, rescale=settings.attention_rescale)
        if cell.variant == "before_code" and cell.concat_layers == 0 and settings.concat_after_code:
            self.code_transform = nn.Linear(code_size + tags, code_size)

        concatenates = self.concat_transform is not None and self.code_transform is None
        self.code = nn.Linear(2 * filters + (tags if concatenates else 0), code_size)
        self.code_size = code_size + (tags if cell.variant == "codecat" else 0)
        self.output = nn.Linear(self.code_size, classes, bias=settings.architecture == "table1")
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
        if self.attention_site == "before_last_conv":
            features = self.trunk(waveform, attention)
        else:
            features = self.trunk(waveform)
            if attention is not None:
                features = features * attention[:, :, None]  # equation (2): the same factors at every frame
        pooled = torch.cat([features.mean(dim=2), features.amax(dim=2)], dim=1)
        code = self._code(pooled, tag)
        return code, self.output(code)

    def _attention_map(self, tag: Tensor) -> Tensor | None:
        """Return the attention map (batch, filters) of standardised tag vectors, or None without attention."""
        if self.attention is None:
            return None
        # In Table 5, one stack of layers serves both uses of the tag vector. In Table 4, each use has its own.
        transform = self.concat_transform if self.cell.variant == "shared" else self.attention_transform
        assert transform is not None
        return self.attention(transform(tag))

    def _code(self, pooled: Tensor, tag: Tensor) -> Tensor:
        """Return the code of pooled features (batch, 2 · filters) and standardised tag vectors (batch, tags)."""
        if self.cell.variant == "codecat":
            return torch.cat([self.code(pooled), tag], dim=1)
        if self.code_transform is not None:
            return self.code_transform(torch.cat([self.code(pooled), tag], dim=1))
        if self.concat_transform is not None:
            return self.code(torch.cat([pooled, self.concat_transform(tag)], dim=1))
        return self.code(pooled)
