"""The estimate of a run as text."""

from pathlib import Path

import pytest

from tagasc.config import Experiment
from tagasc.corpora import tau2019
from tagasc.costs.counts import Corpora
from tagasc.costs.estimate import estimate
from tagasc.costs.sizes import cell_memory, disk_bytes, downloaded_bytes, tagger_memory
from tagasc.costs.speeds import Given, job_seconds
from tagasc.costs.work import job_work
from tagasc.paper.grid import parse
from tagasc.runtime.plan import Cause, PlannedJob

RESULTS = Path("no-results")
GIB = 1 << 30
TEN = [Given(10.0)]


def planned(rule, *waits_for, minutes=None, runs=True, **wildcards):
    causes = (Cause("never run"),) if runs else ()
    return PlannedJob(rule, causes, wildcards, waits_for, minutes)


def lines(jobs, *, gpus=(1,), speeds=TEN, **keys):
    experiment = Experiment(**keys)
    found = estimate(jobs, experiment, Corpora(experiment, RESULTS), speeds, gpus)
    return [] if found is None else found.text().splitlines()


def test_hours_of_each_rule_of_all_and_of_several_gpus():
    jobs = [planned("train_stage1", fold=str(fold)) for fold in range(5)]
    jobs += [
        planned("train_cell", *range(5), cell="codecat", seed="0"),
        planned("train_cell", cell="baseline", seed="0"),
    ]
    experiment = Experiment()
    corpora = Corpora(experiment, RESULTS)
    stage1, cell = (
        job_seconds(Given(10.0), job_work(*rule, experiment, corpora)) / 3600
        for rule in (("train_stage1", ""), ("train_cell", "baseline"))
    )
    assert (round(stage1, 1), round(cell, 2)) == (3.2, 0.85)
    printed = lines(jobs, gpus=(1, 5))
    assert [line.split() for line in printed[:6]] == [
        ["GPU", "time", "jobs", "PFLOP", "10", "TFLOP/s"],
        ["train_stage1", "5", "576", "16", "h"],
        ["train_cell", "2", "60", "1.7", "h"],
        ["together", "7", "636", "18", "h"],
        ["wall", "time,", "1", "GPU", "18", "h"],
        ["wall", "time,", "5", "GPUs", "4.1", "h"],
    ]
    assert stage1 + cell == pytest.approx(4.1, abs=0.05)  # the baseline fills a free GPU
    assert "10 TFLOP/s: as given." in printed


def test_jobs_that_are_up_to_date_cost_nothing():
    idle = [planned("train_cell", runs=False, cell="codecat", seed="0"), planned("pack_scenes", runs=False, minutes=70)]
    assert lines(idle) == []
    assert lines([*idle, planned("table2", minutes=10)]) == []
    (rule,) = [
        line for line in lines([*idle, planned("train_cell", cell="baseline", seed="0")]) if "train_cell  " in line
    ]
    assert rule.split()[1] == "1"


def test_jobs_without_a_gpu_are_named_with_what_they_are_granted():
    jobs = [planned("score_cell", minutes=20, cell="baseline", seed=str(seed)) for seed in (0, 1)]
    jobs += [planned("pack_events", minutes=132), planned("table2", minutes=10)]
    printed = lines(jobs)
    assert (
        printed[-1] == "Not in these times, and granted at most: score_cell 20 min each (2 jobs), pack_events 132 min."
    )
    assert not any("GPU time" in line for line in printed)


def test_the_host_is_named_where_it_is_slower():
    jobs = [planned("train_stage1", fold="0"), planned("train_cell", cell="baseline", seed="0")]
    sentence = "train_stage1: limited by the host, which draws the batches, on 9000 TFLOP/s."
    assert sentence in lines(jobs, speeds=[Given(5.0), Given(9000.0)])


def test_the_memory_of_the_papers_trainings():
    experiment = Experiment(frontend={"network": {"precision": "bfloat16"}})
    corpora = Corpora(experiment, RESULTS)
    host, on_gpu = cell_memory(parse("baseline"), experiment, corpora)
    assert round(host / GIB) == 30
    assert on_gpu == pytest.approx(2.6e9 + GIB, rel=0.02)
    assert round(tagger_memory(1, experiment, corpora)[0] / GIB) == 15
    stages = [tagger_memory(stage, experiment, corpora)[1] for stage in (1, 2)]
    assert stages[0] < stages[1] < 12 * GIB


def test_the_disk_space_of_the_papers_run():
    jobs = [planned("download_archive", archive=name) for name in tau2019.ARCHIVES]
    assert downloaded_bytes(jobs) == pytest.approx(tau2019.ARCHIVES_GB * 1e9)
    jobs += [planned(rule) for rule in ("unpack_scenes", "unpack_events", "pack_scenes", "pack_events")]
    jobs += [planned(f"train_stage{stage}", fold=str(fold)) for stage in (1, 2) for fold in range(5)]
    jobs.append(planned("train_cell", cell="baseline", seed="0"))
    experiment = Experiment()
    sizes = disk_bytes(jobs, experiment, Corpora(experiment, RESULTS))
    assert sizes["recordings"] == pytest.approx(14_400 * 10 * 48_000 * 6 + 103.4 * 3600 * 44_100 * 2)
    assert sizes["packed corpora"] == pytest.approx(39.8e9, rel=0.01)
    assert sizes["weights of the tagger"] == 75 * 4 * 24_592_224
    assert sizes["weights and codes of cells"] == pytest.approx(4 * 714_058 + 14_400 * 64 * 2, rel=0.02)


def test_it_is_printed_in_markdown_as_well():
    experiment = Experiment()
    jobs = [planned("train_cell", cell="baseline", seed="0")]
    page = estimate(jobs, experiment, Corpora(experiment, RESULTS), [Given(10.0)], [1]).markdown().splitlines()
    assert page[:3] == [
        "| GPU time | jobs | PFLOP | 10 TFLOP/s |",
        "| :-- | --: | --: | --: |",
        "| train_cell | 1 | 30 | 51 min |",
    ]
    assert "* 10 TFLOP/s: as given." in page
