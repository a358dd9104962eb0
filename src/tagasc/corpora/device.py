"""Where mel power is computed, and networks are trained and run."""

import sys

import torch


def choose_device(threads: int) -> torch.device:
    """Return the GPU where torch sees one, else the CPU, which gets so many threads; say which on stderr."""
    torch.set_num_threads(threads)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else f"the CPU with {threads} threads"
    print(f"computing on {name}", file=sys.stderr)
    return device
