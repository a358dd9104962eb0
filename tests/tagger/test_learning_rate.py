import pytest
import torch

from tagasc.config import TaggerTraining
from tagasc.tagger.learning_rate import CosineRestarts


def test_the_learning_rate_restarts_as_in_torch():
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=1e-3)
    reference = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, T_0=63, eta_min=1e-6)
    schedule = CosineRestarts(TaggerTraining(), steps_per_cycle=63)
    for step in range(200):
        assert schedule.at(step) == pytest.approx(reference.get_last_lr()[0], rel=1e-9)
        optimizer.step()
        reference.step()
    assert [schedule.at(step) for step in (0, 63, 126)] == [1e-3] * 3
    assert 1e-6 < schedule.at(62) < 2e-6
