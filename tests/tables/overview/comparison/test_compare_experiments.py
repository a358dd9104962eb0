import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tagasc.artifacts.scenes import CLIPS
from tagasc.tables.comparison import holm
from tagasc.tables.crossed_effects import Spread, Term, estimate
from tagasc.tables.overview.compare_experiments import INDEPENDENT, PAIRED, SAME
from tagasc.tables.overview.comparison_sentences import findings
from tagasc.tables.overview.draw_experiments import difference_rows, experiment_svg

N = 21  # test clips of the corpus


def assert_is(row, expected):
    found = [row[key] for key in ("difference", "difference_low", "difference_high", "p")]
    assert found == pytest.approx([expected.value, *expected.interval, expected.p])


def test_accuracies_are_those_of_each_experiment(drawn):
    table = drawn.compare("a", "b").set_index(["system", "experiment"])
    assert table.loc["codecat", "a"]["accuracy"] == pytest.approx(
        drawn.by_location("a", "codecat", [0, 1, 2]).sum() / 63
    )
    runs = [drawn.by_location("b", cell, [5, 6]) for cell in ("baseline", "codecat", "attention-heads2-layers1")]
    expected = estimate(drawn.locations, Term(runs[1], Spread.pooled(drawn.locations, runs)))
    assert table.loc["codecat", "b"][["accuracy", "low", "high"]].tolist() == pytest.approx(
        [expected.value, *expected.share_interval]
    )
    assert table["seeds"].to_dict() == {key: 3 if key[1] == "a" else 2 for key in table.index}


def test_a_difference_is_that_of_independent_trainings(drawn):
    ours = {cell: drawn.by_location("b", cell, [5, 6]) for cell in ("baseline", "codecat", "attention-heads2-layers1")}
    theirs = {cell: drawn.by_location("a", cell, [0, 1, 2]) for cell in ("baseline", "codecat")}
    spread = Spread.pooled(drawn.locations, [*ours.values(), *theirs.values()])
    for cell, runs in theirs.items():
        row = drawn.compared(cell, "a", "b")
        assert row["comparison"] == INDEPENDENT
        assert_is(row, estimate(drawn.locations, Term(ours[cell], spread), Term(runs, spread, -1)))


def test_with_locations_of_one_size_and_deterministic_systems_it_is_students_t(results):
    places = {f"oslo-{i}": ("bus", 4) for i in range(6)}
    clips = results.add_corpus("even", places)
    right = {name: np.random.default_rng(seed).random(24) < 0.6 for seed, name in enumerate(("a", "b"))}
    for name, its in right.items():
        results.configure(name, ["baseline"], [0], scenes="even")
        results.write(name, "tags_alone", 0, its, clips)
    row = results.compared("tags_alone", "a", "b")
    expected = stats.ttest_rel(*(right[name].reshape(6, 4).mean(axis=1) for name in ("b", "a")))
    assert row["p"] == pytest.approx(expected.pvalue)
    low, high = expected.confidence_interval()
    assert (row["difference_low"], row["difference_high"]) == pytest.approx((low, high))


def test_all_systems_of_a_further_experiment_are_one_family(results):
    systems = ["baseline", "codecat", "attention-heads2-layers1", "tags_alone"]
    for name, share in (("a", 0.5), ("b", 0.8), ("c", 0.9)):
        results.fill(name, systems, [0, 1], share)
    table = results.compare("a", "b", "c")
    for name in ("b", "c"):
        rows = table[table["experiment"] == name]
        assert rows["p_holm"].tolist() == pytest.approx(holm(rows["p"].to_numpy()))
    assert table.loc[table["experiment"] == "a", ["difference", "p", "p_holm"]].isna().all(axis=None)
    assert list(dict.fromkeys(table["system"])) == systems


def test_systems_of_one_experiment_have_no_difference(drawn):
    row = drawn.compared("attention-heads2-layers1", "a", "b")
    assert row["comparison"] == ""
    assert np.isnan([row["difference"], row["p"]]).all()
    assert "Of the 2 cells and controls that b and a both have" in drawn.sentences("a", "b")


def test_with_one_seed_there_is_no_p(results):
    results.fill("a", ["codecat", "tags_alone"], [0], 0.4)
    results.fill("b", ["codecat", "tags_alone"], [0, 1], 0.9)
    row = results.compared("codecat", "a", "b")
    assert row["difference_low"] < row["difference"] < row["difference_high"]
    assert np.isnan([row["p"], row["p_holm"]]).all()
    assert results.compared("tags_alone", "a", "b")["p"] < 1  # it has no training
    assert "a has 1 seed and b has 2 seeds. If one of two experiments has one seed" in results.sentences("a", "b")


def test_identical_predictions_are_not_tested(results):
    results.fill("a", ["baseline", "codecat"], [0, 1])
    results.fill("b", ["codecat"], [0, 1])
    results.configure("b", ["baseline", "codecat"], [0, 1, 2])
    results.copy("b", "a", "baseline", [0, 1])
    results.write("b", "baseline", 2, np.zeros(N))
    row = results.compared("baseline", "a", "b")
    assert (row["comparison"], row["difference"]) == (SAME, 0)
    assert np.isnan([row["p"], row["p_holm"], row["difference_low"]]).all()
    row = results.compared("codecat", "a", "b")
    assert row["p_holm"] == row["p"]  # the only test
    text = results.sentences("a", "b")
    assert "1 cell or control has the same predictions in b and a, in all seeds that both have." in text
    assert "19 configured runs of b have no predictions" in text  # one, and six controls of three seeds


def test_an_experiment_with_the_same_predictions_differs_nowhere(results):
    results.fill("a", ["baseline"], [0, 1])
    results.configure("b", ["baseline"], [0, 1])
    results.copy("b", "a", "baseline", [0, 1])
    assert results.sentences("a", "b").startswith(
        "All predictions of the 1 cell or control that b and a both have are the same."
    )


def test_the_same_trainings_count_once_in_the_spread(results):
    results.fill("a", ["baseline", "codecat"], [0, 1], 0.4)
    results.fill("b", ["codecat"], [0, 1], 0.8)
    results.configure("b", ["baseline", "codecat"], [0, 1])
    results.copy("b", "a", "baseline", [0, 1])
    base, ours, theirs = (
        results.by_location(*run, [0, 1]) for run in (("a", "baseline"), ("b", "codecat"), ("a", "codecat"))
    )
    spread = Spread.pooled(results.locations, [base, ours, theirs])
    expected = estimate(results.locations, Term(ours, spread), Term(theirs, spread, -1))
    assert_is(results.compared("codecat", "a", "b"), expected)


def test_controls_on_the_codes_of_the_same_baseline_are_paired(results):
    results.fill("a", ["baseline", "late_fusion", "tuned_baseline"], [0, 1, 2])
    results.fill("b", ["late_fusion", "tuned_baseline"], [0, 1, 2])
    results.configure("b", ["baseline"], [0, 1, 2])
    results.copy("b", "a", "baseline", range(3))
    gains = {
        system: results.by_location("b", system, range(3)) - results.by_location("a", system, range(3))
        for system in ("late_fusion", "tuned_baseline")
    }
    spread = Spread.pooled(results.locations, list(gains.values()))
    row = results.compared("late_fusion", "a", "b")
    assert row["comparison"] == PAIRED
    assert_is(row, estimate(results.locations, Term(gains["late_fusion"], spread)))
    assert "so controls on their codes share trainings. 2 cells and controls are compared" in results.sentences(
        "a", "b"
    )


def test_with_another_baseline_controls_on_its_codes_are_independent(results):
    for name in ("a", "b"):
        results.fill(name, ["baseline", "late_fusion"], [0, 1])
    assert results.compared("late_fusion", "a", "b")["comparison"] == INDEPENDENT


def test_two_ways_of_scoring_one_experiment_are_paired_over_common_seeds(results):
    results.fill("a", ["baseline", "codecat", "tags_alone"], [0, 1, 2])
    results.fill("a/wide", ["baseline", "codecat", "tags_alone"], [1, 2])
    gains = [
        results.by_location("a/wide", cell, [1, 2]) - results.by_location("a", cell, [1, 2])
        for cell in ("baseline", "codecat")
    ]
    row = results.compared("codecat", "a", "a/wide")
    assert row["comparison"] == PAIRED
    assert_is(row, estimate(results.locations, Term(gains[1], Spread.pooled(results.locations, gains))))
    assert results.compared("tags_alone", "a", "a/wide")["comparison"] == INDEPENDENT
    assert "a/wide and a score the same trainings. 2 cells and controls" in results.sentences("a", "a/wide")


@pytest.mark.parametrize("change", ["location", "scene", "filename"])
def test_other_clips_give_no_difference(drawn, change):
    clips = drawn.clips.copy()
    last = clips.index[-1]
    clips.loc[last, change] = {"location": "milan-7", "scene": "bus", "filename": "z.wav"}[change]
    CLIPS.write(drawn.folder / "corpora/other/clips.csv", clips)
    drawn.configure("c", ["codecat"], [0, 1], scenes="other")
    for seed in (0, 1):
        drawn.write("c", "codecat", seed, np.arange(N) % 2, clips)
    table = drawn.compare("a", "b", "c")
    c = table[table["experiment"] == "c"]
    assert c["accuracy"].tolist() == pytest.approx([10 / 21])
    assert c[["difference", "p", "p_holm"]].isna().all(axis=None)
    assert table.loc[table["experiment"] == "b", "difference"].notna().sum() == 2
    text = drawn.sentences("a", "b", "c")
    assert "c is tested on other clips than a, so there are no differences." in text
    assert "of its 21 clips, 20 are among the 21 of a with the same scene and location" in text
    assert "a and b are tested on the same 21 clips from 6 locations." in text
    assert experiment_svg(table, "a", "c", "x") is None


def test_clips_in_another_order_and_other_training_clips_are_the_same_test_clips(drawn):
    before = drawn.compared("codecat", "a", "b")
    backwards = np.arange(N)[::-1]
    clips = pd.concat([drawn.clips.iloc[:1].assign(scene="zoo"), drawn.clips.iloc[:1:-1]])
    CLIPS.write(drawn.folder / "corpora/other/clips.csv", clips)
    drawn.configure("b", ["baseline", "codecat", "attention-heads2-layers1"], [5, 6], scenes="other")
    for (name, system, seed), right in list(drawn.right.items()):
        if name == "b":
            drawn.write("b", system, seed, right[backwards], clips)
    assert str(drawn.compared("codecat", "a", "b")) == str(before)


def test_one_location_gives_differences_without_intervals(results):
    clips = results.clips.assign(location="paris-0")
    CLIPS.write(results.folder / "corpora/town/clips.csv", clips)
    for name, share in (("a", 0.4), ("b", 0.9)):
        results.fill(name, ["baseline"], [0, 1], share)
    row = results.compared("baseline", "a", "b")
    assert row["difference"] > 0
    assert np.isnan([row["difference_low"], row["p"]]).all()
    text = results.sentences("a", "b")
    assert "With one location, there are no intervals and no tests." in text
    assert "nan" not in text


def test_findings_count_and_name_the_largest(results):
    systems = ["baseline", "codecat", "before_code-layers0"]
    for name in ("a", "b"):
        results.configure(name, systems, [0, 1])
    for seed in (0, 1):
        for name, rights in (("a", (0, 18, 10)), ("b", (20, 1, 10))):
            for system, right in zip(systems, rights, strict=True):
                results.write(name, system, seed, np.arange(N) < right + seed)
    table = results.compare("a", "b")
    rows = table[table["experiment"] == "b"].set_index("system")
    assert (rows["p_holm"] < 0.05).tolist() == [True, True, False]
    low, high = 100 * rows.loc["baseline", ["difference_low", "difference_high"]]
    assert findings(results.experiments, table) == [
        "Of the 3 cells and controls that b and a both have, 2 differ with an adjusted p-value below 0.05: 1 more "
        "accurate in b, 1 less. The largest difference is +95.24 points (95 % interval "
        f"{low:+.2f} to {high:+.2f}), of baseline."
    ]


def test_the_figure_shows_the_rows_by_family(results):
    systems = ["baseline", "attention-heads2-layers1", "codecat", "tags_alone", "attention-heads2-layers0"]
    results.fill("a", systems, [0, 1], 0.4)
    results.fill("b", systems, [0], 0.8)
    table = results.compare("a", "b")
    rows = difference_rows(table, "a", "b")
    assert rows["family"].tolist() == ["baseline", "codecat", "attention", "attention", "control"]
    assert rows["seeds"].tolist() == [1] * 5
    svg = experiment_svg(table, "a", "b", "first")
    assert "difference from a in points" in svg
    assert "With one seed, intervals cover the choice of locations alone." in svg
