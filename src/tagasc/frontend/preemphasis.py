"""From packed integers to what a scene network is given."""

import torch
from torch import Tensor


def preemphasis(waveform: Tensor, coefficient: float) -> Tensor:
    """Return y[t] = x[t] - c·x[t-1] of waveforms (..., time). The first sample is dropped: (..., time - 1)."""
    return torch.sub(waveform[..., 1:], waveform[..., :-1], alpha=coefficient)


def network_input(integers: Tensor, scale: Tensor, coefficient: float, gain: float) -> Tensor:
    """Return what a scene network is given: pre-emphasised waveforms (batch, channel, time - 1).

    Parameters
    ----------
    integers
        Packed clips (batch, channel, time), int16; see `tagasc.audio.packing`.
    scale
        Their scales (batch,), float32, on the device of the result.
    coefficient
        Coefficient of the pre-emphasis.
    gain
        Factor on the pre-emphasised waveform.
    """
    # Integers are copied, and converted on the device: they have half the bytes.
    waveform = preemphasis(integers.to(scale.device).to(scale.dtype), coefficient)
    return waveform.mul_((gain * scale)[:, None, None])
