import numpy as np
import pytest
from sklearn.svm import SVC

from tagasc.backend.machine import Machine


def blobs(clips=60, scenes=3, seed=0):
    """Return codes around one centre per scene, and the scenes."""
    random = np.random.default_rng(seed)
    scene = np.arange(clips) % scenes
    codes = random.normal(size=(scenes, 8))[scene] + random.normal(size=(clips, 8))
    return codes, np.array([f"scene{s}" for s in scene])


@pytest.mark.parametrize("kernel", ["linear", "rbf", "sigmoid"])
def test_predictions_are_those_of_a_plain_svc(kernel):
    codes, labels = blobs()
    others = blobs(seed=1)[0]
    gamma = 1 / (codes.shape[1] * codes.var())  # what gamma='scale' means
    expected = SVC(kernel=kernel, C=2.0, gamma=gamma).fit(codes, labels).predict(others)
    assert Machine("", kernel, 2.0).predict(codes, labels, others).tolist() == expected.tolist()


def test_values_are_standardised_with_the_training_clips():
    codes, labels = blobs()
    others = blobs(seed=1)[0]
    scale, shift = np.geomspace(1e-3, 1e3, 8), np.arange(8)
    mean, deviation = codes.mean(axis=0), codes.std(axis=0)
    expected = SVC(C=0.3).fit((codes - mean) / deviation, labels).predict((others - mean) / deviation)
    machine = Machine("", "rbf", 0.3, standardise=True)
    assert machine.predict(codes * scale + shift, labels, others * scale + shift).tolist() == expected.tolist()
    assert Machine("", "rbf", 0.3).predict(codes * scale, labels, others * scale).tolist() != expected.tolist()


@pytest.mark.parametrize("noise", [0, 1e-12, 1e-5])
def test_a_tag_that_is_nearly_constant_in_training_does_not_decide_alone(noise):
    codes, labels = blobs()
    rare = np.full((60, 1), 0.3) + noise * np.random.default_rng(2).normal(size=(60, 1))
    machine = Machine("", "linear", 1.0, standardise=True)
    expected = machine.predict(codes, labels, codes)
    found = machine.predict(np.hstack([codes, rare]), labels, np.hstack([codes, rare + 0.5]))
    assert np.mean(found == expected) > 0.5  # 1/3 if it decides alone


def test_decisions_of_the_largest_value_are_the_predictions():
    codes, labels = blobs(scenes=4)
    others = blobs(scenes=4, seed=1)[0]
    machine = Machine("", "rbf", 1.0, standardise=True)
    decided = machine.decide(codes, labels, others)
    assert decided.shape == (60, 4)
    votes = np.round(decided)  # pairwise comparisons won; the rest is less than a third
    assert (votes.sum(axis=1) == 6).all()
    clear = np.sort(votes)[:, -1] > np.sort(votes)[:, -2]
    assert clear.sum() > 30
    predicted = machine.predict(codes, labels, others)
    assert (np.unique(labels)[decided.argmax(axis=1)] == predicted)[clear].all()


def test_decisions_between_two_scenes_are_distances_to_the_boundary():
    codes, labels = blobs(scenes=2)
    others = blobs(scenes=2, seed=1)[0]
    expected = SVC(kernel="linear", C=0.1).fit(codes, labels).decision_function(others)
    assert np.allclose(
        Machine("", "linear", 0.1).decide(codes, labels, others), np.stack([-expected, expected], axis=1)
    )


def test_a_single_scene_is_predicted_for_all():
    codes, labels = np.eye(3), np.repeat("bus", 3)
    machine = Machine("", "rbf", 1.0)
    assert machine.predict(codes, labels, codes[:2]).tolist() == ["bus", "bus"]
    assert machine.decide(codes, labels, codes[:2]).tolist() == [[0], [0]]
