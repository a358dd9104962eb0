from itertools import chain, product
from math import nan
from statistics import mean

import numpy as np
import pandas as pd
import pytest

from tagasc.artifacts.breakdown import BREAKDOWN
from tagasc.artifacts.classwise import CLASSWISE
from tagasc.artifacts.comparisons import COMPARISONS
from tagasc.artifacts.predictions import PREDICTIONS
from tagasc.artifacts.scenes import CLIPS
from tagasc.artifacts.scores import CELL_SCORES
from tagasc.runtime.errors import InputError
from tagasc.tables.compare_cells import compare_cells
from tagasc.tables.comparison import holm
from tagasc.tables.crossed_effects import Spread, Term, estimate
from tagasc.tables.locations import Locations

SCENES = ("bus", "park")
PLACES = {  # (scene, city, location): clips
    ("bus", "paris", "paris-0"): 4,
    ("bus", "paris", "paris-1"): 2,
    ("bus", "milan", "milan-2"): 5,
    ("park", "paris", "paris-3"): 3,
    ("park", "milan", "milan-4"): 6,
    ("park", "milan", "milan-5"): 1,
}


class Experiment:
    """A corpus and made-up predictions in a folder, and what `compare_cells` writes about them."""

    def __init__(self, folder):
        self.folder = folder
        rows = [(f"train-{scene}.wav", scene, "paris", f"paris-{9 + i}", "train") for i, scene in enumerate(SCENES)]
        for (scene, city, location), clips in PLACES.items():
            rows += [(f"{scene}-{location}-{i}.wav", scene, city, location, "evaluate") for i in range(clips)]
        rows += [("bus-milan-6-0.wav", "bus", "milan", "milan-6", "unused")]
        self.clips = pd.DataFrame([(*row, 1.0, "a") for row in rows], columns=CLIPS.names)
        self.clips_path = folder / "clips.csv"
        CLIPS.write(self.clips_path, self.clips)
        self.tested = self.clips[self.clips["split"] != "train"].reset_index(drop=True)
        self.official = (self.tested["split"] == "evaluate").to_numpy()
        self.right = {}

    def write(self, cell, seed, right, protocols=("last",)):
        """Write predictions.csv of a cell; ``right`` says whether each tested clip is classified correctly."""
        other = self.tested["scene"].map({"bus": "park", "park": "bus"})
        predicted = self.tested["scene"].where(np.asarray(right, dtype=bool), other)
        path = self.folder / "cells" / cell / f"seed{seed}" / "predictions.csv"
        frame = self.tested.assign(cell=cell, seed=seed, kernel="rbf", predicted=predicted)
        frames = [
            frame[listed].assign(protocol=protocol, test_list=test_list)
            for protocol in protocols
            for test_list, listed in (("official", self.official), ("all_but_train", self.official | True))
        ]
        PREDICTIONS.write(path, pd.concat(frames))
        self.right[cell, seed] = np.asarray(right, dtype=bool)
        return path

    def write_comparisons(self, compare_with_paper="auto"):
        out = self.folder / "out"
        compare_cells(
            compare_with_paper,
            prediction_paths=sorted(self.folder.glob("cells/*/*/predictions.csv")),
            score_paths=sorted(self.folder.glob("cells/*/*/scores.csv")),
            clips_path=self.clips_path,
            comparisons_path=out / "comparisons.csv",
            classwise_path=out / "classwise.csv",
            breakdown_path=out / "breakdown.csv",
            conclusion_path=out / "conclusion.md",
        )
        return out

    def compare(self, compare_with_paper="auto"):
        out = self.write_comparisons(compare_with_paper)
        return COMPARISONS.read(out / "comparisons.csv"), CLASSWISE.read(out / "classwise.csv")

    def compared(self, cell, test_list="official"):
        rows, _ = self.compare()
        (row,) = rows[(rows["cell"] == cell) & (rows["test_list"] == test_list)].to_dict("records")
        return row

    def broken_down(self, cell, by, test_list="official"):
        """Return the rows of the breakdown, by value."""
        rows = BREAKDOWN.read(self.write_comparisons() / "breakdown.csv")
        rows = rows[(rows["cell"] == cell) & (rows["by"] == by) & (rows["test_list"] == test_list)]
        return {row["value"]: row for row in rows.to_dict("records")}

    def by_location(self, cell, seeds):
        """Return the correct clips of a cell at the official locations (seeds, locations)."""
        places = [
            (self.tested["location"] == location) & (self.tested["scene"] == scene) for scene, _, location in PLACES
        ]
        return np.array([[self.right[cell, seed][place].sum() for place in places] for seed in seeds])


@pytest.fixture
def experiment(tmp_path):
    return Experiment(tmp_path)


@pytest.fixture
def drawn(experiment):
    """Baseline and codecat with three seeds of random predictions, codecat better."""
    generator = np.random.default_rng(3)
    for seed in range(3):
        experiment.write("baseline", seed, generator.random(len(experiment.tested)) < 0.5)
        experiment.write("codecat", seed, generator.random(len(experiment.tested)) < 0.75)
    return experiment


def test_accuracies_and_differences_are_means_over_seeds(drawn):
    ours, base = ([drawn.right[cell, seed] for seed in range(3)] for cell in ("codecat", "baseline"))
    for test_list, listed in (("official", drawn.official), ("all_but_train", np.full(22, True))):
        row = drawn.compared("codecat", test_list)
        assert (row["seeds"], row["clips"], row["tables"], row["protocol"]) == (3, listed.sum(), "2", "last")
        assert row["accuracy"] == pytest.approx(mean(right[listed].mean() for right in ours))
        gain = [a[listed].mean() - b[listed].mean() for a, b in zip(ours, base, strict=True)]
        assert float(row["difference"]) == pytest.approx(mean(gain))


def test_best_on_test_is_compared_with_the_papers_number(experiment):
    shares = (0.6, 0.7, 0.9)
    generator = np.random.default_rng(0)
    for seed, share in enumerate(shares):
        right = generator.random(len(experiment.tested)) < share
        experiment.write("codecat", seed, right, protocols=("last", "best_on_test"))
    experiment.write("baseline", 0, right, protocols=("last", "best_on_test"))
    experiment.write("attention-heads64-layers1", 0, right, protocols=("best_on_test",))  # not the paper's
    rows, _ = experiment.compare(compare_with_paper=True)
    found = rows.set_index(["cell", "protocol", "test_list"])[["paper", "further_low", "further_high"]]
    for test_list, listed in (("official", experiment.official), ("all_but_train", np.full(22, True))):
        values = [experiment.right["codecat", seed][listed].mean() for seed in range(3)]
        reach = 4.30265 * np.std(values, ddof=1) * np.sqrt(4 / 3)
        expected = [0.7415, mean(values) - reach, mean(values) + reach]
        assert found.loc["codecat", "best_on_test", test_list].tolist() == pytest.approx(expected, rel=1e-5)
        assert found.loc["baseline", "best_on_test", test_list].tolist() == pytest.approx(
            [0.7363, nan, nan], nan_ok=True
        )
        assert found.loc["attention-heads64-layers1", "best_on_test", test_list].isna().all()
        assert found.loc["codecat", "last", test_list].isna().all()
    rows, _ = experiment.compare()  # these are not the paper's clips
    assert rows["paper"].isna().all()


def test_seen_and_unseen_cities_by_hand(experiment):
    # Training clips come from Paris: 9 evaluation clips there, 12 in Milan.
    paris = (experiment.tested["city"] == "paris").to_numpy()
    right = paris.copy()
    right[np.flatnonzero(paris)[:3]] = False
    right[np.flatnonzero(~paris)[:3]] = True
    experiment.write("baseline", 0, right)
    row = experiment.compared("baseline")
    assert float(row["accuracy_seen"]) == pytest.approx(6 / 9)
    assert float(row["accuracy_unseen"]) == pytest.approx(3 / 12)
    assert row["accuracy"] == pytest.approx(9 / 21)
    assert np.isnan([row["difference"], row["difference_low"], row["p"]]).all()


def test_without_unseen_cities_their_accuracy_is_empty(experiment):
    CLIPS.write(experiment.clips_path, experiment.clips.assign(city="paris"))
    experiment.write("baseline", 0, [True] * 22)
    row = experiment.compared("baseline")
    assert row["accuracy_seen"] == 1
    assert np.isnan(row["accuracy_unseen"])


def test_intervals_and_p_are_those_of_crossed_effects(drawn):
    drawn.write("codecat-shuffled", 0, np.arange(22) % 2)
    drawn.write("codecat-shuffled", 1, np.arange(22) % 3 == 0)
    for macro, prefix in ((False, ""), (True, "macro_")):
        scenes, _, names = zip(*PLACES, strict=True)
        locations = Locations(scenes, names, list(PLACES.values()), macro=macro)
        ours, base = (drawn.by_location(cell, range(3)) for cell in ("codecat", "baseline"))
        spread = Spread.pooled(locations, [ours, base, drawn.by_location("codecat-shuffled", range(2))])
        row = drawn.compared("codecat")
        accuracy = estimate(locations, Term(ours, spread))
        assert row[f"{prefix}accuracy"] == pytest.approx(accuracy.value)
        assert [row[f"{prefix}low"], row[f"{prefix}high"]] == pytest.approx(accuracy.share_interval)
        if not macro:
            difference = estimate(locations, Term(ours, spread), Term(base, spread, -1))
            assert [row["difference_low"], row["difference_high"]] == pytest.approx(difference.interval)
            assert row["p"] == pytest.approx(difference.p)
    assert (row["clips"], row["locations"]) == (21, 6)


def test_with_one_seed_there_is_no_p(experiment):
    generator = np.random.default_rng(5)
    for cell, share in (("baseline", 0.4), ("codecat", 0.8)):
        experiment.write(cell, 0, generator.random(22) < share)
    row = experiment.compared("codecat")
    assert row["difference_low"] < row["difference"] < row["difference_high"]
    assert np.isnan([row["p"], row["p_holm"]]).all()


def test_locations_of_several_scenes_are_one_unit(experiment):
    right = np.random.default_rng(0).random(22) < 0.6
    experiment.write("baseline", 0, right)
    apart = experiment.compared("baseline")
    clips = experiment.clips.assign(location=experiment.clips["location"].replace("paris-3", "paris-0"))
    CLIPS.write(experiment.clips_path, clips)
    together = experiment.compared("baseline")
    assert (apart["locations"], together["locations"]) == (6, 5)
    assert (apart["low"], apart["high"]) != (together["low"], together["high"])


def test_with_one_location_intervals_stay_empty(experiment, capsys):
    CLIPS.write(experiment.clips_path, experiment.clips.assign(location="paris-0"))
    for cell, seed in product(("baseline", "codecat"), range(2)):
        experiment.write(cell, seed, np.arange(22) % 2)
    row = experiment.compared("codecat")
    assert (row["locations"], row["accuracy"]) == (1, pytest.approx(10 / 21))
    assert np.isnan([row["low"], row["high"], row["macro_low"], row["difference_high"], row["p"]]).all()
    assert "all clips of the test list official come from one location" in capsys.readouterr().err


def test_identical_predictions_do_not_differ(experiment):
    right = np.random.default_rng(0).random(22) < 0.6
    for seed, cell in product(range(2), ("baseline", "shared-heads4-layers3")):
        experiment.write(cell, seed, right)
    row = experiment.compared("shared-heads4-layers3")
    assert [float(row[key]) for key in ("difference", "difference_low", "difference_high")] == [0, 0, 0]
    assert row["p"] == row["p_holm"] == 1
    assert row["tables"] == "5 6"


def test_the_family_is_the_cells_of_a_table(drawn):
    generator = np.random.default_rng(4)
    families = {
        2: ["codecat", "before_code-layers3"],
        3: ["attention-heads2-layers1"],
        5: ["shared-heads2-layers0", "shared-heads4-layers0", "shared-heads8-layers0"],
        None: ["attention-heads64-layers1", "before_code-layers9"],  # not the paper's
    }
    for cell in chain.from_iterable(families.values()):
        for seed in range(2):
            if cell != "codecat":
                drawn.write(cell, seed, generator.random(22) < 0.9)
    rows, _ = drawn.compare()
    for test_list in ("official", "all_but_train"):
        listed = rows[rows["test_list"] == test_list].set_index("cell")
        for cells in families.values():
            assert listed.loc[cells, "p_holm"].tolist() == pytest.approx(holm(listed.loc[cells, "p"].to_numpy()))
    assert list(dict.fromkeys(rows["cell"])) == [
        *("baseline", "codecat", "before_code-layers3", "attention-heads2-layers1"),
        *("shared-heads2-layers0", "shared-heads4-layers0", "shared-heads8-layers0"),
        *("attention-heads64-layers1", "before_code-layers9"),
    ]
    assert rows["test_list"].tolist() == ["official", "all_but_train"] * 9


def test_controls_are_not_in_the_pool(drawn):
    before = drawn.compared("codecat")
    generator = np.random.default_rng(6)
    for control, seed in product(("tags_alone", "late_fusion"), range(3)):
        drawn.write(control, seed, generator.random(22) < 0.3 * (seed + 1))
    after = drawn.compared("codecat")
    assert str(before) == str(after)  # unlike ==, takes NaN for equal


def test_a_control_on_the_baselines_codes_is_paired_with_it(drawn):
    for seed in range(3):
        right = drawn.right["baseline", seed].copy()
        right[[0, 12 + seed]] = True, False
        drawn.write("late_fusion", seed, right)
    scenes, _, names = zip(*PLACES, strict=True)
    locations = Locations(scenes, names, list(PLACES.values()))
    gains = drawn.by_location("late_fusion", range(3)) - drawn.by_location("baseline", range(3))
    expected = estimate(locations, Term(gains, Spread.pooled(locations, [gains])))
    row = drawn.compared("late_fusion")
    assert row["difference"] == pytest.approx(expected.value)
    assert [row["difference_low"], row["difference_high"]] == pytest.approx(expected.interval)
    assert row["p"] == pytest.approx(expected.p)


def test_a_control_without_trainings_has_no_spread_between_them(drawn):
    right = np.random.default_rng(7).random(22) < 0.6
    for seed in range(3):
        drawn.write("tags_alone", seed, right)
    three = drawn.compared("tags_alone")
    for path in drawn.folder.glob("cells/tags_alone/seed[12]/*"):
        path.unlink()
    one = drawn.compared("tags_alone")
    keys = ["low", "high", "difference_low", "difference_high", "p"]
    assert [one[key] for key in keys] == pytest.approx([three[key] for key in keys])
    assert one["p"] > 0  # it has no training of its own, so one file is enough


def test_differences_are_over_all_seeds(drawn):
    drawn.write("codecat", 7, np.zeros(22))
    row = drawn.compared("codecat")
    assert row["seeds"] == 4
    assert row["difference"] == pytest.approx(row["accuracy"] - drawn.compared("baseline")["accuracy"])


def test_without_the_baseline_there_are_no_differences(experiment, capsys):
    experiment.write("codecat", 0, np.ones(22))
    row = experiment.compared("codecat")
    assert np.isnan([row["difference"], row["p"]]).all()
    assert (row["accuracy"], row["high"]) == (1, pytest.approx(1))
    assert 0.2 < row["low"] < 1  # six locations do not make it certain
    assert "the baseline is not among the cells" in capsys.readouterr().err


def test_the_confusion_matrix_counts_clips_of_all_seeds(drawn):
    _, classwise = drawn.compare()
    matrix = classwise[(classwise["cell"] == "codecat") & (classwise["test_list"] == "official")]
    counts = matrix.set_index(["scene", "predicted"])["clips"]
    bus = drawn.official & (drawn.tested["scene"] == "bus").to_numpy()
    recognised = sum(drawn.right["codecat", seed][bus].sum() for seed in range(3))
    assert counts["bus", "bus"] == recognised
    assert counts["bus", "park"] == 3 * 11 - recognised
    assert counts.sum() == 3 * 21
    assert len(classwise) == 2 * 2 * 4


def test_the_breakdown_by_hand(drawn):
    scenes = drawn.broken_down("codecat", "scene")
    assert {scene: (row["clips"], row["locations"]) for scene, row in scenes.items()} == {
        "bus": (11, 3),
        "park": (10, 3),
    }
    bus = drawn.by_location("codecat", range(3))[:, :3]
    assert scenes["bus"]["accuracy"] == pytest.approx(bus.sum() / 33)
    locations = Locations(["bus"] * 3, list("abc"), [4, 2, 5])
    systems = [bus, drawn.by_location("baseline", range(3))[:, :3]]
    expected = estimate(locations, Term(bus, Spread.pooled(locations, systems))).share_interval
    assert (scenes["bus"]["low"], scenes["bus"]["high"]) == pytest.approx(expected)
    cities = drawn.broken_down("codecat", "city")
    assert {city: (row["clips"], row["locations"]) for city, row in cities.items()} == {
        "milan": (12, 3),
        "paris": (9, 3),
    }


def test_source_labels_are_broken_down_where_there_are_several(drawn):
    assert drawn.broken_down("codecat", "source_label") == {}
    odd = np.arange(len(drawn.clips)) % 2 == 1
    CLIPS.write(drawn.clips_path, drawn.clips.assign(source_label=np.where(odd, "phone", "")))
    assert drawn.broken_down("codecat", "source_label") == {}
    CLIPS.write(drawn.clips_path, drawn.clips.assign(source_label=np.where(odd, "phone", "recorder")))
    labels = drawn.broken_down("codecat", "source_label")
    assert set(labels) == {"phone", "recorder"}
    assert sum(row["clips"] for row in labels.values()) == 21


def test_without_cells_the_files_have_no_rows(experiment):
    out = experiment.write_comparisons()
    for artifact, name in ((COMPARISONS, "comparisons"), (CLASSWISE, "classwise"), (BREAKDOWN, "breakdown")):
        assert (out / f"{name}.csv").read_text() == ",".join(artifact.names) + "\n"
    assert "nothing is concluded" in (out / "conclusion.md").read_text()


@pytest.mark.usefixtures("without_records")
def test_predictions_in_another_order_count_the_same(drawn):
    before = drawn.compared("codecat")
    path = drawn.folder / "cells/codecat/seed0/predictions.csv"
    pd.read_csv(path).iloc[::-1].to_csv(path, index=False)
    assert str(drawn.compared("codecat")) == str(before)


def test_predictions_of_another_corpus_are_an_error(experiment):
    path = experiment.write("baseline", 0, np.ones(22))
    PREDICTIONS.write(path, PREDICTIONS.read(path).iloc[1:])
    with pytest.raises(InputError, match=r"predictions\.csv: does not have the 21 clips of the test list official"):
        experiment.compare()


def test_controls_are_compared_like_cells(drawn):
    path = drawn.write("codecat", 5, np.ones(22))
    predictions = PREDICTIONS.read(path).assign(cell="tags_alone", seed=0)
    path.unlink()
    PREDICTIONS.write(drawn.folder / "cells/tags_alone/seed0/predictions.csv", predictions)
    row = drawn.compared("tags_alone")
    assert (row["tables"], row["seeds"], row["accuracy"]) == ("", 1, 1)
    assert drawn.compared("codecat")["seeds"] == 3


def test_scores_must_be_those_of_the_predictions(experiment):
    right = [True] * len(experiment.tested)
    folder = experiment.write("baseline", 0, right).parent
    scores = [
        ("baseline", 0, "last", "rbf", 9, name, clips, clips, 1.0, 1.0)
        for name, clips in (("official", int(experiment.official.sum())), ("all_but_train", len(experiment.tested)))
    ]
    CELL_SCORES.write(folder / "scores.csv", pd.DataFrame(scores, columns=CELL_SCORES.names))
    experiment.compare()
    experiment.write("baseline", 0, [False, *right[1:]])
    with pytest.raises(InputError, match=r"seed0/scores\.csv: counts \d+ correct clips, but its predictions\.csv has"):
        experiment.compare()
