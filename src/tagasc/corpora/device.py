"""Where mel power is computed, and networks are trained and run."""

import ctypes
import os
import sys

import torch

from tagasc.gpu import claim_gpu

_M_TRIM_THRESHOLD, _M_MMAP_MAX = -1, -4
"""Numbers of these parameters in glibc's malloc.h: bytes to keep at the end of the heap; blocks outside the heap."""


def choose_device(threads: int) -> torch.device:
    """Return a GPU that no other job holds, where torch sees any, else the CPU, which gets so many threads.

    Says on stderr which it is, and if a GPU was given that torch cannot use.
    """
    torch.set_num_threads(threads)
    gpu = claim_gpu(torch.cuda.device_count())
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if device.type == "cuda":
        where = f"GPU {gpu}, {torch.cuda.get_device_name(device)}"
    else:
        keep_freed_memory()
        where = f"the CPU with {threads} threads"
        if gpu is not None:
            where += f", since torch cannot use the GPU that this job was given: {gpu}"
    print(f"computing on {where} of {os.uname().nodename}", file=sys.stderr)
    return device


def keep_freed_memory() -> None:
    """Let glibc keep the memory of freed tensors for the next ones, for the rest of the process.

    As it comes, glibc asks the kernel for each block above 32 MB and gives it back at once, and the kernel clears it
    anew, page by page: adding two bfloat16 tensors of 41 MB took 26 ms on two cores of an AMD EPYC, and takes 2.6 ms
    so. The process then keeps the most memory that it has used.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:  # other C libraries have none
        mallopt(_M_MMAP_MAX, 0)
        mallopt(_M_TRIM_THRESHOLD, 2**31 - 1)
