"""Ways of scoring next to each other, without a new training."""

import csv
import re

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.workflow]


def planned(process):
    assert process.returncode == 0, process.stderr
    return {rule: int(count) for rule, count in re.findall(r"^(\w+) +(\d+)$", process.stdout, re.MULTILINE)}


@pytest.fixture
def scored(tiny):
    """Return a function that runs snakemake on the finished experiment with a section ``backend``."""
    folder, again = tiny

    def run(backend, *arguments):
        overlay = folder / "backend.yaml"
        overlay.write_text(f"backend: {backend}\n")
        return again(*arguments, configfiles=[overlay])

    return folder / "results/experiments/tiny", run


@pytest.mark.parametrize("key", ["svm: {C: 2}", "svm: {kernels: [linear]}", "standardise: true"])
def test_another_way_of_scoring_trains_nothing(scored, key):
    _, run = scored
    jobs = planned(run(f"{{name: other, {key}}}", "-n"))
    assert jobs["score_cell"] == 4
    assert jobs["score_control"] == 6
    assert not {"train_cell", "tag_scenes"} & set(jobs)


def test_tuned_controls_depend_on_their_own_keys_only(scored):
    _, run = scored
    assert planned(run("{svm: {C: 2}}", "-n"))["score_control"] == 2  # the plain ones
    assert planned(run("{standardise: true}", "-n"))["score_control"] == 2
    changed = planned(run("{controls: {linear: [1]}}", "-n"))
    assert changed["score_control"] == 4
    assert "score_cell" not in changed


def test_scores_of_two_ways_stand_next_to_each_other(scored):
    results, run = scored
    before = (results / "scores.csv").read_bytes()
    target = "results/experiments/tiny/backends/wide/scores.csv"
    finished = run("{name: wide, standardise: true}", target)
    assert finished.returncode == 0, finished.stderr
    with (results / "backends/wide/scores.csv").open() as file:
        kernels = [row["kernel"] for row in csv.DictReader(file)]
    assert len(kernels) == 8
    assert all(kernel.endswith(", standardised") for kernel in kernels)
    assert (results / "scores.csv").read_bytes() == before
    assert "Nothing to be done" in run("{}", "-n").stdout
    assert "Nothing to be done" in run("{name: wide, standardise: true}", "-n", target).stdout


def test_codes_that_were_deleted_after_scoring_are_not_trained_again(scored):
    _, run = scored
    process = run("{name: best, protocols: [last, best_on_test]}", "-n")
    assert process.returncode == 1
    (line,) = [text for text in process.stderr.splitlines() if "tagasc: error: " in text]
    assert "codes-every1.npy: does not exist, and backend.name: best needs it" in line
