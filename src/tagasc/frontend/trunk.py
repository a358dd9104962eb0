"""The trunk of the scene network: a residual network on raw waveforms (Table 1).

Features are (batch, filters, 1, frames) in memory order "channels last". With one-dimensional layers, a training step
in float32 takes twice as long: 2.2 instead of 1.1 ms per clip of 16,000 samples with 32 filters, on one core of an AMD
EPYC with AVX-512.
"""

from torch import Tensor, nn

from tagasc.config import Network
from tagasc.frontend.batch_norm import BatchNorm
from tagasc.frontend.convolution import TimeConvolution
from tagasc.frontend.normalised_convolutions import NormalisedConvolutions
from tagasc.frontend.operations import block_widths


class ResidualBlock(nn.Module):
    """Two convolutions over time, their shortcut and max pooling by three (Table 1, "Res block").

    Batch norm follows each convolution. If the widths differ, the shortcut is a convolution of the same length.

    The activation after the addition is computed behind the pooling, on a third of the values. The result is the same,
    because LeakyReLU is monotonic: the largest of three values stays the largest.
    """

    def __init__(self, inputs: int, middle: int, outputs: int, slope: float) -> None:
        super().__init__()
        self.residual = NormalisedConvolutions(
            TimeConvolution(inputs, middle),
            BatchNorm(middle),
            nn.LeakyReLU(slope, inplace=True),
            TimeConvolution(middle, outputs),
            BatchNorm(outputs),
        )
        self.shortcut = nn.Identity() if inputs == outputs else TimeConvolution(inputs, outputs)
        self.activation = nn.LeakyReLU(slope, inplace=True)
        self.pool = nn.MaxPool2d((1, 3))

    def forward(self, features: Tensor) -> Tensor:
        """Map (batch, inputs, 1, frames) to (batch, outputs, 1, frames // 3)."""
        return self.activation(self.pool(self.residual(features).add_(self.shortcut(features))))


class Trunk(nn.Module):
    """From a pre-emphasised waveform to the last frame-level feature map, M of equation (1).

    Architecture table1 is a strided convolution and equal blocks. Architecture table6 is the released network of Jung
    et al. (2019) [22]: its first blocks are narrower, and a convolution of length one follows the blocks. The padding
    of that convolution adds six frames.
    """

    def __init__(self, settings: Network, channels: int) -> None:
        super().__init__()
        filters, slope = settings.filters, settings.negative_slope
        self.strided_convolution = NormalisedConvolutions(
            nn.Conv2d(channels, filters, (1, 12), stride=(1, 12)),
            BatchNorm(filters),
            nn.LeakyReLU(slope, inplace=True),
        )
        self.blocks = nn.Sequential(*(ResidualBlock(*width, slope) for width in block_widths(settings)))
        self.last_convolution: nn.Module = nn.Identity()
        if settings.architecture == "table6":
            self.last_convolution = NormalisedConvolutions(
                nn.Conv2d(filters, filters, 1, padding=(0, 3)), BatchNorm(filters), nn.LeakyReLU(slope, inplace=True)
            )

    def forward(self, waveform: Tensor, attention_before_last: Tensor | None = None) -> Tensor:
        """Map (batch, channel, time) to (batch, filters, frames).

        ``attention_before_last`` (batch, filters) multiplies the feature map before the last convolution.
        """
        features = self.blocks(self.strided_convolution(waveform[:, :, None]))
        if attention_before_last is not None:
            features = features * attention_before_last[:, :, None, None]
        return self.last_convolution(features).flatten(2)
