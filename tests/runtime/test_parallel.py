import os
import signal
from pathlib import Path

import joblib
import pytest

from tagasc.runtime.parallel import map_chunks, worker_processes
from tagasc.runtime.system_errors import Grant, as_input_error


def die(numbers):
    if 0 in numbers:
        os.kill(os.getpid(), signal.SIGKILL)
    return list(numbers)


def work(numbers):
    return [(number, os.getpid()) for number in numbers]


@pytest.mark.parametrize("shared_memory", [True, False])
def test_results_come_in_order_with_and_without_shared_memory(monkeypatch, shared_memory):
    if not shared_memory:
        monkeypatch.setattr(joblib.parallel, "mp", None)  # as joblib does where /dev/shm is missing or full
    with worker_processes():
        found = [each for chunk in map_chunks(work, range(40), workers=2, description="work") for each in chunk]
    assert [number for number, _ in found] == list(range(40))
    assert all((process != os.getpid()) == shared_memory for _, process in found)


def test_a_worker_that_the_system_kills_is_one_line():
    with pytest.raises(Exception, match="unexpectedly terminated") as error, worker_processes():
        list(map_chunks(die, range(40), workers=2, description="work"))
    refused = as_input_error(error.value, Path("results"), Grant("pack_scenes", 2400))
    assert str(refused).startswith("rule pack_scenes: a worker was killed, probably because memory does not suffice; ")
