"""Convolution over time whose weights get their gradient quickly on a CPU without AVX-512.

In float32 and for channels-last features, the time of oneDNN's gradient of the weights grows faster than the length of
a clip. With 128 filters and two clips of 13,333 frames, it takes 950 ms, and the three matrix products of this module
86 ms. Their rounding error is a tenth of oneDNN's. This was measured on one core of an AMD EPYC with AVX2, with torch
2.14.1; on a processor with AVX-512 it was not.
"""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tagasc.frontend.cpu_features import is_plain_on_cpu

_SHORT = 1 << 16  # values of a clip up to which both ways take about the same time


class TimeConvolution(nn.Conv2d):
    """Convolution of length three over the frames of (batch, channel, 1, frames), which keeps their number.

    Parameters and values are those of `torch.nn.Conv2d`. The gradient of the weights is torch's own, too, if clips are
    short, in other types and memory orders, on other devices and processors, and in compiled networks.

    Parameters
    ----------
    inputs, outputs
        Channels of the features before and after it.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs, (1, 3), padding=(0, 1))

    def forward(self, features: Tensor) -> Tensor:
        """Map (batch, inputs, 1, frames) to (batch, outputs, 1, frames)."""
        if not (self.training and _takes_long(features)):
            return super().forward(features)
        convolved: Tensor = _Convolution.apply(features, self.weight, self.bias)
        return convolved


def weight_gradient(gradient: Tensor, features: Tensor) -> Tensor:
    """Return the gradient of the weights of a `TimeConvolution`, (outputs, inputs, 1, 3).

    Parameters
    ----------
    gradient
        Gradient of what the convolution returned, (batch, outputs, 1, frames), in memory order "channels last".
    features
        What it was given, (batch, inputs, 1, frames), in the same order.
    """
    length = features.shape[3]
    after, before = (values.permute(0, 2, 3, 1).flatten(0, 2) for values in (gradient, features))  # (frames, channel)
    earlier, later = after[1:].T @ before[:-1], after[:-1].T @ before[1:]
    # Without what the products add where the last frame of a clip meets the first one of the next clip.
    first, last = slice(length, None, length), slice(length - 1, -1, length)
    earlier -= after[first].T @ before[last]
    later -= after[last].T @ before[first]
    return torch.stack([earlier, after.T @ before, later], dim=2)[:, :, None]


def _takes_long(features: Tensor) -> bool:
    """Check whether oneDNN would take long: for long channels-last clips in float32, on a CPU without AVX-512."""
    return (
        is_plain_on_cpu(features)
        and features[0].numel() > _SHORT
        and not torch.is_autocast_enabled("cpu")
        and torch.backends.cpu.get_cpu_capability() == "AVX2"
    )


class _Convolution(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, features: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        ctx.save_for_backward(features, weight)
        return F.conv2d(features, weight, bias, padding=(0, 1))

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        features, weight = ctx.saved_tensors
        gradient = gradient.contiguous(memory_format=torch.channels_last)
        of_features = None
        if ctx.needs_input_grad[0]:
            of_features = torch.ops.aten.convolution_backward(
                gradient, features, weight, None, [1, 1], [0, 1], [1, 1], False, [0, 0], 1, [True, False, False]
            )[0]
        return of_features, weight_gradient(gradient, features), gradient.sum((0, 2, 3))
