"""The size of a layer, from which operations and bytes are counted without torch, whose import takes seconds."""

from typing import NamedTuple

from tagasc.config import Precision


class Layer(NamedTuple):
    """A convolution or a matrix product.

    Parameters
    ----------
    inputs, outputs
        Number of channels or features.
    positions
        Places at which the output is computed: frames, or pixels of a spectrogram. 1 for a vector.
    taps
        Places of the input that each of them depends on.

    Examples
    --------
    >>> Layer(2, 128, 100, 12).macs
    307200
    """

    inputs: int
    outputs: int
    positions: int = 1
    taps: int = 1

    @property
    def weights(self) -> int:
        """Number of weights, without biases."""
        return self.inputs * self.outputs * self.taps

    @property
    def macs(self) -> int:
        """Multiply-accumulate operations (MACs)."""
        return self.weights * self.positions

    @property
    def values(self) -> int:
        """Number of output values."""
        return self.outputs * self.positions


def bytes_per_value(precision: Precision) -> int:
    """Return the bytes of a value between two layers; ``auto`` counts as bfloat16, which it is on most GPUs."""
    return 2 if precision in ("auto", "bfloat16") else 4
