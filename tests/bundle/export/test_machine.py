import numpy as np
import pytest
import torch

from tagasc.bundle.export.machine import ExportedMachine


@pytest.mark.parametrize("standardise", [False, True])
@pytest.mark.parametrize("kernel", ["linear", "rbf", "sigmoid"])
@pytest.mark.parametrize("scenes", [2, 3, 10])
def test_it_decides_as_the_arrays_do(machine, scenes, kernel, standardise):
    fitted = machine(12, [f"scene {number}" for number in range(scenes)], kernel, standardise)
    codes = np.random.default_rng(1).normal(scale=3, size=(500, 12)).astype(np.float32)
    codes[:20] *= 100  # beyond the limit of standardised values
    margins, predicted = ExportedMachine(fitted)(torch.from_numpy(codes))
    decisions = fitted.decide(codes.astype(np.float64))
    assert margins.dtype == torch.float32
    np.testing.assert_allclose(margins, fitted.margins(decisions), rtol=1e-6, atol=1e-6)
    assert predicted.tolist() == fitted.predict(decisions).tolist()


def test_the_first_of_equals_is_predicted(machine):
    fitted = machine(2, ["a", "b", "c"], "linear")
    fitted.coefficients[:] = 0
    # All values are the intercepts: a beats b, b beats c, c beats a. Then all are 0, and the second of a pair wins.
    for intercepts, expected in (([1.0, -1.0, 1.0], 0), ([0.0, 0.0, 0.0], 2), ([-1.0, 1.0, -1.0], 0)):
        fitted.intercepts[:] = intercepts
        _, predicted = ExportedMachine(fitted)(torch.zeros(1, 2))
        assert predicted.tolist() == fitted.predict(fitted.decide(np.zeros((1, 2)))).tolist() == [expected]
