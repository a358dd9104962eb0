import numpy as np
import pytest
from sklearn.svm import SVC

from tagasc.backend.fitted_machine import FittedMachine
from tagasc.backend.machine import Machine


def problem(scenes, seed=0, size=12):
    random = np.random.default_rng(seed)
    labels = np.array([f"scene {number}" for number in random.integers(0, scenes, 90)])
    codes = random.normal(size=(90, size)) + (labels == "scene 0")[:, None] + 0.5 * (labels == "scene 1")[:, None]
    return codes, labels, random.normal(size=(400, size)) + random.random((400, 1))


@pytest.mark.parametrize("standardise", [False, True])
@pytest.mark.parametrize("kernel", ["linear", "rbf", "sigmoid"])
@pytest.mark.parametrize("scenes", [2, 3, 10])
def test_arrays_predict_what_scikit_learn_predicts(kernel, scenes, standardise, tmp_path):
    codes, labels, others = problem(scenes)
    machine = Machine("x", kernel, C=1.0, standardise=standardise)
    machine.fit(codes, labels).write(tmp_path / "svm.npz")
    read = FittedMachine.read(tmp_path / "svm.npz")
    predicted = read.predict(read.decide(others))
    assert np.array(read.scenes)[predicted].tolist() == machine.predict(codes, labels, others).tolist()


@pytest.mark.parametrize("kernel", ["linear", "rbf", "sigmoid"])
@pytest.mark.parametrize("scenes", [2, 4])
def test_decision_values_are_those_of_scikit_learn(kernel, scenes):
    codes, labels, others = problem(scenes, seed=1)
    fitted = Machine("x", kernel, C=2.0).fit(codes, labels)
    reference = SVC(C=2.0, kernel=kernel, decision_function_shape="ovo").fit(codes, labels).decision_function(others)
    # With two scenes, scikit-learn's value is positive for the second one.
    expected = -reference[:, None] if scenes == 2 else reference
    assert fitted.decide(others) == pytest.approx(expected, abs=1e-9)


def test_a_positive_margin_is_that_of_the_predicted_scene():
    codes, labels, others = problem(6, seed=2)
    fitted = Machine("x", "rbf", C=1.0).fit(codes, labels)
    decisions = fitted.decide(others)
    margins, predicted = fitted.margins(decisions), fitted.predict(decisions)
    assert ((margins > 0).sum(axis=1) <= 1).all()
    clear = margins.max(axis=1) > 0
    assert clear.sum() > 300
    assert (margins.argmax(axis=1)[clear] == predicted[clear]).all()


def test_a_file_with_a_pickle_is_refused(tmp_path):
    np.savez(tmp_path / "svm.npz", scenes=np.array([{}], dtype=object))
    with pytest.raises(ValueError, match="there is no array"):
        FittedMachine.read(tmp_path / "svm.npz")
