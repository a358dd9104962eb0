"""The first layer of the scene network, whose output is its largest tensor: written once, normalised and activated."""

from contextlib import AbstractContextManager, nullcontext

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class StridedConvolution(nn.Module):
    """A convolution with a stride of its own length, batch norm and LeakyReLU (Table 1, "Strided-conv").

    Its patches do not overlap, so it is a matrix product, and of a linear map the statistics that batch norm needs
    follow from those of its input: with mean m and covariance S of the patches, filter w has the mean w·m + b and the
    variance w·S·w. Normalisation goes into the weights before the product, and no tensor is read for its statistics or
    written before it is normalised. This is exact, up to rounding, and the same product in training and in evaluation.
    """

    def __init__(self, channels: int, filters: int, length: int, slope: float) -> None:
        super().__init__()
        self.length = length
        self.convolution = nn.Conv2d(channels, filters, (1, length), (1, length))
        self.momentum = 0.1
        self.norm = nn.BatchNorm2d(filters, momentum=self.momentum)
        self.activation = nn.LeakyReLU(slope, inplace=True)

    def forward(self, waveform: Tensor) -> Tensor:
        """Map (batch, channel, time) to (batch, filters, 1, time // length), in memory order channels last."""
        frames = waveform.shape[2] // self.length
        patches = waveform[..., : frames * self.length].unflatten(2, (frames, self.length)).transpose(1, 2).flatten(2)
        with _full_precision(waveform.device):
            (weight, bias), (gain, offset) = self.convolution.parameters(), self.norm.parameters()
            kernel = weight.flatten(1)
            mean, variance = self._statistics(patches.flatten(0, 1), kernel, bias)
            factor = gain * torch.rsqrt(variance + self.norm.eps)
            folded = (factor[:, None] * kernel)[:, :, None, None], offset + factor * (bias - mean)
        # As a convolution of length one, since its backward pass takes half the time of a linear layer's on a CPU.
        return self.activation(F.conv2d(patches.transpose(1, 2)[:, :, None], *folded))

    def _statistics(self, patches: Tensor, kernel: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
        """Return the mean and variance (filters,) to normalise with: of these patches (patches, values), or tracked."""
        tracked = dict(self.norm.named_buffers())
        if not self.training:
            return tracked["running_mean"], tracked["running_var"]
        centre = patches.mean(dim=0)
        patches, count = patches - centre, len(patches)
        mean = kernel @ centre + bias
        # Rounding could leave less than nothing where all patches are alike.
        variance = ((kernel @ (patches.T @ patches / count)) * kernel).sum(dim=1).clamp_min(0)
        with torch.no_grad():
            tracked["running_mean"].lerp_(mean, self.momentum)
            tracked["running_var"].lerp_(variance * (count / (count - 1)), self.momentum)
            tracked["num_batches_tracked"] += 1
        return mean, variance


def _full_precision(device: torch.device) -> AbstractContextManager[None]:
    """Return where products of small matrices, from which statistics are made, are not cast to half precision."""
    # Costs are counted on the meta device, which has no autocast.
    return nullcontext() if device.type == "meta" else torch.autocast(device.type, enabled=False)
