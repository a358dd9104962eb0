"""The device on which networks are trained and run."""

import os
import platform
import sys
import warnings
from pathlib import Path

import torch

from tagasc.runtime.allocator import keep_freed_memory
from tagasc.runtime.cuda import require_code, why_on_the_cpu
from tagasc.runtime.errors import warn
from tagasc.runtime.gpu import claim_gpu


def choose_device(threads: int) -> torch.device:
    """Return a GPU that no other job holds, or the CPU with this number of threads if this machine has no GPU.

    Call it before any long work, because it refuses a GPU that torch cannot use. A line on stderr says which device it
    is. Where the job was given a GPU on a machine without NVIDIA's driver, a warning says so.

    Raises
    ------
    InputError
        If torch has no code for the GPU, or if the driver does not serve this torch.
    """
    torch.set_num_threads(threads)
    gpu, node = claim_gpu(), os.uname().nodename
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # torch warns in many lines of what is told in one here
        if torch.cuda.is_available():
            device = torch.device("cuda")
            require_code(device)
            print(f"computing on GPU {gpu}, {torch.cuda.get_device_name(device)} of {node}", file=sys.stderr)
            return device
        reason = why_on_the_cpu(gpu)
    if gpu is not None:
        warn(
            f"GPU {gpu}, which this job was given: torch cannot use it ({reason}), so the job computes on the CPU of "
            f"{node}; choose a machine with NVIDIA's driver, or set CUDA_VISIBLE_DEVICES= where there is no GPU"
        )
    keep_freed_memory()
    print(f"computing on the CPU with {threads} thread{'s' if threads > 1 else ''} of {node}", file=sys.stderr)
    return torch.device("cpu")


def device_name(device: torch.device) -> str:
    """Return the name of the GPU, or of the processor with the number of threads, as the history records it.

    >>> device_name(torch.device("cpu"))
    '..., ... thread...'
    """
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    cpuinfo = Path("/proc/cpuinfo")  # platform.processor() is often empty on Linux
    lines = cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines() if cpuinfo.is_file() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    threads = torch.get_num_threads()
    return f"{models[0] if models else platform.machine()}, {threads} thread{'s' if threads > 1 else ''}"
