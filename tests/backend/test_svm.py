import numpy as np
import pytest
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from tagasc.backend.svm import SvmClassifier
from tagasc.config import Backend, Controls, Svm
from tagasc.runtime.errors import InputError


def of_cells(threads=1, **svm):
    return SvmClassifier.of_cells(Backend(svm=Svm(**svm)), threads)


def blobs(clips=60, scenes=3, locations=6, seed=0):
    """Return codes around one centre per scene; location i has scene i modulo the number of scenes."""
    random = np.random.default_rng(seed)
    location = np.arange(clips) % locations
    scene = location % scenes
    codes = random.normal(size=(scenes, 8))[scene] + random.normal(size=(clips, 8))
    return codes, np.array([f"scene{s}" for s in scene]), np.array([f"city-{n}" for n in location])


def test_accuracy_is_pooled_over_folds_that_hold_out_whole_locations():
    codes, labels, locations = blobs(locations=5, scenes=2)
    # As many folds as locations, so each fold holds out exactly one.
    correct = {"rbf": 0, "sigmoid": 0}
    for kernel in correct:
        for location in np.unique(locations):
            held = locations == location
            machine = SVC(kernel=kernel).fit(codes[~held], labels[~held])
            correct[kernel] += int((machine.predict(codes[held]) == labels[held]).sum())
    found = of_cells(n_splits=5).cross_validate(codes, labels, locations)
    assert found == [count / 60 for count in correct.values()]
    assert 0.5 < found[0] < 1


def test_there_are_no_more_folds_than_locations():
    codes, labels, locations = blobs(locations=4, scenes=2)
    four, hundred = (of_cells(n_splits=n).cross_validate(codes, labels, locations) for n in (4, 100))
    assert four == hundred


def test_threads_change_no_accuracy():
    codes, labels, locations = blobs()
    one, four = (of_cells(threads).cross_validate(codes, labels, locations) for threads in (1, 4))
    assert one == four


def test_the_better_kernel_is_chosen():
    # A ring around a disc, with a common centre that is not the origin: rbf separates them, sigmoid cannot.
    random = np.random.default_rng(0)
    angle, inside = random.uniform(0, 2 * np.pi, 80), np.arange(80) % 2 == 0
    codes = 3 + np.where(inside, 0.3, 2.0)[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    labels, locations = np.where(inside, "park", "tram"), np.array([f"lyon-{n}" for n in np.arange(80) // 16])
    classifier = of_cells(kernels=["sigmoid", "rbf"])
    assert classifier.choose(codes, labels, locations).kernel == "rbf"
    sigmoid, rbf = classifier.cross_validate(codes, labels, locations)
    assert rbf == 1 > sigmoid


@pytest.mark.parametrize("kernels", [["rbf", "sigmoid"], ["sigmoid", "rbf"]])
def test_of_equal_kernels_the_first_is_chosen(kernels):
    codes = np.repeat([[-1.0, 0], [1, 0]], 10, axis=0)  # so easy that both are always right
    labels, locations = np.repeat(["bus", "park"], 10), np.tile(["a", "b"], 10)
    assert of_cells(kernels=kernels).choose(codes, labels, locations).kernel == kernels[0]


def test_a_single_location_is_an_error_only_if_there_are_several_kernels():
    codes, labels, _ = blobs()
    locations = np.repeat("lyon-1", len(codes))
    problem = (
        r"^backend\.svm\.kernels and backend\.controls: .* 2 .* machines .* at least 2 locations, and there is 1; "
    )
    with pytest.raises(InputError, match=problem):
        of_cells().choose(codes, labels, locations)
    assert of_cells(kernels=["sigmoid"]).choose(codes, labels, locations).kernel == "sigmoid"


def test_a_scene_of_one_location_counts_as_wrong_and_is_reported(capsys):
    codes, labels, locations = blobs(locations=4, scenes=2)
    codes[locations == "city-0"] += 100
    labels[locations == "city-0"] = "tram"
    accuracies = of_cells(n_splits=4).cross_validate(codes, labels, locations)
    assert max(accuracies) <= 0.75  # a quarter of the clips are trams
    assert "only one fold has locations with tram; its 15 training clips count as wrong" in capsys.readouterr().err


def test_a_fold_with_a_single_scene_predicts_that_scene():
    codes, labels, locations = np.eye(4), np.array(["bus", "bus", "park", "park"]), np.array(["a", "a", "b", "b"])
    assert of_cells().cross_validate(codes, labels, locations) == [0, 0]


def test_kernel_and_c_of_tuned_controls_are_chosen_together():
    codes, labels, locations = blobs(clips=120, locations=12)
    values = [10.0, 0.001]
    controls = Controls(linear=values, rbf=[], sigmoid=values)
    backend = Backend(svm=Svm(n_splits=4, C=77), controls=controls)
    classifier = SvmClassifier.of_tuned_controls(backend, threads=2)
    expected = []
    for kernel in ("linear", "sigmoid"):
        for value in values:
            correct = 0
            for rest, held in GroupKFold(4).split(codes, labels, locations):
                machine = make_pipeline(StandardScaler(), SVC(kernel=kernel, C=value)).fit(codes[rest], labels[rest])
                correct += int((machine.predict(codes[held]) == labels[held]).sum())
            expected.append(correct / 120)
    assert classifier.cross_validate(codes, labels, locations) == expected
    assert len(set(expected)) > 2
    best = classifier.machines[int(np.argmax(expected))]
    assert classifier.choose(codes, labels, locations) == best
    assert best.name == f"{best.kernel}, C={best.C:g}, standardised"
