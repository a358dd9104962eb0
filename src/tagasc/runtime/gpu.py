"""The choice of a GPU that no other tagasc process on this machine holds."""

import os
import sys
import tempfile
import time
from pathlib import Path

from filelock import FileLock, Timeout

from tagasc.runtime.files import private_folder

_held: list[FileLock] = []  # until the process ends; the operating system releases the lock however it ends


def claim_gpu(count: int) -> str | None:
    """Make one GPU the only one that this process sees, and hold it until the process ends.

    Several jobs on one machine, or in one SLURM job, see the same GPUs. Each takes the first free one, under a lock
    file in a folder of the user's on the local disk, and waits while all are taken. Call this before CUDA is
    initialised.

    Parameters
    ----------
    count
        Number of GPUs, used if ``CUDA_VISIBLE_DEVICES`` does not say which ones may be used.

    Returns
    -------
    str or None
        The new value of ``CUDA_VISIBLE_DEVICES``, the number or UUID of one GPU; None if there is no GPU.

    Raises
    ------
    InputError
        If the folder of the locks belongs to another user or is no folder.
    """
    if _held:
        return os.environ["CUDA_VISIBLE_DEVICES"]
    visible = os.environ.get("CUDA_VISIBLE_DEVICES", ",".join(map(str, range(count))))
    gpus = [gpu.strip() for gpu in visible.split(",") if gpu.strip()]
    if not gpus or gpus[0] in {"-1", "NoDevFiles"}:  # values that hide all GPUs from CUDA
        return None
    # Where SLURM confines jobs to their GPUs, each job numbers them from 0, so the lock's name includes the job.
    folder, job = _lock_folder(), os.environ.get("SLURM_JOB_ID", "local")
    waiting = False
    while True:
        for gpu in gpus:
            lock = FileLock(folder / f"gpu-{job}-{gpu.replace('/', '_')}.lock", thread_local=False)
            try:
                lock.acquire(timeout=0)
            except Timeout:
                continue
            _held.append(lock)
            os.environ["CUDA_VISIBLE_DEVICES"] = gpu
            return gpu
        if not waiting:
            print(f"waiting for a GPU: other jobs hold all of {', '.join(gpus)} (locks in {folder})", file=sys.stderr)
        waiting = True
        time.sleep(1)


def _lock_folder() -> Path:
    """Return the folder of the lock files. It is not in the home folder, which several machines may share."""
    return private_folder(Path(tempfile.gettempdir()) / f"tagasc-{os.getuid()}")
