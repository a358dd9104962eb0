import pytest
import torch


@pytest.fixture(autouse=True)
def one_cpu_thread(monkeypatch):
    """Compute on one CPU thread: results are then the same bit for bit."""
    torch.set_num_threads(1)
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
