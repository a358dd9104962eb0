"""What the data sheets of GPUs promise, and the share of it that an estimate expects."""

import re
from typing import NamedTuple

from tagasc.runtime.errors import InputError, nearest, shorten

ARITHMETIC_SHARE = 0.3
"""Share of the arithmetic of a data sheet that an estimate expects. It is an assumption."""
BANDWIDTH_SHARE = 0.7
"""Share of the memory bandwidth of a data sheet that an estimate expects. It is an assumption as well."""
COMMON = ("h100", "a100", "rtx4090")
"""Cards whose estimates are printed if the user names none."""


class Gpu(NamedTuple):
    """A GPU as its data sheet describes it.

    Parameters
    ----------
    title
        Its name.
    bfloat16, tf32, float32
        Dense TFLOP/s of matrix products. A card without bfloat16 or TF32 computes in float32.
    bandwidth
        Of its memory, in GB/s.
    memory
        In GB.
    device
        Pattern of the name that the driver gives it.
    """

    title: str
    bfloat16: float
    tf32: float
    float32: float
    bandwidth: float
    memory: int
    device: str


GPUS = {
    "b200": Gpu("B200", 2250, 1125, 75, 8000, 180, r"B200"),
    "h200": Gpu("H200", 989, 495, 67, 4800, 141, r"\bH200"),
    "h100-pcie": Gpu("H100 PCIe", 756, 378, 51, 2000, 80, r"H100 PCIe"),
    "h100": Gpu("H100", 989, 495, 67, 3350, 80, r"H100"),
    "a100-40gb": Gpu("A100 40 GB", 312, 156, 19.5, 1555, 40, r"A100.*40GB"),
    "a100": Gpu("A100 80 GB", 312, 156, 19.5, 2039, 80, r"A100"),
    "l40s": Gpu("L40S", 362, 183, 92, 864, 48, r"L40S"),
    "l4": Gpu("L4", 121, 60, 30, 300, 24, r"L4$"),
    "a40": Gpu("A40", 150, 75, 37, 696, 48, r"A40$"),
    "a10": Gpu("A10", 125, 62, 31, 600, 24, r"A10$"),
    "rtx5090": Gpu("RTX 5090", 209, 105, 105, 1792, 32, r"RTX 5090$"),
    "rtx4090": Gpu("RTX 4090", 165, 83, 83, 1008, 24, r"RTX 4090$"),
    "rtx3090": Gpu("RTX 3090", 71, 36, 36, 936, 24, r"RTX 3090$"),
    "v100": Gpu("V100", 15.7, 15.7, 15.7, 900, 32, r"V100"),
    "t4": Gpu("T4", 8.1, 8.1, 8.1, 320, 16, r"T4$"),
}
"""Known cards by the name that a user gives; of two patterns that fit a device, the first one counts."""


def find_gpu(name: str) -> Gpu:
    """Return the card of a name, in which case, spaces and hyphens do not matter.

    Raises
    ------
    InputError
        If no card has this name.

    Examples
    --------
    >>> find_gpu("RTX 4090").memory
    24
    """
    names = {_plain(known): known for known in GPUS}
    if (known := names.get(_plain(name))) is None:
        raise InputError(
            f"--gpu {shorten(name)}: is no known card; choose one of {', '.join(GPUS)}, or give the TFLOP/s that your "
            f"card sustains, for instance 50{nearest(name.lower(), GPUS)}"
        )
    return GPUS[known]


def gpu_of_device(device: str) -> Gpu | None:
    """Return the card of a name that the driver gives, or None if it is not known.

    >>> gpu_of_device("NVIDIA H100 80GB HBM3").title
    'H100'
    """
    return next((gpu for gpu in GPUS.values() if re.search(gpu.device, device)), None)


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]", "", name.lower())
