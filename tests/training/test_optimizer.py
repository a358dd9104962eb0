import pytest
import torch

from tagasc.training.optimizer import Adam


@pytest.fixture
def networks():
    """Return two networks with the same weights; one of their layers is never used."""

    def make():
        torch.manual_seed(0)
        return torch.nn.ModuleList([torch.nn.Conv2d(3, 5, (1, 3)), torch.nn.Linear(4, 2)]).to(
            memory_format=torch.channels_last
        )

    return make(), make()


def train(network, optimizer, first, last):
    for step in range(first, last):
        batch = torch.randn(2, 3, 1, 9, generator=torch.Generator().manual_seed(step))
        optimizer.zero_grad()
        network[0](batch).square().mean().backward()
        optimizer.step()


@pytest.mark.parametrize("amsgrad", [False, True])
def test_steps_are_those_of_torch_optim_adam(networks, amsgrad):
    ours, theirs = networks
    optimizer = Adam(ours.parameters(), 1e-2, 0.1, amsgrad=amsgrad)
    reference = torch.optim.Adam(theirs.parameters(), 1e-2, weight_decay=0.1, amsgrad=amsgrad, foreach=False)
    train(ours, optimizer, 0, 5)
    train(theirs, reference, 0, 5)
    optimizer.learning_rate = reference.param_groups[0]["lr"] = 1e-3
    train(ours, optimizer, 5, 10)
    train(theirs, reference, 5, 10)
    for parameter, expected in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(parameter, expected, rtol=1e-5, atol=1e-7)


def test_training_continues_from_a_saved_state(networks):
    """The state is saved in plain memory order, although the weights are in channels-last order."""
    ours, other = networks
    optimizer, restored = (Adam(network.parameters(), 1e-2, amsgrad=True) for network in networks)
    train(ours, optimizer, 0, 5)
    restored.load_state_dict({name: tensor.clone().contiguous() for name, tensor in optimizer.state_dict().items()})
    other.load_state_dict(ours.state_dict())
    train(ours, optimizer, 5, 10)
    train(other, restored, 5, 10)
    for parameter, expected in zip(other.parameters(), ours.parameters(), strict=True):
        assert torch.equal(parameter, expected)
