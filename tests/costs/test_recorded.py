import pytest

import benchmarks.record
from benchmarks.gpu.sections import SECTIONS
from benchmarks.gpu.sizes import Sizes, Table
from tagasc.config import Experiment
from tagasc.costs.choose import choose_speeds
from tagasc.costs.counts import Corpora
from tagasc.costs.recorded import RECORD, find_recorded
from tagasc.costs.work import job_work

H200 = "NVIDIA H200; Python 3.11.7, torch 2.14.1"
ROWS = [
    ("2027-01-05", "gpu table1", "table1 baseline: 3000.0 clips/s in bfloat16, batch 24; an epoch 3.06 s", H200),
    ("2027-01-06", "gpu table1", "table1 baseline: 4584.0 clips/s in bfloat16, batch 24; an epoch 2.00 s", H200),
    ("2027-01-06", "gpu table6", "table6 baseline: 9999.0 clips/s in bfloat16, batch 24; an epoch 0.92 s", H200),
    ("2027-01-06", "gpu tagger", "stage 1, 64 clips of each kind: 20.0 ms per step; host 1.9 ms per step", H200),
    ("2027-01-07", "epoch", "table1 baseline, batch 4: 11.5 clips/s in bfloat16", "2 cores of AMD EPYC; Python 3.11.7"),
    (
        "2027-01-07",
        "gpu table1",
        "table1 baseline: 1.0 clips/s in bfloat16, batch 2; an epoch",
        "2 cores of AMD EPYC; P",
    ),
]


@pytest.fixture
def record(tmp_path, monkeypatch):
    """Write a record like that of the project, and let estimates read it."""
    path = tmp_path / "RECORD.md"
    lines = [f"| {' | '.join(row)} | abc1234 |" for row in ROWS]
    path.write_text("\n".join(["# Record", "", "| date | benchmark | results | machine | commit |", *lines, ""]))
    monkeypatch.setattr("tagasc.costs.choose.find_recorded", lambda experiment: find_recorded(experiment, path))
    return path


def test_the_last_row_of_each_network_tells_the_time_of_an_epoch(record, tmp_path):
    experiment = Experiment()
    (speed,) = find_recorded(experiment, record)
    assert speed.source.startswith("measured on 2027-01-06, see benchmarks/RECORD.md, ")
    corpora = Corpora(experiment, tmp_path)
    cell = job_work("train_cell", "baseline", experiment, corpora)
    # 9,168 clips in 2 s, 90 epochs, and codes of 14,400 clips, each a third of a step.
    assert speed.seconds(cell) == pytest.approx(2 * (90 + 14_400 / 9_168 / 3), rel=0.001)
    tagger = job_work("train_stage1", "", experiment, corpora)
    assert speed.seconds(tagger) == pytest.approx(0.02 * 512 * 63, rel=0.02)  # the last batch of an epoch is smaller


@pytest.mark.usefixtures("record")
def test_the_record_comes_before_data_sheets(tmp_path):
    assert [speed.title for speed in choose_speeds(None, Experiment(), tmp_path)] == ["NVIDIA H200"]
    (named,) = choose_speeds("h200", Experiment(), tmp_path)
    assert named.title == "NVIDIA H200"
    (other,) = choose_speeds("h100", Experiment(), tmp_path)
    assert other.source.endswith("no run on such a card is recorded")


def test_there_may_be_no_record(tmp_path):
    assert find_recorded(Experiment(), tmp_path / "RECORD.md") == []
    assert RECORD.exists()  # in a clone


@pytest.mark.slow
def test_what_the_benchmark_records_is_understood(tmp_path, monkeypatch):
    path = tmp_path / "RECORD.md"
    path.write_text("# Record\n" + benchmarks.record.END_OF_RESULTS)
    monkeypatch.setattr("benchmarks.record.RECORD", path)
    monkeypatch.setattr("benchmarks.record.machine", lambda: H200)
    for section in ("table6", "tagger"):
        SECTIONS[section].load()(Sizes.miniature(1), Table(section, record=True))
    (speed,) = find_recorded(Experiment(frontend={"network": {"architecture": "table6"}}), path)
    assert set(speed.rates) == {"scenes", "events"}
