"""Which keys a cell uses: those that change what its network computes, and no others."""

import numpy as np
import pytest
import torch

from tagasc.config import Frontend, Network, Training
from tagasc.frontend.batches import Batches
from tagasc.frontend.network import SceneNetwork
from tagasc.paper.grid import CELLS as GRID
from tagasc.paper.grid import parse

CELLS = [
    "baseline",
    "codecat",
    "before_code-layers0",
    "before_code-layers2",
    "attention-heads2-layers1",
    "separate-heads2-concat1-attention1",
    "shared-heads2-layers1",
]
SMALL = {"architecture": "table6", "filters": 8, "blocks": 3, "code_size": 4}
NETWORK_KEYS = {
    "standardise_tags": True,
    "attention_rescale": True,
    "attention_site": "before_last_conv",
    "concat_after_code": True,
}


def computed(cell, settings):
    """Return what a new network computes from fixed waveforms and tags."""
    torch.manual_seed(0)
    network = SceneNetwork(parse(cell), settings, channels=2, tags=3, classes=4)
    if settings.standardise_tags:
        network.standardise.fit(torch.rand(20, 3))
    network.train()
    torch.manual_seed(1)
    code, scores = network(torch.randn(4, 2, 2000), torch.rand(4, 3))
    return torch.cat([code, scores], dim=1)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("key", NETWORK_KEYS)
def test_a_key_of_the_network_counts_for_the_cells_that_it_changes(cell, key):
    default = Network(**SMALL)
    changed = default.model_copy(update={key: NETWORK_KEYS[key]})
    one, other = computed(cell, default), computed(cell, changed)
    changes = one.shape != other.shape or not torch.equal(one, other)
    used = Frontend(network=changed).used_by(parse(cell)) != Frontend(network=default).used_by(parse(cell))
    assert used == changes


@pytest.mark.parametrize("cell", CELLS)
def test_mixing_tags_counts_for_all_cells_but_the_baseline(cell):
    one, other = (Frontend(training=Training(mixup_tags=mixed)).used_by(parse(cell)) for mixed in (True, False))
    assert (one != other) == (cell != "baseline")


@pytest.mark.parametrize("mixed", [True, False])
def test_without_tags_batches_are_the_same_whether_tags_are_mixed_or_not(packed, frontend, load_dataset, mixed):
    without = {name: packed[name] for name in ("clips", "waveforms")}
    training = frontend.training.model_copy(update={"mixup_tags": mixed})
    dataset = load_dataset({**without, "tags": None}, frontend)
    batches = list(Batches(dataset, training, None, np.random.default_rng(0)).epoch(3))
    assert all(batch.tags.shape == (5, 0) for batch in batches)


@pytest.mark.parametrize("cell", CELLS)
def test_every_other_key_counts_for_every_cell(cell):
    changed = Frontend(network=Network(negative_slope=0.1), training=Training(epochs=3, preemphasis=0.5))
    assert changed.used_by(parse(cell)) == changed


def test_the_paper_has_as_many_trainings_with_attention_as_its_tables_show():
    changed = Frontend(network=Network(attention_rescale=True))
    assert sum(changed.used_by(cell) != Frontend() for cell in GRID.values()) == 48
