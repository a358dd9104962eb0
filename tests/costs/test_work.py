"""The operations of the paper's jobs, compared with known numbers, and how they follow from the configuration."""

from pathlib import Path

import pytest

from tagasc.config import Experiment
from tagasc.costs.counts import Corpora
from tagasc.costs.work import GPU_RULES, epoch_clips, job_work
from tagasc.paper.grid import parse
from tagasc.runtime.resources import SUSTAINED_TFLOPS, gpu_minutes


def work(rule, cell="baseline", **keys):
    experiment = Experiment(**keys)
    return job_work(rule, cell, experiment, Corpora(experiment, Path("no-results")))


@pytest.mark.parametrize(("architecture", "epoch"), [("table1", 332e12), ("table6", 196e12)])
def test_an_epoch_of_a_cell(architecture, epoch):
    def of_epochs(count):
        training = {"crop": None, "epochs": count}
        return work("train_cell", frontend={"network": {"architecture": architecture}, "training": training}).operations

    # Whole batches of 24 only: 9,168 of 9,185 clips.
    assert of_epochs(3) - of_epochs(2) == pytest.approx(epoch, rel=0.005)


def test_the_codes_after_the_last_epoch_are_half_an_epoch():
    frontend = {"training": {"crop": None, "epochs": 1}}
    # 14,400 clips, of which each takes a third of a training step.
    assert work("train_cell", frontend=frontend).operations == pytest.approx(
        332e12 * (1 + 14_400 / 9_185 / 3), rel=0.005
    )


def test_shorter_windows_take_fewer_operations():
    whole, half = (work("train_cell", frontend={"training": {"crop": crop}}).operations for crop in (None, 5.0))
    assert half / whole == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize(("rule", "epochs", "epoch"), [("train_stage1", 512, 226e12), ("train_stage2", 448, 339e12)])
def test_an_epoch_of_the_tagger(rule, epochs, epoch):
    assert work(rule).operations / epochs == pytest.approx(epoch, rel=0.01)


def test_soft_labels_pass_the_noisy_clips_through_40_networks_and_scenes_through_5():
    # A slice of 512 frames takes a sixth of the operations of a training step, and longer clips take more.
    per_frame = 226e12 / 6 * 2 / 8_003 / 512  # slices: 3,972 curated and 4,032 noisy
    hours = {"make_soft_labels": 40 * 80, "tag_scenes": 5 * 40, "score_tagger": 5 * 12.9 + 10.5}
    for rule, heard in hours.items():
        assert work(rule).operations == pytest.approx(per_frame * heard * 3600 * 44_100 / 347, rel=0.04), rule


def test_other_epochs_whose_codes_are_kept_count():
    def of(**backend):
        return work("train_cell", frontend={"training": {"crop": None}}, backend=backend).operations

    one = 14_400 / 9_185 / 3 * 332e12
    several = of(protocols=["last", "best_on_test"], code_every=10) - of()
    assert several == pytest.approx(8 * one, rel=0.01)
    crops = of(train_codes="crops") - of()
    assert crops == pytest.approx(332e12 / 3, rel=0.01)


def test_a_specialist_passes_its_two_scenes_and_as_many_others():
    experiment = Experiment(cells=["jung2019-kd"])
    assert epoch_clips(parse("jung2019-specialist1"), experiment, 9185, 10) == 1837 // 12 * 24
    assert epoch_clips(parse("jung2019-specialist1"), experiment, 300, 3) == 100 // 12 * 24


def test_a_student_has_three_teachers_that_hear_pairs_of_clips():
    student = work("train_cell", "jung2019-kd", cells=["jung2019-kd"])
    epoch = 196e12  # table6, of whole clips; the student hears 5 s, and its teachers 20 s
    assert student.operations == pytest.approx(60 * epoch * (0.5 + 3 * 2 / 3), rel=0.02)


def test_precision_and_corpus_are_known():
    single, half = (work("train_cell", frontend={"network": {"precision": name}}) for name in ("float32", "bfloat16"))
    assert (single.precision, half.precision) == ("float32", "bfloat16")
    assert single.operations == half.operations
    assert half.moved < 0.6 * single.moved
    assert single.input_bytes == 14_400 * 480_000 * 4


@pytest.mark.parametrize(("rule", "minutes"), [("train_cell", 114), ("train_stage1", 530), ("train_stage2", 465)])
def test_the_requests_for_the_papers_trainings(rule, minutes):
    one = work(rule)
    assert gpu_minutes(rule, one.operations, one.input_bytes) == pytest.approx(minutes, rel=0.15)


def test_each_rule_with_a_gpu_has_a_speed_for_its_requests():
    assert set(SUSTAINED_TFLOPS) == set(GPU_RULES)
