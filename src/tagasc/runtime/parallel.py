"""Parallel work on many clips, with progress."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any

import joblib
from tqdm import tqdm

CHUNK = 16
"""Clips per task: enough to hide the cost of a task, few enough that all workers end at about the same time."""


def worker_processes() -> AbstractContextManager[object]:
    """Let the workers in a block be new processes of one thread each; a fork would inherit locks of missing threads.

    Where shared memory (/dev/shm) is missing or full, joblib has no processes, and the block works in this one.
    """
    if joblib.parallel.mp is None:
        return joblib.parallel_config("threading")
    return joblib.parallel_config("loky", inner_max_num_threads=1)


def map_chunks(
    work: Callable[..., list[Any]], *lists: Sequence[Any], workers: int, description: str, done: int = 0
) -> Iterator[list[Any]]:
    """Yield the results of ``work`` for each chunk of the lists, in order.

    The workers belong to the current joblib backend.

    Parameters
    ----------
    work
        Function of one chunk of each list. It returns one result per clip.
    lists
        Lists of equal length, with one value per clip.
    workers
        Number of workers.
    description
        Label of the progress bar.
    done
        Number of clips at the beginning to skip: a multiple of `CHUNK`, or all.
    """
    total = len(lists[0])
    chunks = [slice(start, start + CHUNK) for start in range(done, total, CHUNK)]
    tasks = (joblib.delayed(work)(*(values[chunk] for values in lists)) for chunk in chunks)
    with tqdm(desc=description, total=total, initial=done, unit="clip", mininterval=1) as progress:
        for results in joblib.Parallel(workers, return_as="generator", batch_size=1)(tasks):
            progress.update(len(results))
            yield results
