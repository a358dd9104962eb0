import re

import numpy as np
import pandas as pd
import pytest

from tagasc.artifacts.scenes import CLIPS
from tagasc.tables.conclusion import conclude
from tagasc.tables.estimates import Estimates
from tagasc.tables.evaluation import Evaluation, Run

LOCATIONS, CLIPS_EACH = 40, 10
N = LOCATIONS * CLIPS_EACH


def evaluation(shares, seeds=3, protocol="last", test_list="official", locations=LOCATIONS):
    """Return runs that classify about these shares of the clips correctly."""
    rows = [
        (f"{n}.wav", ("bus", "park")[n % 2], "paris", f"paris-{n % locations}", "evaluate", 1.0, "a") for n in range(N)
    ]
    truth = np.arange(N) % 2
    runs = []
    for place, (cell, share) in enumerate(shares.items()):
        for seed in range(seeds):
            right = np.random.default_rng([place, seed]).permutation(N) < share * N
            runs.append(Run(cell, seed, np.where(right, truth, 1 - truth)))
    return Evaluation(pd.DataFrame(rows, columns=CLIPS.names), protocol, test_list, runs)


SHARES = {
    "baseline": 0.50,
    "codecat": 0.60,
    "shared-heads2-layers0": 0.70,
    "attention-heads2-layers1-shuffled": 0.95,
    "tags_alone": 0.45,
    "late_fusion": 0.65,
    "tuned_baseline": 0.55,
}


def test_best_cell_and_best_control_with_their_difference():
    about_cells, about_baseline = conclude([evaluation(SHARES)])
    assert "the best of 2 cells, shared-heads2-layers0, reaches 70.00 %" in about_cells
    assert "the best of 3 controls, late_fusion, 65.00 %, a difference of +5.00 points" in about_cells
    difference = Estimates(evaluation(SHARES)).difference("shared-heads2-layers0", "late_fusion")
    low, high = (f"{100 * end:+.2f}" for end in difference.interval)
    assert f"(95 % interval {low} to {high})" in about_cells
    assert "selected on these same 400 clips" in about_cells
    assert about_cells.endswith("the interval covers the choice of locations and chance between trainings.")
    assert "The baseline reaches 50.00 %" in about_baseline
    assert "the best of 2 controls that classify its codes, late_fusion, 65.00 %" in about_baseline
    assert "a difference of +15.00 points" in about_baseline


@pytest.mark.parametrize(
    ("share", "verdict"),
    [
        (0.90, "There is a gain from how tags enter"),
        (0.66, "This run cannot tell whether there is a gain from how tags enter"),
        (0.20, "There is no gain from how tags enter"),
    ],
)
def test_the_interval_gives_the_verdict(share, verdict):
    shares = {"baseline": 0.5, "codecat": share, "late_fusion": 0.65}
    text = conclude([evaluation(shares)])[0]
    assert text.startswith(f"{verdict}, beyond tags as features: the only cell, codecat, ")
    low, high = map(float, re.search(r"interval ([-+.\d]+) to ([-+.\d]+)", text).groups())
    assert (low > 0, high < 0) == ("is a gain from" in verdict and "cannot" not in verdict, "no gain" in verdict)


def test_one_seed_cannot_tell():
    text = conclude([evaluation({"baseline": 0.5, "codecat": 0.9, "late_fusion": 0.6}, seeds=1)])[0]
    assert text.startswith("This run cannot tell")
    assert text.endswith("the interval covers the choice of locations alone, because there is one seed.")


def test_one_location_cannot_tell():
    text = conclude([evaluation(SHARES, locations=1)])[0]
    assert text.startswith("This run cannot tell")
    assert "+5.00 points (no interval, because all clips come from one location)" in text


def test_without_the_baseline_there_is_nothing_about_it():
    (text,) = conclude([evaluation({"codecat": 0.7, "tags_alone": 0.5})])
    assert "the only control, tags_alone" in text


@pytest.mark.parametrize("shares", [{"baseline": 0.5, "late_fusion": 0.6}, {"baseline": 0.5, "codecat": 0.6}])
def test_without_cells_or_controls_nothing_is_concluded(shares):
    assert conclude([evaluation(shares)]) == [
        "This run has no cell that sees tags, or no control, so nothing is concluded."
    ]


def test_other_protocols_and_test_lists_do_not_count():
    others = [evaluation(SHARES, protocol="best_on_test"), evaluation(SHARES, test_list="all_but_train")]
    assert conclude(others) == ["This run has no scores of protocol last, so nothing is concluded."]
    best = evaluation({**SHARES, "codecat": 0.9})
    best.protocol = "best_on_test"
    assert conclude([best, evaluation(SHARES)]) == conclude([evaluation(SHARES)])
