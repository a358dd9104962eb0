import pytest
import torch

from tagasc.tagger.adam import Adam


@pytest.fixture
def networks():
    """Two networks with the same weights, one layer of which is never used."""

    def make():
        torch.manual_seed(0)
        return torch.nn.ModuleList([torch.nn.Conv2d(3, 5, (1, 3)), torch.nn.Linear(4, 2)]).to(
            memory_format=torch.channels_last
        )

    return make(), make()


def steps(network, optimizer, first, last):
    for step in range(first, last):
        batch = torch.randn(2, 3, 1, 9, generator=torch.Generator().manual_seed(step))
        optimizer.zero_grad()
        network[0](batch).square().mean().backward()
        optimizer.step()


@pytest.mark.parametrize("amsgrad", [False, True])
def test_it_steps_as_torchs_class(networks, amsgrad):
    ours, theirs = networks
    mine = Adam(ours.parameters(), 1e-2, 0.1, amsgrad=amsgrad)
    rival = torch.optim.Adam(theirs.parameters(), 1e-2, weight_decay=0.1, amsgrad=amsgrad, foreach=False)
    steps(ours, mine, 0, 5)
    steps(theirs, rival, 0, 5)
    mine.learning_rate = rival.param_groups[0]["lr"] = 1e-3
    steps(ours, mine, 5, 10)
    steps(theirs, rival, 5, 10)
    for mine_p, rival_p in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(mine_p, rival_p, rtol=1e-5, atol=1e-7)


def test_it_goes_on_from_its_state(networks):
    """Though the state is stored in plain memory order, and the weights are not."""
    ours, other = networks
    mine, again = (Adam(network.parameters(), 1e-2, amsgrad=True) for network in networks)
    steps(ours, mine, 0, 5)
    again.load_state_dict({name: tensor.clone().contiguous() for name, tensor in mine.state_dict().items()})
    other.load_state_dict(ours.state_dict())
    steps(ours, mine, 5, 10)
    steps(other, again, 5, 10)
    for first, second in zip(ours.parameters(), other.parameters(), strict=True):
        assert torch.equal(first, second)
