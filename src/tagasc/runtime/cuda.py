"""Whether torch can compute on the GPU that a job was given, and why not."""

import os
import re
from collections.abc import Sequence

import torch

from tagasc.runtime.errors import InputError
from tagasc.runtime.visible_gpus import DRIVER

_ON_THE_CPU = "set CUDA_VISIBLE_DEVICES= (to nothing) to compute on the CPU"
_TOO_OLD = "too old"
_NO_GPU = "No CUDA GPUs are available"
"""Parts of torch's messages."""


def require_code(device: torch.device) -> None:
    """Check that torch has code for a GPU. Otherwise its first operation would fail, after the data are loaded.

    Raises
    ------
    InputError
        If it has none.
    """
    capability, built = torch.cuda.get_device_capability(device), torch.cuda.get_arch_list()
    if not has_code(capability, built):
        raise InputError(
            f"{torch.cuda.get_device_name(device)}: has compute capability {capability[0]}.{capability[1]}, and torch "
            f"{torch.__version__} was built for {', '.join(built)}; install a torch that was built for it, request "
            f"another type of GPU (on SLURM with constraint), or {_ON_THE_CPU}"
        )


def has_code(capability: tuple[int, int], built: Sequence[str]) -> bool:
    """Return whether a GPU runs code for one of these architectures.

    Parameters
    ----------
    capability
        Compute capability of the GPU.
    built
        Names as nvcc has them. ``sm_86`` runs on 8.6 and 8.9. ``compute_86`` is translated for 8.6 and all later ones.
        With the suffix f, either runs within its major version from there on; with a, on this capability alone.

    Examples
    --------
    >>> [has_code((8, 9), [name]) for name in ("sm_86", "sm_90", "compute_75", "sm_80a")]
    [True, False, True, False]
    """
    return any(_runs(capability, *name.split("_", 1)) for name in built)


def _runs(capability: tuple[int, int], kind: str, version: str) -> bool:
    number = version.rstrip("af")
    needed = int(number[:-1]), int(number[-1])
    if version.endswith("a"):
        return capability == needed
    if kind == "sm" or version.endswith("f"):
        return capability[0] == needed[0] and capability[1] >= needed[1]
    return capability >= needed


def why_on_the_cpu(gpu: str | None) -> str:
    """Return why torch sees no GPU, in its own words.

    Parameters
    ----------
    gpu
        UUID or number of the GPU that the job was given. None if it was given none, or if nothing lists the GPUs.

    Raises
    ------
    InputError
        If NVIDIA's driver is on this machine and does not serve this torch, and the GPUs are not hidden.
    """
    reason = _reason()
    hidden = gpu is None and "CUDA_VISIBLE_DEVICES" in os.environ
    without = gpu is None and reason == _NO_GPU
    if hidden or without or not (DRIVER.exists() or _TOO_OLD in reason):
        return reason
    given = f"GPU {gpu}, which this job was given" if gpu else "the GPU of this machine"
    if torch.version.cuda is None:
        raise InputError(
            f"{given}: torch {torch.__version__} is built without CUDA; install one with CUDA, or {_ON_THE_CPU}"
        )
    remedy = "install a newer driver, or a torch that was built for an older CUDA"
    if reason == _NO_GPU:
        remedy = "name a GPU that 'nvidia-smi -L' lists in CUDA_VISIBLE_DEVICES"
    raise InputError(
        f"{given}: torch {torch.__version__} for CUDA {torch.version.cuda} cannot use it with NVIDIA's driver "
        f"{_driver_version()} ({reason}); {remedy}, or {_ON_THE_CPU}"
    )


def _reason() -> str:
    """Return the message of torch's error. ``torch.cuda.is_available`` hides it."""
    try:
        torch.cuda.init()
    except (RuntimeError, AssertionError) as error:
        text = " ".join(str(error).splitlines())
        numbered = re.search(r"Error \d+: .+", text)
        return numbered[0] if numbered else text.partition(". ")[0]
    return _NO_GPU


def _driver_version() -> str:
    text = DRIVER.read_text(encoding="utf-8", errors="replace") if DRIVER.exists() else ""
    found = re.search(r"Kernel Module.*?\s(\d+\.[\d.]+)\s", text)
    return found[1] if found else "of an unknown version"
