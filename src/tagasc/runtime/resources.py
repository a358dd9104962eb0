"""Resources that jobs request: computed from input sizes and multiplied by the attempt number.

On a cluster, every job starts Snakemake twice (385 MB together) and Python with its libraries: 1,000 MB without torch,
4,000 MB with torch and CUDA. A memory-mapped input counts in full where the cluster limits resident memory, although
the system could drop its pages.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

BASE_MB = 1000
TORCH_MB = 4000
STARTUP_MINUTES = 10

SUSTAINED_TFLOPS = {
    "train_stage1": 4.0,
    "make_soft_labels": 4.0,
    "train_stage2": 6.0,
    "score_tagger": 4.0,
    "tag_scenes": 4.0,
    "train_cell": 5.0,
}
"""TFLOP/s at which jobs with a GPU are granted time: less than cards of the last ten years are expected to sustain.

A longer request waits longer in a queue, but a job that runs out of time is repeated. Both stages of the tagger get
about the same time per epoch.
"""
_SLOW_DISK = 50e6
"""Bytes per second at which a busy file system is expected to be read."""

Attempted = Callable[..., int]
"""A function as Snakemake calls it, with ``wildcards`` and ``attempt``."""


def training_mb(input_mb: float) -> int:
    """Return the memory in MB of a job that maps a packed corpus: 25.7 GiB of waveforms, or 11.2 GiB of mel power."""
    return TORCH_MB + round(input_mb)


def packing_mb(threads: int) -> int:
    """Return the memory in MB of a packing job.

    A process that decodes scenes takes 80 MB (measured). Threads that compute mel power share torch and need less.
    """
    return BASE_MB + 700 * threads


def gpu_minutes(rule: str, operations: float, input_bytes: float) -> int:
    """Return the minutes of a job with a GPU: its operations at `SUSTAINED_TFLOPS`, after reading its corpus.

    >>> gpu_minutes("train_cell", 90 * 332e12, 27.6e9)
    119
    """
    seconds = operations / (SUSTAINED_TFLOPS[rule] * 1e12) + input_bytes / _SLOW_DISK
    return round(STARTUP_MINUTES + seconds / 60)


def unpacking_minutes(archives_gb: float) -> int:
    """Return the minutes of unpacking: archives are read and a little more is written at 20 MB/s, on a busy disk."""
    return round(STARTUP_MINUTES + 2.2 * archives_gb * 1000 / 20 / 60)


def packing_minutes(lists: Iterable[Path], expected: int) -> int:
    """Return the minutes of packing the clips of these lists, one per line: up to 5 MB each at 20 MB/s.

    As long as the lists do not exist, the number of clips is the ``expected`` one. Decoding takes 9 to 36 ms per clip
    (measured).
    """
    lists = list(lists)
    exist = all(path.exists() for path in lists)
    clips = sum(path.read_bytes().count(b"\n") for path in lists) if exist else expected
    return round(STARTUP_MINUTES + clips * 0.25 / 60)


def per_attempt(amount: int) -> Attempted:
    """Return a function that grants an amount, multiplied by the attempt number.

    >>> per_attempt(20)(None, attempt=2)
    40
    """

    def granted(wildcards: object, attempt: int) -> int:  # noqa: ARG001 - Snakemake passes wildcards first
        return amount * attempt

    return granted
