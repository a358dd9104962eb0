"""How long a job takes: on cards of a data sheet, at a given speed, and as finished trainings were measured."""

import json
from dataclasses import replace

import pytest
import yaml

from tagasc.artifacts.history import CELL_HISTORY, TAGGER_HISTORY, write_history
from tagasc.config import Experiment
from tagasc.costs.choose import choose_speeds, read_card
from tagasc.costs.counts import Corpora
from tagasc.costs.measured import find_measured
from tagasc.costs.speeds import DataSheet, Given, Measured, job_seconds
from tagasc.costs.work import Work, job_work
from tagasc.runtime.errors import InputError
from tagasc.runtime.gpus import Gpu

CARD = Gpu("card", 1000, 500, 100, 2000, 80, "card")
WORK = Work("scenes", operations=6e15, moved=2.8e12, precision="bfloat16", host_seconds=1.0, input_bytes=10**9)
H100 = "NVIDIA H100 80GB HBM3"


@pytest.fixture(autouse=True)
def without_record(monkeypatch):
    """Leave out what the project has recorded."""
    monkeypatch.setattr("tagasc.costs.choose.find_recorded", lambda _: [])


def test_the_slowest_of_arithmetic_memory_and_host_decides():
    speed = DataSheet(CARD)
    assert speed.seconds(WORK) == pytest.approx(6e15 / 0.3e15)
    assert speed.seconds(replace(WORK, precision="tf32")) == pytest.approx(6e15 / 0.15e15)
    assert speed.seconds(replace(WORK, precision="float32")) == pytest.approx(6e15 / 0.03e15)
    assert speed.seconds(replace(WORK, moved=28e12)) == pytest.approx(28e12 / 1.4e12)
    assert speed.seconds(replace(WORK, host_seconds=99.0)) == 99


def test_a_job_starts_and_reads_its_corpus_first():
    assert job_seconds(Given(6.0), WORK) == 5 + 2 + 1000
    assert job_seconds(Given(6.0), replace(WORK, host_seconds=2000.0)) == 5 + 2 + 2000


def write_cell_history(results, experiment, *, seconds, device=H100, cell="baseline", config=None):
    folder = results / "experiments" / experiment
    path = folder / f"cells/{cell}/seed0/history.jsonl"
    rate = 9168 / seconds
    rows = [
        {"cell": cell, "seed": 0, "epoch": epoch, "loss": 1.0, "train_accuracy": 0.5, "device": device}
        | {"clips_per_second": rate / 10 if epoch == 1 else rate}
        for epoch in (1, 2, 3)
    ]
    rows[-1]["evaluate_accuracy"] = 0.5
    write_history(CELL_HISTORY, path, rows)
    if config is not None:
        (folder / "config.yaml").write_text(yaml.safe_dump(config))


def write_tagger_history(results, *, seconds, device=H100):
    rows = [
        {"epoch": epoch, "loss": 1.0, "seconds": 9 * seconds if epoch == 1 else seconds, "device": device}
        for epoch in range(1, 513)
    ]
    rows[-1]["held_out_lwlrap"] = 0.5
    write_history(TAGGER_HISTORY, results / "taggers/multitask/stage1/fold0/history.jsonl", rows)


def test_a_finished_training_tells_the_time_of_the_others(tmp_path):
    experiment = Experiment()
    write_cell_history(tmp_path, "paper", seconds=4.0)
    (speed,) = choose_speeds(None, experiment, tmp_path)
    assert speed.title == H100
    assert speed.source.startswith("measured here in 1 training, 82.7 TFLOP/s of the scene networks")
    work = job_work("train_cell", "baseline", experiment, Corpora(experiment, tmp_path))
    # 90 epochs, and codes of 14,400 clips, each a third of a step.
    assert speed.seconds(work) == pytest.approx(4 * (90 + 14_400 / 9_168 / 3), rel=0.001)
    # The tagger was not measured, but its card is known.
    tagger = job_work("train_stage1", "", experiment, Corpora(experiment, tmp_path))
    assert speed.seconds(tagger) == read_card("h100").seconds(tagger)
    assert "tagger: estimated from the data sheet" in speed.source


def test_finished_folds_tell_the_time_of_the_tagger(tmp_path):
    experiment = Experiment()
    write_tagger_history(tmp_path, seconds=20.0)
    (speed,) = find_measured(experiment, tmp_path)
    work = job_work("train_stage1", "", experiment, Corpora(experiment, tmp_path))
    assert speed.seconds(work) == pytest.approx(512 * 20)


def test_an_unknown_device_is_assumed_to_be_as_fast_on_the_other_network(tmp_path):
    write_tagger_history(tmp_path, seconds=200.0, device="AMD EPYC, 4 threads")
    (speed,) = find_measured(Experiment(), tmp_path)
    assert speed.source.endswith("of the tagger; scene networks: assumed to be as fast")
    assert speed.seconds(WORK) == pytest.approx(WORK.operations / speed.rates["events"])


def test_other_experiments_count_if_they_have_the_same_network(tmp_path):
    experiment = Experiment(name="mine")
    write_cell_history(tmp_path, "same", seconds=4.0, config=Experiment(name="same").model_dump(mode="json"))
    other = Experiment(name="other", frontend={"network": {"filters": 64}}).model_dump(mode="json")
    write_cell_history(tmp_path, "other", seconds=1.0, config=other)
    write_cell_history(tmp_path, "damaged", seconds=1.0, config={"no": "key"})
    write_cell_history(tmp_path, "no-configuration", seconds=1.0)
    (speed,) = find_measured(experiment, tmp_path)
    assert speed.trainings == 1
    assert speed.rates["scenes"] == pytest.approx(332e12 / 4, rel=0.005)


def test_histories_without_a_device_and_damaged_ones_tell_nothing(tmp_path):
    write_cell_history(tmp_path, "paper", seconds=4.0)
    path = tmp_path / "experiments/paper/cells/baseline/seed0/history.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    for row in rows:
        del row["device"]
    write_history(CELL_HISTORY, path, rows)
    assert find_measured(Experiment(), tmp_path) == []
    path.write_text("no history")
    assert find_measured(Experiment(), tmp_path) == []


def test_the_card_that_is_named_counts_with_its_own_measurements_only(tmp_path):
    write_cell_history(tmp_path, "paper", seconds=4.0)
    write_cell_history(tmp_path, "paper", seconds=9.0, cell="codecat", device="NVIDIA A100-SXM4-40GB")
    experiment = Experiment()
    assert [speed.title for speed in choose_speeds("h100", experiment, tmp_path)] == [H100]
    (named,) = choose_speeds("a100", experiment, tmp_path)  # the one with 80 GB
    assert named.source.endswith("no run on such a card is recorded")
    assert [type(speed) for speed in choose_speeds(None, experiment, tmp_path)] == [Measured, Measured]
    assert choose_speeds("12.5", experiment, tmp_path) == [Given(12.5)]


def test_without_measurements_three_cards_are_compared(tmp_path):
    assert [speed.title for speed in choose_speeds(None, Experiment(), tmp_path)] == ["H100", "A100 80 GB", "RTX 4090"]


@pytest.mark.parametrize("number", ["0", "-3", "nan", "inf"])
def test_a_speed_has_to_be_a_positive_number(number):
    with pytest.raises(InputError, match=rf"--gpu {number}: expected the TFLOP/s"):
        read_card(number)
