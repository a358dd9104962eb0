import pytest
import torch
from torch import nn

from tagasc.artifacts.weights import MODEL, SNAPSHOTS, read_weights, write_weights
from tagasc.runtime.errors import InputError

pytestmark = pytest.mark.usefixtures("without_records")


def network(outputs=3):
    return nn.Sequential(nn.Linear(4, 5), nn.BatchNorm1d(5), nn.Linear(5, outputs))


@pytest.fixture
def path(tmp_path):
    write_weights(MODEL, tmp_path / "model.safetensors", network())
    return tmp_path / "model.safetensors"


def test_weights_and_buffers_are_read_as_they_were_written(tmp_path):
    written, read = network().train(), network()
    written(torch.randn(8, 4))
    write_weights(MODEL, tmp_path / "new" / "x.safetensors", written)
    read_weights(MODEL, tmp_path / "new" / "x.safetensors", read)
    assert written[1].running_mean.abs().sum() > 0
    for name, tensor in written.state_dict().items():
        assert torch.equal(tensor, read.state_dict()[name])


def test_damaged_weights_name_the_rule_that_writes_them_again(path, damage):
    damage(path)
    with pytest.raises(InputError, match=rf"^{path}: .*; delete it, and rule train_cell writes it again$"):
        read_weights(MODEL, path, network())


def test_weights_that_are_cut_short_are_recognised_at_every_length(path):
    content = path.read_bytes()
    for length in range(0, len(content), 7):
        path.write_bytes(content[:length])
        with pytest.raises(InputError, match="cannot be read as weights"):
            read_weights(MODEL, path, network())


@pytest.mark.parametrize("other", [network(7), nn.Linear(4, 5)])
def test_weights_of_another_network_are_an_error(other, path):
    problem = "has the weights of another network .*; delete it, and rule train_stage1 or train_stage2"
    with pytest.raises(InputError, match=problem) as raised:
        read_weights(SNAPSHOTS, path, other)
    assert "\n" not in str(raised.value)
