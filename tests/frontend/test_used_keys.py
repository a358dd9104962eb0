"""Which keys a cell uses: those that change what its network computes, and no others."""

import numpy as np
import pytest
import torch

from tagasc.config import Distillation, Frontend, Jung2019, Network, Specialist, Student, Training
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


CHANGED = Frontend(
    network=Network(architecture="table6", attention_site="before_last_conv", filters=64),
    training=Training(epochs=7, batch_size=8, learning_rate=0.5, milestones=[3], decay=0.7, crop=2.0, mixup_alpha=0.4),
    jung2019=Jung2019(architecture="table1", crop=3.0, centre_loss_weight=0.25),
    distillation=Distillation(
        specialist=Specialist(epochs=11, learning_rate=0.1, milestones=[2], decay=0.6, centre_loss_weight=0.5),
        student=Student(epochs=13, learning_rate=0.2, milestones=[4], decay=0.8, centre_loss_weight=0.75, crop=1.0),
    ),
)
"""A section without a default among the keys of recipes."""


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("codecat", ("table6", 7, 0.5, [3], 0.7, 2.0, 0.0)),
        ("jung2019", ("table1", 7, 0.5, [3], 0.7, 3.0, 0.25)),
        ("codecat-specialist1", ("table6", 11, 0.1, [2], 0.6, 2.0, 0.5)),
        ("jung2019-specialist2", ("table1", 11, 0.1, [2], 0.6, 3.0, 0.5)),
        ("codecat-kd", ("table6", 13, 0.2, [4], 0.8, 1.0, 0.75)),
        ("jung2019-kd", ("table1", 13, 0.2, [4], 0.8, 1.0, 0.75)),
    ],
)
def test_the_recipe_of_a_cell(cell, expected):
    keys = ["epochs", "learning_rate", "milestones", "decay", "crop", "centre_loss_weight"]
    for section in (CHANGED, CHANGED.used_by(parse(cell))):
        recipe = section.recipe(parse(cell))
        found = [recipe.network.architecture, *(getattr(recipe.training, key) for key in keys)]
        assert found == list(expected)
        assert recipe.training.batch_size == 8
        assert recipe.network.filters == 64
        if parse(cell).role:
            assert recipe.training.mixup_from_epoch > recipe.training.epochs


@pytest.mark.parametrize(
    ("cell", "section", "used"),
    [
        ("codecat", "jung2019", False),
        ("codecat", "distillation", False),
        ("jung2019", "jung2019", True),
        ("jung2019", "distillation", False),
        ("codecat-specialist1", "distillation", True),
        ("codecat-kd", "distillation", True),
        ("codecat-kd", "jung2019", False),
    ],
)
def test_the_recipes_of_other_cells_do_not_count(cell, section, used):
    other = Frontend(**{section: getattr(CHANGED, section)})
    assert (other.used_by(parse(cell)) != Frontend().used_by(parse(cell))) == used


def test_a_specialist_does_not_depend_on_the_student():
    other = Frontend(distillation=Distillation(student=Student(epochs=5)))
    assert other.used_by(parse("codecat-specialist1")) == Frontend()
    assert other.used_by(parse("codecat-kd")) != Frontend()
    mixed = Frontend(training=Training(mixup_from_epoch=1, mixup_alpha=0.5, epochs=3))
    assert mixed.used_by(parse("codecat-kd")) == Frontend()
