import random
from itertools import chain, product
from math import nan
from statistics import mean

import numpy as np
import pandas as pd
import pytest

from tagasc.artifacts.classwise import CLASSWISE
from tagasc.artifacts.comparisons import COMPARISONS
from tagasc.artifacts.predictions import PREDICTIONS
from tagasc.artifacts.scenes import CLIPS
from tagasc.config import Comparisons
from tagasc.runtime.errors import InputError
from tagasc.tables.compare_cells import compare_cells
from tagasc.tables.resampling import holm

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
        self.clips = pd.DataFrame([(*row, 1.0) for row in rows], columns=CLIPS.names)
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

    def compare(self, n_resamples=4000, seed=0):
        comparisons, classwise = self.folder / "out" / "comparisons.csv", self.folder / "out" / "classwise.csv"
        compare_cells(
            Comparisons(n_resamples=n_resamples, seed=seed),
            prediction_paths=sorted(self.folder.glob("cells/*/*/predictions.csv")),
            clips_path=self.clips_path,
            comparisons_path=comparisons,
            classwise_path=classwise,
        )
        return COMPARISONS.read(comparisons), CLASSWISE.read(classwise)

    def compared(self, cell, test_list="official", **settings):
        rows, _ = self.compare(**settings)
        (row,) = rows[(rows["cell"] == cell) & (rows["test_list"] == test_list)].to_dict("records")
        return row


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
    rows, _ = experiment.compare()
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


def test_intervals_are_those_of_a_plain_loop(drawn):
    plain = random.Random(1)
    accuracies, differences = [], []
    groups = {
        scene: [
            np.flatnonzero(drawn.official & (drawn.tested["location"] == location))
            for s, _, location in PLACES
            if s == scene
        ]
        for scene in SCENES
    }
    for _ in range(4000):
        clips = np.concatenate([plain.choice(places) for places in groups.values() for _ in places])
        seeds = [plain.randrange(3) for _ in range(3)]
        ours = mean(drawn.right["codecat", seed][clips].mean() for seed in seeds)
        base = mean(drawn.right["baseline", seed][clips].mean() for seed in seeds)
        accuracies.append(ours)
        differences.append(ours - base)
    row = drawn.compared("codecat")
    assert [row["low"], row["high"]] == pytest.approx(np.quantile(accuracies, [0.025, 0.975]), abs=0.015)
    bounds = [float(row["difference_low"]), float(row["difference_high"])]
    assert bounds == pytest.approx(np.quantile(differences, [0.025, 0.975]), abs=0.015)


def test_p_is_that_of_all_signs(drawn):
    gain = sum(drawn.right["codecat", seed].astype(int) - drawn.right["baseline", seed] for seed in range(3))
    locations = [gain[drawn.official & (drawn.tested["location"] == name)].sum() for *_, name in PLACES]
    sums = [abs(np.dot(signs, locations)) for signs in product((-1, 1), repeat=len(locations))]
    exact = np.mean([value >= abs(sum(locations)) for value in sums])
    assert drawn.compared("codecat", n_resamples=20_000)["p"] == pytest.approx(exact, abs=0.015)


def test_all_scenes_of_a_location_change_sign_together(experiment):
    clips = experiment.clips.assign(location=experiment.clips["location"].replace("paris-3", "paris-0"))
    CLIPS.write(experiment.clips_path, clips)
    gains = (clips["location"] == "paris-0").to_numpy()[clips["split"] != "train"]
    experiment.write("baseline", 0, np.zeros(22))
    experiment.write("codecat", 0, gains)
    assert experiment.compared("codecat")["p"] == 1  # only one location differs: both signs are as far from zero


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
        if cell != "codecat":
            drawn.write(cell, 0, generator.random(22) < 0.9)
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


def test_the_numbers_of_a_cell_do_not_depend_on_the_other_cells(drawn):
    before = drawn.compared("codecat")
    drawn.write("before_code-layers1", 0, np.ones(22))
    after = drawn.compared("codecat")
    del before["p_holm"], after["p_holm"]
    assert str(before) == str(after)  # unlike ==, takes NaN for equal
    assert drawn.compared("codecat", seed=1)["p"] != before["p"]


def test_differences_are_paired_over_the_seeds_that_both_have(drawn):
    drawn.write("codecat", 7, np.zeros(22))
    row = drawn.compared("codecat")
    assert row["seeds"] == 4
    gain = [(drawn.right["codecat", seed][:21].mean() - drawn.right["baseline", seed][:21].mean()) for seed in range(3)]
    assert float(row["difference"]) == pytest.approx(mean(gain))


def test_without_the_baseline_there_are_no_differences(experiment, capsys):
    experiment.write("codecat", 0, np.ones(22))
    row = experiment.compared("codecat")
    assert np.isnan([row["difference"], row["p"]]).all()
    assert (row["accuracy"], row["low"], row["high"]) == (1, 1, 1)
    assert "the baseline is not among the cells" in capsys.readouterr().err


def test_the_confusion_matrix_counts_clips_of_all_seeds(drawn):
    _, classwise = drawn.compare(n_resamples=100)
    matrix = classwise[(classwise["cell"] == "codecat") & (classwise["test_list"] == "official")]
    counts = matrix.set_index(["scene", "predicted"])["clips"]
    bus = drawn.official & (drawn.tested["scene"] == "bus").to_numpy()
    recognised = sum(drawn.right["codecat", seed][bus].sum() for seed in range(3))
    assert counts["bus", "bus"] == recognised
    assert counts["bus", "park"] == 3 * 11 - recognised
    assert counts.sum() == 3 * 21
    assert len(classwise) == 2 * 2 * 4


def test_without_cells_the_files_have_no_rows(experiment, tmp_path):
    paths = {"comparisons_path": tmp_path / "comparisons.csv", "classwise_path": tmp_path / "classwise.csv"}
    compare_cells(Comparisons(), prediction_paths=[], clips_path=experiment.clips_path, **paths)
    assert paths["comparisons_path"].read_text() == ",".join(COMPARISONS.names) + "\n"
    assert paths["classwise_path"].read_text() == "cell,protocol,test_list,scene,predicted,clips\n"


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
    PREDICTIONS.write(path, PREDICTIONS.read(path).assign(cell="tags_alone", seed=0))
    row = drawn.compared("tags_alone")
    assert (row["tables"], row["seeds"], row["accuracy"]) == ("", 1, 1)
    assert drawn.compared("codecat")["seeds"] == 3
