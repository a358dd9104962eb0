"""Generated pages and pictures are those of the code and of the rule graph."""

import re
import xml.etree.ElementTree as ET
from itertools import pairwise
from pathlib import Path

import pytest

from tagasc.config import Experiment, Section
from tagasc.paper.grid import CELLS

DOCS = Path(__file__).parents[2] / "docs"


def test_the_committed_files_are_the_generated_ones(generate):
    for name, text in generate.generated().items():
        assert (DOCS / name).read_text(encoding="utf-8") == text, f"{name}: run: make generated"


@pytest.mark.workflow
def test_the_page_on_clusters_has_the_costs_of_the_papers_run(generate):
    page = (DOCS / "cluster.md").read_text(encoding="utf-8")
    assert page.count("| train_cell | 56 |") == 1
    assert generate.cluster_page(page) == page, "run: make generated"


def test_the_configuration_page_has_every_key_and_section():
    def names(section, path=""):
        for key in type(section).model_fields:
            if isinstance(value := getattr(section, key), Section):
                yield path + key
                yield from names(value, f"{path}{key}.")
            else:
                yield key

    page = (DOCS / "configuration.md").read_text()
    shown = re.findall(r"^(?:\| |#+ )`([\w.]+)`", page, re.MULTILINE)
    assert sorted(shown) == sorted(names(Experiment()))


@pytest.mark.workflow
def test_the_picture_of_the_stages_has_the_edges_of_the_rule_graph(generate):
    assert generate.stage_edges() == set(generate.FILES)


def test_there_is_a_picture_of_a_cell_of_each_variant(generate):
    variants = list(dict.fromkeys(cell.variant for cell in CELLS.values()))
    assert {cell.variant for cell in generate.EXAMPLES} == set(variants)
    assert {cell.name for cell in generate.EXAMPLES} <= set(CELLS)
    shown = re.findall(r"pictures/(\w+)\.svg", (DOCS / "concepts.md").read_text())
    assert shown == variants


@pytest.mark.parametrize("picture", sorted((DOCS / "pictures").glob("*.svg")), ids=lambda path: path.stem)
def test_pictures_are_legible_on_any_ground(picture):
    root = ET.fromstring(picture.read_text())  # noqa: S314 - a file of this repository
    tags = [element.tag.rpartition("}")[2] for element in root.iter()]
    assert root.get("width") == "700"
    assert "text" in tags
    # Each text is dark and follows a box with a light fill.
    children = list(root)
    fills = set()
    for before, element in pairwise(children):
        if element.tag.endswith("text"):
            assert element.get("fill") == "#1f2328"
            assert before.tag.endswith(("rect", "text"))
        if element.tag.endswith("rect"):
            fills.add(element.get("fill"))
    assert all(min(bytes.fromhex(fill[1:])) > 0xA0 for fill in fills)
