from statistics import mean, stdev

import numpy as np
import pytest

from tagasc.artifacts.scenes import read_clips
from tagasc.artifacts.scores import read_scores
from tagasc.tables.summary import (
    Accuracy,
    agreement_with_paper,
    prediction_interval,
    provenance,
    select_scores,
    shows_paper,
    summarise,
)


def test_accuracies_are_summarised_over_seeds_in_per_cent(scored):
    paths = scored({"codecat": [70.0, 71.0, 73.0], "baseline": [60.0]})
    accuracies = summarise(select_scores(read_scores(paths), "last", "official"))
    assert list(accuracies) == ["baseline", "codecat"]
    assert accuracies["baseline"] == Accuracy(60.0, None, 1)
    values = accuracies["codecat"]
    assert (values.mean, values.sd, values.n) == pytest.approx((mean([70, 71, 73]), stdev([70, 71, 73]), 3))
    averaged = summarise(select_scores(read_scores(paths), "last", "official"), "macro_accuracy")
    assert averaged["codecat"].mean == pytest.approx(values.mean - 10)


def test_the_prediction_interval():
    low, high = prediction_interval(70.0, 1.0, 3)
    assert (low, high) == pytest.approx((70 - 4.30265 * (4 / 3) ** 0.5, 70 + 4.30265 * (4 / 3) ** 0.5), rel=1e-5)
    # 95 % of many further runs are within: both t's quantile and the further run's own variance are needed.
    random = np.random.default_rng(0)
    inside = 0
    for runs in random.normal(size=(4000, 6)):
        low, high = prediction_interval(runs[:5].mean(), runs[:5].std(ddof=1), 5)
        inside += low <= runs[5] <= high
    assert inside / 4000 == pytest.approx(0.95, abs=0.012)
    assert prediction_interval(70.0, 1.0, 2) is prediction_interval(70.0, None, 1) is None


def test_cells_with_fewer_than_three_runs_are_not_compared_with_the_paper():
    assert agreement_with_paper({"codecat": Accuracy(74.15, 0.1, 2), "other": Accuracy(74.0, 0.1, 5)}) == ""
    assert agreement_with_paper({"codecat": Accuracy(74.15, 0.1, 3)}).startswith("Of 1 cells, 1 have")


def test_the_papers_numbers_belong_to_its_own_clips(published_clips, own_clips):
    clips = read_clips(published_clips)
    assert len(clips) == 14_400
    assert shows_paper("auto", clips)
    assert shows_paper("auto", clips.sample(frac=1, random_state=0))
    one_less = clips.drop(index=7)
    moved = clips.assign(split=clips["split"].where(clips.index != 7, "evaluate"))
    for other in (one_less, moved, read_clips(own_clips), clips.replace({"scene": {"tram": "ferry"}})):
        assert not shows_paper("auto", other)
        assert shows_paper(True, other)
    assert not shows_paper(False, clips)


def test_the_papers_protocol_is_mentioned_next_to_its_numbers_only(scored):
    scores = select_scores(read_scores(scored({"codecat": [70.0]})), "last", "official")
    without = provenance(scores, with_paper=False)
    assert without.endswith("grouped by location (rbf 1×).")
    assert provenance(scores, with_paper=True) == f"{without} The paper does not say which protocol it used."
