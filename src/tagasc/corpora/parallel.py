"""Clips worked on in chunks, in parallel and with progress."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import joblib
from tqdm import tqdm

CHUNK = 16
"""Clips that a worker takes at a time: enough to hide the way to it, few enough to end together."""


def in_chunks(
    work: Callable[..., list[Any]], *lists: Sequence[Any], workers: int, what: str, done: int = 0
) -> Iterator[list[Any]]:
    """Yield what ``work`` returns for each chunk of the lists, in order, done by workers of joblib's backend.

    The first ``done`` clips, a multiple of `CHUNK` unless they are all, are passed over.
    """
    total = len(lists[0])
    chunks = [slice(start, start + CHUNK) for start in range(done, total, CHUNK)]
    tasks = (joblib.delayed(work)(*(each[chunk] for each in lists)) for chunk in chunks)
    with tqdm(desc=what, total=total, initial=done, unit="clip", mininterval=1) as progress:
        for results in joblib.Parallel(workers, return_as="generator", batch_size=1)(tasks):
            progress.update(len(results))
            yield results
