"""Layers that tag vectors pass before they enter the scene network (section 3)."""

import torch
from torch import Tensor, nn

from tagasc.artifacts.tags import STANDARDISED_LIMIT


class TagStandardisation(nn.Module):
    """Standardisation of tags to mean 0 and standard deviation 1 over the training clips.

    Standardised values are clipped to ± `tagasc.artifacts.tags.STANDARDISED_LIMIT`.

    The statistics are saved with the weights.
    """

    def __init__(self, tags: int) -> None:
        super().__init__()
        self.mean = nn.Buffer(torch.zeros(tags))
        self.deviation = nn.Buffer(torch.ones(tags))

    def fit(self, tags: Tensor) -> None:
        """Take the statistics of the training clips' tag vectors (clips, tags)."""
        self.mean.copy_(tags.mean(dim=0))
        # A tag that is constant in training has no deviation to divide by.
        self.deviation.copy_(tags.std(dim=0, correction=0).clamp_min(1e-3))

    def forward(self, tag: Tensor) -> Tensor:
        """Map tag vectors (batch, tags) to standardised ones."""
        return ((tag - self.mean) / self.deviation).clamp(-STANDARDISED_LIMIT, STANDARDISED_LIMIT)


class TagTransform(nn.Sequential):
    """Transform layers: (batch, tags) to (batch, tags). With no layer it is the identity."""

    def __init__(self, layers: int, tags: int, slope: float) -> None:
        super().__init__(
            *(nn.Sequential(nn.Linear(tags, tags), nn.LeakyReLU(slope)) for _ in range(layers)),
        )


class MultiHeadAttention(nn.Module):
    """The attention map of section 3.2: one factor per filter, from a softmax within each head.

    In the paper, the factors of each head sum to 1. With ``rescale``, they are multiplied by the number of filters per
    head, so that their mean is 1.
    """

    def __init__(self, heads: int, tags: int, filters: int, *, rescale: bool) -> None:
        super().__init__()
        self.heads = heads
        self.factor = filters / heads if rescale else 1.0
        self.projection = nn.Linear(tags, filters)

    def forward(self, tag: Tensor) -> Tensor:
        """Map transformed tag vectors (batch, tags) to attention maps (batch, filters)."""
        scores = self.projection(tag).unflatten(1, (self.heads, -1))
        return self.factor * scores.softmax(dim=2).flatten(1)
