"""How long trainings take: measured steps."""

import pytest
import torch

from tagasc.config import Experiment, Frontend, Network, Training
from tagasc.recordings import run_time
from tagasc.recordings.headers import ClipFormat
from tagasc.recordings.init import Options, init_recordings
from tagasc.recordings.run_time import Timing, measure_step

CLIPS = ClipFormat(8000, 1, 8000)


@pytest.fixture
def frontend():
    return Frontend(network=Network(filters=4, blocks=3, compile=True), training=Training(batch_size=6))


def test_whole_batches_are_measured_if_they_are_quick(frontend, monkeypatch):
    monkeypatch.setattr(run_time, "_BUDGET", 1000.0)  # quick, however busy this machine is
    threads = torch.get_num_threads()
    timing = measure_step(frontend, CLIPS, scenes=3)
    assert (timing.steps, timing.clips) == (3, None)
    assert timing.seconds > 0
    assert torch.get_num_threads() == threads


def test_slow_steps_are_measured_with_two_clips_and_once(frontend, monkeypatch):
    monkeypatch.setattr(run_time, "_BUDGET", 0.0)
    timing = measure_step(frontend, CLIPS, scenes=3)
    assert (timing.steps, timing.clips) == (1, 2)


def test_seeds_and_trainings_at_the_same_time_count():
    experiment = Experiment(cells=["baseline", "codecat"], seeds=[0, 1], frontend={"training": {"epochs": 10}})
    line = Timing(1.0, 3, 2, "this machine's 8 cores", at_a_time=2, busy=True).line(experiment, training_clips=240)
    assert line.startswith(
        "Trainings: about 3 minutes for 4 trainings on this machine's 8 cores, from 3 measured steps"
    )
    assert "steps of 2 clips." in line
    assert line.endswith("Other programs kept the processor busy; without them, it is less.")


@pytest.mark.usefixtures("plain", "init")
def test_a_run_time_is_measured_with_the_chosen_network(tmp_path, monkeypatch):
    monkeypatch.undo()
    lines = []
    init_recordings(tmp_path / "mine", tmp_path / "new", Options(cells=["baseline", "codecat"]), lines.append)
    (line,) = [line for line in lines if line.startswith("Trainings: ")]
    assert " for 2 trainings on this machine's " in line
    assert "measured step" in line
