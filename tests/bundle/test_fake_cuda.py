"""A bundle on a fake GPU."""

import numpy as np
import pytest

from tagasc.bundle.system import System
from tests.fakes.cuda import CUDA


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_windows_are_heard_on_the_gpu(make, precision, request):
    folder = make("system", precision=precision)
    gpu = request.getfixturevalue("fake_gpu")  # after the files, which need real values
    system = System.load(folder, CUDA)
    assert {tensor.device for tensor in system.network.state_dict().values()} == {CUDA}
    assert system.batch_size > 1
    gpu.transfers.clear()
    heard = system.hear(np.zeros((3, 2, 8000), np.float32))
    assert heard.tags.shape == (3, 4)
    assert heard.codes.shape == (3, 8)
    assert len(gpu.transfers) == 7  # waveforms and scales go to the GPU twice, tags come back and go, codes come back
