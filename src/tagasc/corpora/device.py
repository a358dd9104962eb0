"""Where mel power is computed, and networks are trained and run."""

import os
import sys

import torch

from tagasc.corpora.memory import keep_freed_memory
from tagasc.gpu import claim_gpu


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
