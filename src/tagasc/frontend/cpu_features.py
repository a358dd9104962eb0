"""For which features the layers of this package have formulas of their own."""

import torch
from torch import Tensor


def is_plain_on_cpu(features: Tensor) -> bool:
    """Check for channels-last features in float32 on a CPU, in a network that is not compiled."""
    return (
        features.device.type == "cpu"
        and features.dtype == torch.float32
        and features.is_contiguous(memory_format=torch.channels_last)
        and not torch.compiler.is_compiling()
    )
