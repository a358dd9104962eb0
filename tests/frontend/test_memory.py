import pytest
import torch

from tagasc.config import Network
from tagasc.frontend.memory import step_memory
from tagasc.frontend.network import SceneNetwork
from tagasc.paper.grid import parse

GB = 10**9


def kept_bytes(settings, batch_size, samples):
    """Count the bytes that a forward pass really keeps, without weights."""
    network = SceneNetwork(parse("baseline"), settings, 2, 5, 10)
    storages = {}

    def keep(tensor):
        storage = tensor.untyped_storage()
        storages[storage.data_ptr()] = storage.nbytes()
        return tensor

    waveform = torch.randn(batch_size, 2, samples)
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        # The results keep the storages alive, so that no two of them have the same address.
        results = network(waveform, torch.rand(batch_size, 5))
    weights = {tensor.untyped_storage().data_ptr() for tensor in network.state_dict().values()}
    assert results[0].requires_grad
    return sum(size for address, size in storages.items() if address not in weights)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("architecture", ["table1", "table6"])
def test_the_estimate_is_what_a_forward_pass_keeps(architecture, precision):
    settings = Network(architecture=architecture, precision=precision, filters=32, blocks=4)
    kept, estimate = kept_bytes(settings, 3, 60_000), step_memory(settings, 3, 2, 60_000) - GB
    waveforms = 3 * 2 * 60_000 * 4
    # The estimate also has the waveforms of clips and partners, and the network a small copy of its weights.
    assert kept < estimate < 1.05 * kept + 2 * waveforms


@pytest.mark.parametrize(("precision", "expected"), [("bfloat16", 2.8), ("float32", 4.9)])
def test_a_step_of_the_paper(precision, expected):
    assert (step_memory(Network(precision=precision), 24, 2, 479_520) - GB) / GB == pytest.approx(expected, abs=0.05)


def test_a_card_of_24_gb_holds_the_papers_training_clips():
    clips = 9_185 * 2 * 480_000 * 2
    assert clips + step_memory(Network(precision="bfloat16"), 24, 2, 479_520) < 23.5 * 2**30
    assert clips + step_memory(Network(precision="bfloat16"), 24, 2, 479_520, 2 * 479_999) < 23.5 * 2**30
    assert clips + step_memory(Network(precision="float32"), 64, 2, 479_520) > 23.5 * 2**30
