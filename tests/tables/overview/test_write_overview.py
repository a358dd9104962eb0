import re
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise

import pandas as pd
import pytest
import yaml

from tagasc.artifacts.overview import OVERVIEW
from tagasc.artifacts.pictures import GAINED_CLIPS, PICTURES
from tagasc.runtime.errors import InputError

CELLS = ["baseline", "codecat", "codecat-shuffled", "attention-heads2-layers1"]
VOID = {"meta", "link"}


class Outline(HTMLParser):
    """Collects headings, ids, links within the page, and elements that are not closed."""

    def __init__(self, text):
        super().__init__()
        self.levels, self.ids, self.links, self.open, self.wrong = [], [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.ids += [attributes["id"]] if "id" in attributes else []
        self.links += [attributes["href"]] if tag == "a" else []
        self.levels += [int(tag[1])] if re.fullmatch("h[1-6]", tag) else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        self.handle_endtag(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


@pytest.fixture(scope="module")
def several(write):
    return write(CELLS, (0, 1), scenes={"bus": (6, 8, 2), "park": (6, 4, 2)}, protocols=("last", "best_on_test"))


@pytest.fixture(scope="module")
def odd(write, odd_names):
    scenes = dict.fromkeys(odd_names, (6, 6, 0))
    return write(CELLS, scenes=scenes, cities=odd_names, tags=[*odd_names, "tag"])


@pytest.fixture(scope="module")
def alone(write):
    """Return an experiment with one cell, one seed, one scene, one city and one location."""
    return write(["codecat"], scenes={"bus": (1, 1, 0)}, cities=["oslo"], size={"cities": 1, "locations": 1})


@pytest.fixture(params=["several", "odd", "alone"])
def result(request):
    return request.getfixturevalue(request.param)


def test_elements_are_nested_ids_are_unique_and_links_lead_somewhere(result):
    outline = Outline(result.page.read_text())
    assert outline.wrong == []
    assert outline.open == []
    assert len(outline.ids) == len(set(outline.ids))
    assert {link.removeprefix("#") for link in outline.links} <= set(outline.ids)
    assert len(outline.links) > 25


def test_headings_descend_one_level_at_a_time(result):
    levels = Outline(result.page.read_text()).levels
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_the_page_has_every_figure_in_order_and_that_of_the_tagger(several):
    page = several.page.read_text()
    places = [page.index(f'id="figure-{name}"') for name in PICTURES]
    assert places == sorted(places)
    after = list(PICTURES)[list(PICTURES).index(GAINED_CLIPS.name) + 1]
    assert page.index(f'id="figure-{GAINED_CLIPS.name}"') < page.index('id="figure-telling_tags"')
    assert page.index('id="figure-telling_tags"') < page.index(f'id="figure-{after}"')
    assert page.count("<svg ") == len(PICTURES) + 1
    for name, picture in PICTURES.items():
        assert f"<code>figures/{name}.csv</code>" in page
        assert unescape(page).count(picture.question) >= 3  # contents, heading and label


def test_the_conclusion_opens_the_page(several):
    first, *others = (several.folder / "conclusion.md").read_text().strip().split("\n\n")
    page = unescape(several.page.read_text()).replace("\N{NO-BREAK SPACE}", " ")
    lead = re.search(r'<p class="lead">(.*?)</p>', page)[1]
    assert first.startswith(lead)
    assert re.fullmatch(r"[^.]*(\d\.\d[^.]*)*\.", lead)  # one sentence
    assert f"<p>{first.removeprefix(lead).strip()}</p>" in page
    assert all(f"<p>{paragraph}</p>" in page for paragraph in others)


def test_key_facts_are_counted(several):
    page = several.page.read_text()
    facts = dict(re.findall(r"<div><dt>(.*?)</dt><dd>(.*?)</dd></div>", page))
    assert facts == {
        "cells": "4",
        "controls": "6",
        "seeds": "2",
        "test clips": "12",
        "locations": "10",  # 6 of bus, as three cities have two for each scene, and 4 of park, one for each clip
        "scenes": "2",
        "protocol": "last",
    }


def test_every_table_of_every_protocol_and_test_list_is_there(several):
    page = several.page.read_text()
    for number in range(2, 7):
        for suffix in ("", "-last-all_but_train", "-best_on_test-official", "-best_on_test-all_but_train"):
            assert len(re.findall(rf'<table class="sortable[ a-z]*" id="table{number}{suffix}"', page)) == 1
    assert page.count("<details>") == 5 * 3 + 1


def test_names_are_shown_as_they_are_and_add_no_element(odd, odd_names):
    page = odd.page.read_text()
    table = pd.DataFrame(
        [("codecat", f"{name}.wav", name, "gained", name, name, name, 0.5, "", None, "", None) for name in odd_names],
        columns=GAINED_CLIPS.table.names,
    )
    assert "<b>" not in page
    odd.write_gained_clips(table)
    page = odd.write_page()
    assert "<b>" not in page
    rows = re.search(r'<table class="sortable" id="gained_clips".*?</table>', page, re.DOTALL)[0]
    assert [unescape(cell) for cell in re.findall(r"<td>(.*?)</td>", rows)] == [
        text for name in odd_names for text in (name, name, f"{name} 0.50")
    ]


def test_the_configuration_can_be_read_back(several):
    text = re.search(r"<pre[^>]*>(.*?)</pre>", several.page.read_text(), re.DOTALL)[1]
    assert yaml.safe_load(unescape(text)) == several.experiment.model_dump(mode="json")


def test_trainings_are_counted(several):
    assert "8 on made-up processor, 1 thread" in several.page.read_text()


def test_a_named_way_of_scoring_is_part_of_the_title(several, monkeypatch):
    backend = several.experiment.backend.model_copy(update={"name": "C2"})
    monkeypatch.setattr(several, "experiment", several.experiment.model_copy(update={"backend": backend}))
    assert "<title>made-up / C2</title>" in several.write_page()
    monkeypatch.undo()
    assert "<title>made-up</title>" in several.write_page()


def test_the_same_files_give_the_same_page_with_a_record(several):
    before = several.page.read_bytes()
    several.write_page()
    assert several.page.read_bytes() == before
    OVERVIEW.check(several.page)


@pytest.mark.parametrize(
    "name", ["comparisons.csv", "conclusion.md", "tables/table4.csv", "tables/table6.md", "figures/codes.svg"]
)
def test_a_missing_or_changed_file_is_named(several, name):
    path = several.folder / name
    content = path.read_bytes()
    path.write_bytes(content + b"x")
    with pytest.raises(InputError, match=re.escape(f"{name}: has changed since it was written")):
        several.write_page()
    path.unlink()
    with pytest.raises(InputError, match=re.escape(f"{name}: does not exist")):
        several.write_page()
    path.write_bytes(content)


def test_a_changed_figure_of_the_tagger_is_named(several):
    content = several.telling_tags.read_bytes()
    several.telling_tags.write_bytes(b"")
    with pytest.raises(InputError, match=r"telling_tags\.svg: has changed"):
        several.write_page()
    several.telling_tags.write_bytes(content)
