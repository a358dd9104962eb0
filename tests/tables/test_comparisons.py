import random
from itertools import chain, product
from statistics import mean

import numpy as np
import pandas as pd
import pytest

from tagasc.config import Comparisons
from tagasc.errors import InputError
from tagasc.tables.comparisons import compare_cells
from tagasc.tables.resampling import holm, interval, resampled_accuracies, resampled_means, sign_flip_test

SCENES = ("bus", "park")
PLACES = {  # (scene, city, location): clips
    ("bus", "paris", "paris-0"): 4,
    ("bus", "paris", "paris-1"): 2,
    ("bus", "milan", "milan-2"): 5,
    ("park", "paris", "paris-3"): 3,
    ("park", "milan", "milan-4"): 6,
    ("park", "milan", "milan-5"): 1,
}


class World:
    """A corpus and made-up predictions in a folder, and what `compare_cells` says of them."""

    def __init__(self, folder):
        self.folder = folder
        rows = [(f"train-{scene}.wav", scene, "paris", f"paris-{9 + i}", "train") for i, scene in enumerate(SCENES)]
        for (scene, city, location), clips in PLACES.items():
            rows += [(f"{scene}-{location}-{i}.wav", scene, city, location, "evaluate") for i in range(clips)]
        rows += [("bus-milan-6-0.wav", "bus", "milan", "milan-6", "unused")]
        self.clips = pd.DataFrame(rows, columns=["filename", "scene", "city", "location", "split"])
        self.clips_path = folder / "clips.csv"
        self.clips.to_csv(self.clips_path, index=False)
        self.tested = self.clips[self.clips["split"] != "train"].reset_index(drop=True)
        self.official = (self.tested["split"] == "evaluate").to_numpy()
        self.right = {}

    def write(self, cell, seed, right, protocols=("last",)):
        """Write predictions.csv of a cell; ``right`` says of each tested clip whether it is recognised."""
        other = self.tested["scene"].map({"bus": "park", "park": "bus"})
        predicted = self.tested["scene"].where(np.asarray(right, dtype=bool), other)
        path = self.folder / "cells" / cell / f"seed{seed}" / "predictions.csv"
        path.parent.mkdir(parents=True)
        frame = self.tested[["filename", "scene", "split"]].assign(kernel="rbf", predicted=predicted)
        frames = [
            frame[listed].assign(protocol=protocol, test_list=test_list)
            for protocol in protocols
            for test_list, listed in (("official", self.official), ("all_but_train", self.official | True))
        ]
        pd.concat(frames).to_csv(path, index=False)
        self.right[cell, seed] = np.asarray(right, dtype=bool)
        return path

    def compare(self, draws=4000, seed=0):
        paths = sorted(self.folder.glob("cells/*/*/predictions.csv"))
        outputs = self.folder / "out" / "comparisons.csv", self.folder / "out" / "classwise.csv"
        compare_cells(paths, self.clips_path, *outputs, Comparisons(draws=draws, seed=seed))
        return [pd.read_csv(path, keep_default_na=False, na_values={"p": [""], "p_holm": [""]}) for path in outputs]

    def compared(self, cell, test_list="official", **settings):
        rows, _ = self.compare(**settings)
        (row,) = rows[(rows["cell"] == cell) & (rows["test_list"] == test_list)].to_dict("records")
        return row


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


@pytest.fixture
def drawn(world):
    """Baseline and codecat with three seeds of random predictions, codecat better."""
    generator = np.random.default_rng(3)
    for seed in range(3):
        world.write("baseline", seed, generator.random(len(world.tested)) < 0.5)
        world.write("codecat", seed, generator.random(len(world.tested)) < 0.75)
    return world


def test_accuracies_and_differences_are_means_over_seeds(drawn):
    ours, base = ([drawn.right[cell, seed] for seed in range(3)] for cell in ("codecat", "baseline"))
    for test_list, listed in (("official", drawn.official), ("all_but_train", np.full(22, True))):
        row = drawn.compared("codecat", test_list)
        assert (row["seeds"], row["clips"], row["tables"], row["protocol"]) == (3, listed.sum(), 2, "last")
        assert row["accuracy"] == pytest.approx(mean(right[listed].mean() for right in ours))
        gain = [a[listed].mean() - b[listed].mean() for a, b in zip(ours, base, strict=True)]
        assert float(row["difference"]) == pytest.approx(mean(gain))


def test_best_on_test_stands_beside_the_papers_figure(world):
    shares = (0.6, 0.7, 0.9)
    generator = np.random.default_rng(0)
    for seed, share in enumerate(shares):
        right = generator.random(len(world.tested)) < share
        world.write("codecat", seed, right, protocols=("last", "best_on_test"))
    world.write("baseline", 0, right, protocols=("last", "best_on_test"))
    world.write("attention-heads64-layers1", 0, right, protocols=("best_on_test",))  # not the paper's
    rows, _ = world.compare()
    found = rows.set_index(["cell", "protocol", "test_list"])[["paper", "further_low", "further_high"]]
    for test_list, listed in (("official", world.official), ("all_but_train", np.full(22, True))):
        values = [world.right["codecat", seed][listed].mean() for seed in range(3)]
        reach = 4.30265 * np.std(values, ddof=1) * np.sqrt(4 / 3)
        expected = [0.7415, mean(values) - reach, mean(values) + reach]
        codecat = found.loc["codecat", "best_on_test", test_list].astype(float)
        assert codecat.tolist() == pytest.approx(expected, rel=1e-5)
        assert found.loc["baseline", "best_on_test", test_list].tolist() == ["0.7363", "", ""]
        assert found.loc["attention-heads64-layers1", "best_on_test", test_list].tolist() == ["", "", ""]
        assert found.loc["codecat", "last", test_list].tolist() == ["", "", ""]


def test_an_unknown_test_list(world):
    path = world.write("baseline", 0, [True] * 22)
    path.write_text(path.read_text().replace("official", "offical"))
    with pytest.raises(InputError, match=r"predictions\.csv: no test list 'offical'; delete it"):
        world.compare()


def test_seen_and_unseen_cities_by_hand(world):
    # Training clips come from Paris: 9 evaluation clips there, 12 in Milan.
    paris = (world.tested["city"] == "paris").to_numpy()
    right = paris.copy()
    right[np.flatnonzero(paris)[:3]] = False
    right[np.flatnonzero(~paris)[:3]] = True
    world.write("baseline", 0, right)
    row = world.compared("baseline")
    assert float(row["accuracy_seen"]) == pytest.approx(6 / 9)
    assert float(row["accuracy_unseen"]) == pytest.approx(3 / 12)
    assert row["accuracy"] == pytest.approx(9 / 21)
    assert row["difference"] == row["difference_low"] == ""
    assert np.isnan(row["p"])


def test_without_unseen_cities_their_accuracy_is_empty(world):
    world.clips.assign(city="paris").to_csv(world.clips_path, index=False)
    world.write("baseline", 0, [True] * 22)
    row = world.compared("baseline")
    assert (row["accuracy_seen"], row["accuracy_unseen"]) == (1, "")


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
    assert drawn.compared("codecat", draws=20_000)["p"] == pytest.approx(exact, abs=0.015)


def test_all_scenes_of_a_location_change_sign_together(world):
    clips = world.clips.assign(location=world.clips["location"].replace("paris-3", "paris-0"))
    clips.to_csv(world.clips_path, index=False)
    gains = (clips["location"] == "paris-0").to_numpy()[clips["split"] != "train"]
    world.write("baseline", 0, np.zeros(22))
    world.write("codecat", 0, gains)
    assert world.compared("codecat")["p"] == 1  # a single location with a difference: both signs are as far from zero


def test_identical_predictions_do_not_differ(world):
    right = np.random.default_rng(0).random(22) < 0.6
    for seed, cell in product(range(2), ("baseline", "shared-heads4-layers3")):
        world.write(cell, seed, right)
    row = world.compared("shared-heads4-layers3")
    assert [float(row[key]) for key in ("difference", "difference_low", "difference_high")] == [0, 0, 0]
    assert row["p"] == row["p_holm"] == 1
    assert row["tables"] == "5 6"


def test_holm_by_hand():
    # Sorted: 0.01·4, 0.02·3, 0.03·2 is not above 0.06 before it, 0.5·1.
    assert holm(np.array([0.03, 0.01, 0.5, 0.02])) == pytest.approx([0.06, 0.04, 0.5, 0.06])
    assert holm(np.array([0.4, 0.9, 0.6])) == pytest.approx([1, 1, 1])
    assert holm(np.array([0.2])) == pytest.approx([0.2])


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


def test_a_cell_has_the_same_figures_whichever_others_run(drawn):
    before = drawn.compared("codecat")
    drawn.write("before_code-layers1", 0, np.ones(22))
    after = drawn.compared("codecat")
    del before["p_holm"], after["p_holm"]
    assert before == after
    assert drawn.compared("codecat", seed=1)["p"] != before["p"]


def test_differences_are_paired_over_the_seeds_that_both_have(drawn):
    drawn.write("codecat", 7, np.zeros(22))
    row = drawn.compared("codecat")
    assert row["seeds"] == 4
    gain = [(drawn.right["codecat", seed][:21].mean() - drawn.right["baseline", seed][:21].mean()) for seed in range(3)]
    assert float(row["difference"]) == pytest.approx(mean(gain))


def test_without_the_baseline_there_are_no_differences(world, capsys):
    world.write("codecat", 0, np.ones(22))
    row = world.compared("codecat")
    assert row["difference"] == ""
    assert np.isnan(row["p"])
    assert (row["accuracy"], row["low"], row["high"]) == (1, 1, 1)
    assert "baseline is not among the cells" in capsys.readouterr().err


def test_the_confusion_matrix_counts_clips_of_all_seeds(drawn):
    _, classwise = drawn.compare(draws=100)
    matrix = classwise[(classwise["cell"] == "codecat") & (classwise["test_list"] == "official")]
    counts = matrix.set_index(["scene", "predicted"])["clips"]
    bus = drawn.official & (drawn.tested["scene"] == "bus").to_numpy()
    recognised = sum(drawn.right["codecat", seed][bus].sum() for seed in range(3))
    assert counts["bus", "bus"] == recognised
    assert counts["bus", "park"] == 3 * 11 - recognised
    assert counts.sum() == 3 * 21
    assert len(classwise) == 2 * 2 * 4


def test_no_cells_make_empty_files(world):
    comparisons, classwise = world.compare()
    assert comparisons.empty
    assert list(classwise.columns) == ["cell", "protocol", "test_list", "scene", "predicted", "clips"]


def test_intervals_cover():
    """Of 200 samples of 40 locations with an accuracy each of their own, about 95 % have the true mean inside."""
    generator = np.random.default_rng(0)
    covered = 0
    for sample in range(200):
        clips = generator.integers(5, 30, 40)
        correct = generator.binomial(clips, generator.beta(3, 1, 40))
        draws = resampled_accuracies(correct[None], clips, np.full(40, "bus"), 500, sample)
        low, high = interval(draws[:, 0])
        covered += low <= 0.75 <= high
    assert 0.9 <= covered / 200 <= 0.98


def test_resampled_seeds_have_the_spread_of_a_mean():
    values = np.tile([1.0, 2.0, 4.0], (50_000, 1))
    assert resampled_means(values, 0).std() == pytest.approx(np.std([1, 2, 4]) / np.sqrt(3), rel=0.02)
    assert (resampled_means(values[:, :1], 0) == 1).all()


def test_the_smallest_p_counts_the_signs_that_were_found():
    p = sign_flip_test(np.ones((1, 60), dtype=int), 100, 0)
    assert p == pytest.approx([1 / 101])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rows: rows.iloc[1:], r"predictions\.csv: not the clips of .*clips\.csv; delete it"),
        (lambda rows: pd.concat([rows, rows.iloc[:1]]), "not the clips of"),
        (lambda rows: rows.assign(predicted="tram"), "not the scenes of"),
        (lambda rows: rows.assign(scene="park"), "not the scenes of"),
        (lambda rows: rows.drop(columns="predicted"), r"predictions\.csv: no column predicted; delete it"),
    ],
)
def test_predictions_of_another_corpus(world, change, message):
    path = world.write("baseline", 0, np.ones(22))
    change(pd.read_csv(path)).to_csv(path, index=False)
    with pytest.raises(InputError, match=message):
        world.compare()


def test_predictions_in_another_order_count_the_same(drawn):
    before = drawn.compared("codecat")
    path = drawn.folder / "cells/codecat/seed0/predictions.csv"
    pd.read_csv(path).iloc[::-1].to_csv(path, index=False)
    assert drawn.compared("codecat") == before


def test_paths_that_name_no_cell_or_one_twice(world):
    path = world.write("baseline", 0, np.ones(22))
    outputs = world.folder / "a.csv", world.folder / "b.csv"
    with pytest.raises(InputError, match="another file has the same cell and seed"):
        compare_cells([path, path], world.clips_path, *outputs, Comparisons())
    with pytest.raises(InputError, match="does not name cell and seed; expected <cell>/seed<k>"):
        compare_cells([path.rename(world.folder / "p.csv")], world.clips_path, *outputs, Comparisons())


def test_clips_without_cities_or_evaluation(world):
    world.clips.drop(columns="city").to_csv(world.clips_path, index=False)
    with pytest.raises(InputError, match=r"clips\.csv: no column city; delete it"):
        world.compare()
    world.clips.assign(split="train").to_csv(world.clips_path, index=False)
    with pytest.raises(InputError, match="no clip has split 'evaluate'"):
        world.compare()
