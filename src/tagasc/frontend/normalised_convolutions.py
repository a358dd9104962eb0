"""Convolutions whose outputs go straight into a batch norm, and how a GPU saves passes over the features there.

A convolution's bias costs a pass over the features, and its gradient another one. Neither has an effect in training:
batch norm subtracts the mean, and the bias with it. In evaluation, batch norm is a factor and a summand per filter,
which the convolution can apply itself. A CPU computes the plain formulas: codes and weights there are repeatable bit
for bit.
"""

from copy import deepcopy
from typing import TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from tagasc.frontend.batch_norm import BatchNorm

T = TypeVar("T", bound=nn.Module)


class NormalisedConvolutions(nn.Sequential):
    """Layers in sequence, in which a batch norm follows each convolution."""

    def forward(self, features: Tensor) -> Tensor:
        """Map (batch, channel, 1, time) to (batch, filters, 1, frames)."""
        if self.training and features.device.type == "cuda":
            return self.without_biases(features)
        for layer in self:
            features = layer(features)
        return features

    def without_biases(self, features: Tensor) -> Tensor:
        """Return what the layers compute in training mode, without a pass for the biases of the convolutions."""
        layers = list(self)
        for layer, following in zip(layers, [*layers[1:], None], strict=True):
            if isinstance(layer, nn.Conv2d):
                assert isinstance(following, BatchNorm)
                features = _convolve_and_normalise(features, layer, following)
            elif not isinstance(layer, BatchNorm):
                features = layer(features)
        return features


def _convolve_and_normalise(features: Tensor, convolution: nn.Conv2d, norm: BatchNorm) -> Tensor:
    """Return the normalised convolution of features, and update the running statistics as with the bias."""
    bias = convolution.bias
    assert bias is not None
    assert norm.momentum is not None
    assert norm.running_mean is not None
    assert norm.num_batches_tracked is not None
    with torch.no_grad():
        # Batch norm will multiply the running mean by 1 - momentum. It keeps the tensor for its backward pass, so the
        # share of the bias cannot be added afterwards.
        norm.running_mean.add_(bias, alpha=norm.momentum / (1 - norm.momentum))
        norm.num_batches_tracked.add_(1)
    features = F.conv2d(features, convolution.weight, None, convolution.stride, convolution.padding)
    # The bias gets a gradient of zero, not none: the optimizer passes over parameters without a gradient, and their
    # weight decay with them.
    shift = norm.bias + 0 * bias
    return F.batch_norm(
        features, norm.running_mean, norm.running_var, norm.weight, shift, True, norm.momentum, norm.eps
    )  # fmt: skip


def with_folded_norms(network: T) -> T:
    """Return a copy of a network in evaluation mode, whose convolutions apply the batch norms that follow them.

    The factors are multiplied in the precision of the weights, before any autocast.
    """
    network = deepcopy(network)
    for layers in network.modules():
        if isinstance(layers, NormalisedConvolutions):
            for place in range(len(layers) - 1):
                convolution, norm = layers[place], layers[place + 1]
                if isinstance(convolution, nn.Conv2d) and isinstance(norm, BatchNorm):
                    layers[place], layers[place + 1] = fuse_conv_bn_eval(convolution, norm), nn.Identity()
    return network
