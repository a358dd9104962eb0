"""The attention map of a trained network, computed from its weights without torch (section 3.2)."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tagasc.artifacts.tags import STANDARDISED_LIMIT
from tagasc.paper.grid import Cell

Floats = NDArray[np.float64]


class AttentionMap:
    """The attention of a cell: from tag vectors to one factor per filter.

    Parameters
    ----------
    cell
        A cell with heads.
    weights
        Weights and buffers of its network, by name.
    slope
        Negative slope of the transform layers.
    """

    def __init__(self, cell: Cell, weights: Mapping[str, NDArray[Any]], slope: float) -> None:
        assert cell.heads is not None
        assert cell.attention_layers is not None
        self.heads, self._slope = cell.heads, slope
        stack = "concat_transform" if cell.variant == "shared" else "attention_transform"
        names = [f"{stack}.{layer}.0" for layer in range(cell.attention_layers)]
        self._transform = [_layer(weights, name) for name in names]
        self._projection = _layer(weights, "attention.projection")
        tags = self._projection[0].shape[1]
        # A network without standardisation has no such buffers.
        self._standardised = "standardise.mean" in weights
        self._mean = weights["standardise.mean"].astype(float) if self._standardised else np.zeros(tags)
        self._deviation = weights["standardise.deviation"].astype(float) if self._standardised else np.ones(tags)

    def factors(self, tags: Floats) -> Floats:
        """Return the factors (clips, filters) of tag vectors (clips, tags), divided by the mean of their head.

        They do not depend on ``frontend.network.attention_rescale``.
        """
        hidden = self._standardise(tags)
        for weight, bias in self._transform:
            hidden = self._activate(hidden @ weight.T + bias)
        weight, bias = self._projection
        scores = self._by_head(hidden @ weight.T + bias)
        powers = np.exp(scores - scores.max(axis=2, keepdims=True))
        return (powers / powers.mean(axis=2, keepdims=True)).reshape(len(tags), -1)

    def jacobian(self, tag: Floats) -> Floats:
        """Return the derivatives (filters, tags) of the logarithms of the factors at a tag vector (tags,)."""
        standardised = (tag - self._mean) / self._deviation
        hidden, slopes = self._standardise(tag[None])[0], np.eye(len(tag)) / self._deviation
        if self._standardised:  # clipped values do not move
            slopes *= (np.abs(standardised) < STANDARDISED_LIMIT)[:, None]
        for weight, bias in self._transform:
            hidden = weight @ hidden + bias
            slopes = np.where(hidden > 0, 1.0, self._slope)[:, None] * (weight @ slopes)
            hidden = self._activate(hidden)
        weight, bias = self._projection
        scores, slopes = (weight @ hidden + bias).reshape(self.heads, -1), weight @ slopes
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        shares = powers / powers.sum(axis=1, keepdims=True)
        by_head = slopes.reshape(self.heads, -1, len(tag))
        mean = (shares[:, :, None] * by_head).sum(axis=1, keepdims=True)  # of the softmax within each head
        return (by_head - mean).reshape(-1, len(tag))

    def _standardise(self, tags: Floats) -> Floats:
        if not self._standardised:
            return tags
        return np.clip((tags - self._mean) / self._deviation, -STANDARDISED_LIMIT, STANDARDISED_LIMIT)

    def _activate(self, values: Floats) -> Floats:
        return np.where(values > 0, values, self._slope * values)

    def _by_head(self, scores: Floats) -> Floats:
        """Return scores (clips, filters) as (clips, heads, filters of a head)."""
        return scores.reshape(len(scores), self.heads, -1)


def _layer(weights: Mapping[str, NDArray[Any]], name: str) -> tuple[Floats, Floats]:
    return weights[f"{name}.weight"].astype(float), weights[f"{name}.bias"].astype(float)
