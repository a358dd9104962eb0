import numpy as np
import pandas as pd
import pytest

from tagasc.artifacts.comparisons import COMPARISONS
from tagasc.artifacts.scenes import CLIPS
from tagasc.tables.overview.trust import trust

SPLITS = ["train"] * 4 + ["evaluate"] * 8 + ["unused"] * 2


@pytest.fixture
def clips():
    """Return four training clips, and eight test clips of three scenes from two cities."""
    scenes = ["bus", "park", "tram", "bus", *["bus"] * 4, "park", "park", "park", "tram", "tram", "tram"]
    cities = ["oslo"] * 4 + ["oslo", "rome"] * 4 + ["bern"] * 2
    return pd.DataFrame(
        [
            (f"{number}.wav", scene, city, f"{city}-{number}", split, 1.0, "a")
            for number, (scene, city, split) in enumerate(zip(scenes, cities, SPLITS, strict=True))
        ],
        columns=CLIPS.names,
    )


def row(cell, accuracy, half=0.04, difference=None, reach=0.05, seeds=3, **values):
    """Return a row of comparisons.csv with intervals of these half-widths."""
    values = {"protocol": "last", "test_list": "official", "seeds": seeds, "clips": 8, "locations": 8} | values
    values |= {"cell": cell, "accuracy": accuracy, "low": accuracy - half, "high": accuracy + half}
    if difference is not None:
        values |= {
            "difference": difference,
            "difference_low": difference - reach,
            "difference_high": difference + reach,
        }
    return values


def comparisons(*rows):
    return pd.DataFrame(rows, columns=COMPARISONS.names).astype({"further_low": float, "further_high": float})


def sentences(clips, *rows, with_paper=False):
    return trust(comparisons(*rows), clips, with_paper=with_paper)


def only(texts, part):
    (found,) = [text for text in texts if part in text]
    return found


BASELINE = row("baseline", 0.5)


def test_test_clips_locations_and_cities_are_counted(clips):
    assert sentences(clips, BASELINE)[0].startswith("The 8 test clips were recorded at 8 locations in 2 cities.")


def test_a_single_location_is_named_and_no_interval_is(clips):
    texts = sentences(clips, row("baseline", 0.5, np.nan, locations=1), row("codecat", 0.5, np.nan, 0.1, np.nan))
    assert texts[0] == "All 8 test clips come from one location, so there are no intervals and no p-values."
    assert not any("95 %" in text for text in texts)


@pytest.mark.parametrize(
    ("seeds", "start"),
    [
        ((1, 1), "There is one seed per cell. Intervals cover the choice of locations alone"),
        ((5, 5), "There are 5 seeds per cell. Intervals cover the choice of locations and chance between trainings."),
        ((2, 5), "There are 2 to 5 seeds per cell."),
    ],
)
def test_seeds_say_what_intervals_cover(clips, seeds, start):
    texts = sentences(clips, row("baseline", 0.5, seeds=seeds[0]), row("codecat", 0.5, seeds=seeds[1]))
    assert texts[1].startswith(start)


def test_half_widths_are_medians_over_cells_and_controls(clips):
    texts = sentences(
        clips,
        row("baseline", 0.5, 0.02),
        row("codecat", 0.5, 0.03, 0, 0.01),
        row("tags_alone", 0.5, 0.07, 0, 0.04),
        row("tuned_tags", 0.5, 0.08, 0, 0.06),
    )
    text = only(texts, "Smaller differences")
    assert "accuracies reach 5.00 points" in text  # the median of 2, 3, 7 and 8
    assert "the baseline, 4.00 points" in text  # the median of 1, 4 and 6


def test_intervals_that_exclude_zero_are_counted_among_cells_with_tags(clips):
    texts = sentences(
        clips,
        BASELINE,
        row("codecat", 0.6, 0.04, 0.1, p_holm=0.01),
        row("before_code-layers0", 0.6, 0.04, 0.06, p_holm=0.2),
        row("before_code-layers1", 0.4, 0.04, -0.1, p_holm=0.049),
        row("before_code-layers2", 0.5, 0.04, 0.02, p_holm=0.05),
        row("codecat-shuffled", 0.6, 0.04, 0.2, p_holm=0.001),
        row("tags_alone", 0.9, 0.04, 0.4, p_holm=0.001),
    )
    text = only(texts, "excludes zero")
    assert "Of 4 cells with tags, 3 have an interval" in text
    assert "2 above it, 1 below. If no cell differed, about 0.2 would" in text
    assert text.endswith("2 have a p-value below 0.05 after Holm's adjustment for the cells of a table.")


def test_with_one_seed_nothing_is_said_about_p_values_of_cells(clips):
    texts = sentences(clips, row("baseline", 0.5, seeds=1), row("codecat", 0.6, 0.04, 0.01, seeds=1))
    text = only(texts, "excludes zero")
    assert "Of 1 cell with tags, none has an interval" in text
    assert "more than 0.1 would" in text
    assert "p-value" not in text


def test_without_a_baseline_there_are_no_differences(clips):
    texts = sentences(clips, row("codecat", 0.5, 0.03), row("tags_alone", 0.5, 0.03))
    assert only(texts, "95 %").endswith(
        "There are no differences from the baseline, because the baseline was not scored."
    )


def test_the_best_cell_is_compared_with_the_best_control(clips):
    texts = sentences(
        clips,
        row("baseline", 0.95),
        row("codecat", 0.6),
        row("before_code-layers0", 0.7),
        row("codecat-shuffled", 0.9),
        row("tags_alone", 0.65),
        row("late_fusion", 0.75),
    )
    text = only(texts, "Controls have no network")
    assert "The best of 2, late_fusion, reaches 75.00 %" in text
    assert "the best of 2 cells with tags, before_code-layers0, 70.00 %: a difference of -5.00 points." in text


def test_a_single_cell_was_not_selected(clips):
    text = only(sentences(clips, row("codecat", 0.6), row("tags_alone", 0.5)), "Controls have no network")
    assert "the only cell with tags, codecat, 60.00 %" in text
    assert text.endswith("The control was selected on the clips that it is tested on, which favours it.")


def test_without_cells_with_tags_nothing_is_compared_with_controls(clips):
    texts = sentences(clips, BASELINE, row("tags_alone", 0.6, difference=0.1))
    assert only(texts, "no cell with tags")
    assert not any("cities with training clips" in text for text in texts)


def test_shuffled_cells_are_named_with_their_differences(clips):
    shuffled = row("codecat-shuffled", 0.51, 0.04, 0.01, 0.03)
    text = only(sentences(clips, BASELINE, shuffled), "tags of other clips")
    assert "is +1.00 points (codecat-shuffled, 95 % interval -2.00 to +4.00)." in text


def test_many_shuffled_cells_give_a_range(clips):
    shuffled = [row(f"before_code-layers{n}-shuffled", 0.5, difference=n / 100) for n in range(5)]
    text = only(sentences(clips, BASELINE, *shuffled), "tags of other clips")
    assert "is +0.00 to +4.00 points (5 cells)." in text


def test_shuffled_cells_without_a_baseline_give_accuracies(clips):
    text = only(sentences(clips, row("codecat-shuffled", 0.51)), "tags of other clips")
    assert text == "With the tags of other clips, cells reach 51.00 %."


def test_missing_shuffled_cells_are_said_to_be_missing(clips):
    assert only(sentences(clips, BASELINE), "No cell with shuffled tags was trained.")


def test_tags_alone_are_compared_with_baseline_and_the_most_frequent_scene(clips):
    texts = sentences(clips, BASELINE, row("tags_alone", 0.41), row("tuned_tags", 0.43))
    assert only(texts, "most frequent") == (
        "A support vector machine on tags alone reaches 41.00 %, a tuned one 43.00 %, the baseline, which has no tags, "
        "50.00 % and naming the most frequent scene every time reaches 50.00 %."  # 4 of 8 test clips are of bus
    )


def test_the_most_frequent_scene_is_that_of_test_clips_alone(clips):
    only_last = clips[(clips["split"] != "evaluate") | clips["scene"].isin(["park", "tram"])]
    assert only(sentences(only_last, BASELINE), "most frequent").endswith("every time reaches 75.00 %.")  # 3 of 4


@pytest.mark.parametrize(
    ("protocol", "text"),
    [
        ("last", "Protocol last: nothing was chosen on the test clips."),
        ("best_on_test", "Protocol best_on_test: epoch and kernel were chosen on the test clips"),
    ],
)
def test_the_protocol_says_what_was_chosen_on_test_clips(clips, protocol, text):
    assert only(sentences(clips, row("baseline", 0.5, protocol=protocol)), "Protocol").startswith(text)


@pytest.mark.parametrize(
    ("seen", "unseen", "text"),
    [
        (0.6, 0.4, "In cities with training clips, the best cell reaches 60.00 %; in cities without, 40.00 %."),
        (0.6, np.nan, "All test clips come from cities that also have training clips, so new cities remain untested."),
        (np.nan, 0.4, "No test clip comes from a city that has training clips."),
    ],
)
def test_cities_of_the_best_cell(clips, seen, unseen, text):
    cells = [
        row("codecat", 0.55, accuracy_seen=seen, accuracy_unseen=unseen),
        row("before_code-layers0", 0.5, accuracy_seen=0.1, accuracy_unseen=0.2),
    ]
    assert text in sentences(clips, *cells)


def test_intervals_with_the_papers_number_are_counted_by_protocol(clips):
    # The paper prints 73.63 % for the baseline and 74.15 % for codecat.
    rows = [
        row("baseline", 0.72, 0.02),
        row("codecat", 0.72, 0.02),
        row("codecat-shuffled", 0.72, 0.02),
        row("baseline", 0.72, 0.03, protocol="best_on_test", further_low=0.73, further_high=0.74),
        row("codecat", 0.72, 0.03, protocol="best_on_test", further_low=0.73, further_high=0.74),
        row("codecat", 0.72, 0.9, protocol="best_on_test", test_list="all_but_train"),
    ]
    texts = sentences(clips, *rows, with_paper=True)
    counts = "1 of 2 cells under protocol last and 2 of 2 cells under protocol best_on_test"
    assert f"holds the paper's number for {counts}." in only(texts, "The 95 % interval of a cell's")
    assert only(texts, "one further run").endswith("for 1 of 2 cells under protocol best_on_test.")


def test_the_paper_is_left_out_where_its_numbers_are_hidden(clips):
    assert not any("paper" in text for text in sentences(clips, BASELINE, row("codecat", 0.7)))
