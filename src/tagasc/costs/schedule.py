"""How long jobs take on several GPUs."""

import heapq
from collections.abc import Collection, Sequence


def finish_time(seconds: Sequence[float], waits_for: Sequence[Collection[int]], gpus: int) -> float:
    """Return when the last job ends, if each takes the first free GPU, in their order, as soon as it can start.

    Parameters
    ----------
    seconds
        Duration of each job. A job of 0 s needs no GPU.
    waits_for
        Places of the jobs that end before it starts.
    gpus
        Number of GPUs.

    Examples
    --------
    Two folds, what follows from both, and a job that waits for none:

    >>> finish_time([3, 3, 1, 2], [[], [], [0, 1], []], gpus=2)
    5.0
    """
    followers: list[list[int]] = [[] for _ in seconds]
    for job, before in enumerate(waits_for):
        for other in before:
            followers[other].append(job)
    missing = [len(before) for before in waits_for]
    ready: list[tuple[bool, int]] = []  # jobs without a GPU first: they start at once
    running: list[tuple[float, int]] = []
    now = 0.0

    def is_ready(job: int) -> None:
        heapq.heappush(ready, (seconds[job] > 0, job))

    for job in range(len(seconds)):
        if not missing[job]:
            is_ready(job)
    while ready or running:
        while ready and (len(running) < gpus or not ready[0][0]):
            _, job = heapq.heappop(ready)
            heapq.heappush(running, (now + seconds[job], job))
        now, ended = heapq.heappop(running)
        for job in followers[ended]:
            missing[job] -= 1
            if not missing[job]:
                is_ready(job)
    return now
