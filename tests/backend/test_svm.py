import numpy as np
import pytest
from sklearn.svm import SVC

from tagasc.backend.svm import SvmClassifier
from tagasc.config import Svm
from tagasc.runtime.errors import InputError


def blobs(clips=60, scenes=3, locations=6, seed=0):
    """Return codes around one centre per scene; location i has scene i modulo the number of scenes."""
    random = np.random.default_rng(seed)
    location = np.arange(clips) % locations
    scene = location % scenes
    codes = random.normal(size=(scenes, 8))[scene] + random.normal(size=(clips, 8))
    return codes, np.array([f"scene{s}" for s in scene]), np.array([f"city-{n}" for n in location])


@pytest.mark.parametrize("kernel", ["rbf", "sigmoid"])
def test_predictions_are_those_of_a_plain_svc(kernel):
    codes, labels, _ = blobs()
    others = blobs(seed=1)[0]
    gamma = 1 / (codes.shape[1] * codes.var())  # what gamma='scale' means
    expected = SVC(kernel=kernel, C=2.0, gamma=gamma).fit(codes, labels).predict(others)
    assert SvmClassifier(Svm(C=2.0)).predict(kernel, codes, labels, others).tolist() == expected.tolist()


def test_accuracy_is_pooled_over_folds_that_hold_out_whole_locations():
    codes, labels, locations = blobs(locations=5, scenes=2)
    # As many folds as locations, so each fold holds out exactly one.
    correct = {"rbf": 0, "sigmoid": 0}
    for kernel in correct:
        for location in np.unique(locations):
            held = locations == location
            machine = SVC(kernel=kernel).fit(codes[~held], labels[~held])
            correct[kernel] += int((machine.predict(codes[held]) == labels[held]).sum())
    found = SvmClassifier(Svm(n_splits=5)).cross_validate(codes, labels, locations)
    assert found == {kernel: count / 60 for kernel, count in correct.items()}
    assert 0.5 < found["rbf"] < 1


def test_there_are_no_more_folds_than_locations():
    codes, labels, locations = blobs(locations=4, scenes=2)
    four, hundred = (SvmClassifier(Svm(n_splits=n)).cross_validate(codes, labels, locations) for n in (4, 100))
    assert four == hundred


def test_threads_change_no_accuracy():
    codes, labels, locations = blobs()
    one, four = (SvmClassifier(Svm(), threads).cross_validate(codes, labels, locations) for threads in (1, 4))
    assert one == four


def test_the_better_kernel_is_chosen():
    # A ring around a disc, with a common centre that is not the origin: rbf separates them, sigmoid cannot.
    random = np.random.default_rng(0)
    angle, inside = random.uniform(0, 2 * np.pi, 80), np.arange(80) % 2 == 0
    codes = 3 + np.where(inside, 0.3, 2.0)[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    labels, locations = np.where(inside, "park", "tram"), np.array([f"lyon-{n}" for n in np.arange(80) // 16])
    classifier = SvmClassifier(Svm(kernels=["sigmoid", "rbf"]))
    assert classifier.choose_kernel(codes, labels, locations) == "rbf"
    accuracy = classifier.cross_validate(codes, labels, locations)
    assert accuracy["rbf"] == 1 > accuracy["sigmoid"]


@pytest.mark.parametrize("kernels", [["rbf", "sigmoid"], ["sigmoid", "rbf"]])
def test_of_equal_kernels_the_first_is_chosen(kernels):
    codes = np.repeat([[-1.0, 0], [1, 0]], 10, axis=0)  # so easy that both are always right
    labels, locations = np.repeat(["bus", "park"], 10), np.tile(["a", "b"], 10)
    assert SvmClassifier(Svm(kernels=kernels)).choose_kernel(codes, labels, locations) == kernels[0]


def test_a_single_location_is_an_error_only_if_there_are_several_kernels():
    codes, labels, _ = blobs()
    locations = np.repeat("lyon-1", len(codes))
    with pytest.raises(InputError, match=r"^backend\.svm\.kernels: .* at least 2 locations, and there is 1; "):
        SvmClassifier(Svm()).choose_kernel(codes, labels, locations)
    assert SvmClassifier(Svm(kernels=["sigmoid"])).choose_kernel(codes, labels, locations) == "sigmoid"


def test_a_scene_of_one_location_counts_as_wrong_and_is_reported(capsys):
    codes, labels, locations = blobs(locations=4, scenes=2)
    codes[locations == "city-0"] += 100
    labels[locations == "city-0"] = "tram"
    accuracy = SvmClassifier(Svm(n_splits=4)).cross_validate(codes, labels, locations)
    assert max(accuracy.values()) <= 0.75  # a quarter of the clips are trams
    assert "only one fold has locations with tram; its 15 training clips count as wrong" in capsys.readouterr().err


def test_a_fold_with_a_single_scene_predicts_that_scene():
    codes, labels, locations = np.eye(4), np.array(["bus", "bus", "park", "park"]), np.array(["a", "a", "b", "b"])
    assert SvmClassifier(Svm()).cross_validate(codes, labels, locations) == {"rbf": 0, "sigmoid": 0}
