"""The device on which networks are trained and run."""

import os
import platform
import sys
from pathlib import Path

import torch

from tagasc.runtime.allocator import keep_freed_memory
from tagasc.runtime.gpu import claim_gpu


def choose_device(threads: int) -> torch.device:
    """Return a GPU that no other job holds, or the CPU with this number of threads if torch sees no GPU.

    A line on stderr says which one it is, and whether torch cannot use a GPU that the job was given.
    """
    torch.set_num_threads(threads)
    gpu = claim_gpu(torch.cuda.device_count())
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if device.type == "cuda":
        where = f"GPU {gpu}, {torch.cuda.get_device_name(device)}"
    else:
        keep_freed_memory()
        where = f"the CPU with {threads} thread{'s' if threads > 1 else ''}"
        if gpu is not None:
            where += f", because torch cannot use GPU {gpu}, which this job was given"
    print(f"computing on {where} of {os.uname().nodename}", file=sys.stderr)
    return device


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
