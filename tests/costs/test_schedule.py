"""The time of jobs on several GPUs, computed by hand."""

import pytest

from tagasc.costs.schedule import finish_time


@pytest.mark.parametrize(("gpus", "hours"), [(1, 12), (2, 6), (3, 4), (4, 4), (100, 2)])
def test_independent_jobs_fill_the_gpus(gpus, hours):
    assert finish_time([2] * 6, [()] * 6, gpus) == hours


@pytest.mark.parametrize(
    ("gpus", "hours"),
    [
        (1, 17),  # one after the other
        (
            2,
            10,
        ),  # two folds until 2; a fold and the free cell until 4; soft labels until 5; 3 and 3 until 8; 2 until 10
        (5, 6),  # folds until 2, soft labels until 3, all cells until 6
    ],
)
def test_stages_follow_one_another(gpus, hours):
    # Three folds of 2 h, soft labels of 1 h, cells of 3, 3 and 2 h after them, and a cell of 2 h that waits for none.
    seconds = [2, 2, 2, 1, 3, 3, 2, 2]
    waits_for = [(), (), (), (0, 1, 2), (3,), (3,), (3,), ()]
    assert finish_time(seconds, waits_for, gpus) == hours


def test_jobs_without_a_gpu_pass_their_dependencies_on_at_once():
    # A cell, its confused scenes without a GPU, and its specialist; a second cell that waits for a free GPU.
    assert finish_time([2, 0, 1, 4], [(), (0,), (1,), ()], gpus=1) == 7
    assert finish_time([2, 0, 1, 4], [(), (0,), (1,), ()], gpus=2) == 4


def test_nothing_takes_no_time():
    assert finish_time([], [], gpus=1) == 0
