import numpy as np
import pytest
from sklearn.svm import SVC

from tagasc.backend.svm import choose_kernel, classify, cross_validate
from tagasc.config import Backend
from tagasc.errors import InputError


def blobs(clips=60, scenes=3, locations=6, seed=0):
    """Codes around one centre a scene; location i has scene i modulo the scenes."""
    random = np.random.default_rng(seed)
    location = np.arange(clips) % locations
    scene = location % scenes
    codes = random.normal(size=(scenes, 8))[scene] + random.normal(size=(clips, 8))
    return codes, np.array([f"scene{s}" for s in scene]), np.array([f"city-{n}" for n in location])


@pytest.mark.parametrize("kernel", ["rbf", "sigmoid"])
def test_predictions_are_those_of_a_plain_machine(kernel):
    codes, labels, _ = blobs()
    others = blobs(seed=1)[0]
    gamma = 1 / (codes.shape[1] * codes.var())  # what 'scale' stands for
    expected = SVC(kernel=kernel, C=2.0, gamma=gamma).fit(codes, labels).predict(others)
    assert classify(kernel, codes, labels, others, Backend(regularisation=2.0)).tolist() == expected.tolist()


def test_accuracy_is_pooled_over_folds_that_hold_out_whole_locations():
    codes, labels, locations = blobs(locations=5, scenes=2)
    # As many folds as locations, so each fold holds out exactly one.
    correct = {"rbf": 0, "sigmoid": 0}
    for kernel in correct:
        for location in np.unique(locations):
            held = locations == location
            machine = SVC(kernel=kernel).fit(codes[~held], labels[~held])
            correct[kernel] += int((machine.predict(codes[held]) == labels[held]).sum())
    found = cross_validate(codes, labels, locations, Backend(folds=5))
    assert found == {kernel: count / 60 for kernel, count in correct.items()}
    assert 0.5 < found["rbf"] < 1


def test_there_are_no_more_folds_than_locations():
    codes, labels, locations = blobs(locations=4, scenes=2)
    four, hundred = (cross_validate(codes, labels, locations, Backend(folds=folds)) for folds in (4, 100))
    assert four == hundred


def test_the_better_kernel_is_chosen():
    # A ring around a disc, whose common centre is not the origin: an RBF separates them, a sigmoid cannot.
    random = np.random.default_rng(0)
    angle, inside = random.uniform(0, 2 * np.pi, 80), np.arange(80) % 2 == 0
    codes = 3 + np.where(inside, 0.3, 2.0)[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    labels, locations = np.where(inside, "park", "tram"), np.array([f"lyon-{n}" for n in np.arange(80) // 16])
    assert choose_kernel(codes, labels, locations, Backend(kernels=["sigmoid", "rbf"])) == "rbf"
    accuracy = cross_validate(codes, labels, locations, Backend())
    assert accuracy["rbf"] == 1 > accuracy["sigmoid"]


@pytest.mark.parametrize("kernels", [["rbf", "sigmoid"], ["sigmoid", "rbf"]])
def test_of_kernels_that_tie_the_first_is_chosen(kernels):
    codes = np.repeat([[-1.0, 0], [1, 0]], 10, axis=0)  # so easy that both are always right
    labels, locations = np.repeat(["bus", "park"], 10), np.tile(["a", "b"], 10)
    assert choose_kernel(codes, labels, locations, Backend(kernels=kernels)) == kernels[0]


def test_a_single_location_is_an_error_only_where_there_is_a_choice():
    codes, labels, _ = blobs()
    locations = np.repeat("lyon-1", len(codes))
    with pytest.raises(InputError, match=r"^backend\.kernels: .* at least 2 locations, got 1; "):
        choose_kernel(codes, labels, locations, Backend())
    assert choose_kernel(codes, labels, locations, Backend(kernels=["sigmoid"])) == "sigmoid"


def test_a_scene_of_one_location_counts_as_wrong_and_is_reported(capsys):
    codes, labels, locations = blobs(locations=4, scenes=2)
    codes[locations == "city-0"] += 100
    labels[locations == "city-0"] = "tram"
    accuracy = cross_validate(codes, labels, locations, Backend(folds=4))
    assert max(accuracy.values()) <= 0.75  # a quarter of the clips are trams
    assert "no location outside one fold has tram; its 15 training clips count as wrong" in capsys.readouterr().err


def test_a_fold_may_leave_a_single_scene_to_learn_from():
    codes, labels, locations = np.eye(4), np.array(["bus", "bus", "park", "park"]), np.array(["a", "a", "b", "b"])
    assert cross_validate(codes, labels, locations, Backend()) == {"rbf": 0, "sigmoid": 0}
