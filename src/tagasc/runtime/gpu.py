"""The choice of a GPU that no other tagasc process on this machine holds."""

import os
import sys
import tempfile
import time
from pathlib import Path

from filelock import FileLock, Timeout

from tagasc.runtime.errors import warn
from tagasc.runtime.files import private_folder
from tagasc.runtime.visible_gpus import DRIVER, Gpu, visible_gpus

_held: list[FileLock] = []  # until the process ends; the operating system releases the lock however it ends


def claim_gpu() -> str | None:
    """Make one GPU the only one that this process sees, and hold it until the process ends.

    Several jobs on one machine, or in one SLURM job, see the same GPUs, under numbers that can differ. Each takes the
    first free one of `visible_gpus`, under a lock file in a folder of the user's on the local disk, and waits while all
    are taken. Call this before CUDA is initialised.

    Returns
    -------
    str or None
        The new value of ``CUDA_VISIBLE_DEVICES``: the UUID of one GPU, or its number if the UUID is not known. None if
        there is no GPU.

    Raises
    ------
    InputError
        If the folder of the locks belongs to another user or is no folder.
    """
    if _held:
        return os.environ["CUDA_VISIBLE_DEVICES"]
    gpus = visible_gpus()
    if not gpus:
        return None
    if DRIVER.exists() and not all(gpu.unique for gpu in gpus):
        warn(
            f"GPU {', '.join(gpu.name for gpu in gpus)}: 'nvidia-smi -L' does not tell the UUID, so a process that "
            f"numbers the GPUs differently may take the same one; repair nvidia-smi, or run one job at a time"
        )
    folder, waiting = _lock_folder(), False
    while True:
        for gpu in gpus:
            lock = FileLock(folder / f"gpu-{_lock_name(gpu)}.lock", thread_local=False)
            try:
                lock.acquire(timeout=0)
            except Timeout:
                continue
            _held.append(lock)
            os.environ["CUDA_VISIBLE_DEVICES"] = gpu.name
            return gpu.name
        if not waiting:
            names = ", ".join(gpu.name for gpu in gpus)
            print(f"waiting for a GPU: other jobs hold all of {names} (locks in {folder})", file=sys.stderr)
        waiting = True
        time.sleep(1)


def _lock_name(gpu: Gpu) -> str:
    # Where SLURM confines jobs to their GPUs, each job numbers them from 0, so the name of a number includes the job.
    name = gpu.name if gpu.unique else f"{os.environ.get('SLURM_JOB_ID', 'local')}-{gpu.name}"
    return name.replace("/", "_")


def _lock_folder() -> Path:
    """Return the folder of the lock files. It is not in the home folder, which several machines may share."""
    return private_folder(Path(tempfile.gettempdir()) / f"tagasc-{os.getuid()}")
