import re
from html.parser import HTMLParser

import numpy as np
import pytest

from tagasc.runtime.errors import InputError
from tagasc.tables.overview.configuration_differences import configuration_differences
from tagasc.tables.overview.write_comparison import check_output, write_comparison

N = 21  # test clips of the corpus
VOID = {"meta", "link", "wbr"}


class Page(HTMLParser):
    """The text of each table by its id, as rows of entries, and whether all elements are closed in order."""

    def __init__(self, path):
        super().__init__()
        self.tables, self.open, self.table = {}, [], None
        self.source = path.read_text()
        self.feed(self.source)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        if tag in VOID:
            return
        self.open.append(tag)
        if tag == "table":
            self.table = self.tables.setdefault(dict(attributes)["id"], [])
        elif tag == "tr":
            self.table.append([])
        elif tag in {"td", "th"}:
            self.table[-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if {"td", "th"} & set(self.open):
            self.table[-1][-1] = f"{self.table[-1][-1]} {data.strip()}".strip()


@pytest.fixture
def page(results, tmp_path):
    """Return a function that writes the page of experiments, and reads it."""

    def write(*names):
        write_comparison(names, results=results.folder, output=tmp_path / "page.html")
        return Page(tmp_path / "page.html")

    return write


@pytest.fixture
def pair(results):
    """Experiments a and b with a common baseline; b alone has codecat, and is better with attention."""
    results.fill("a", ["baseline", "attention-heads2-layers1"], [0, 1], 0.3, tagger={"name": "one", "path": None})
    results.fill("b", ["codecat", "attention-heads2-layers1"], [0, 1], 0.9)
    cells = ["baseline", "codecat", "attention-heads2-layers1"]
    results.configure("b", cells, [0, 1], tagger={"name": "<two> & $x$", "path": "tags.npz"})
    results.copy("b", "a", "baseline", [0, 1])
    return results


def test_the_page_shows_the_numbers_of_the_comparison(pair, page):
    table = pair.compare("a", "b").set_index(["system", "experiment"])
    rows = {row[0].replace(" ", ""): row[1:] for row in page("a", "b").tables["systems-table"][2:]}
    assert list(rows) == ["baseline", "codecat", "attention-heads2-layers1"]
    a, b = (table.loc["attention-heads2-layers1", name] for name in "ab")
    assert [entry.split() for entry in rows["attention-heads2-layers1"]] == [
        *(
            [f"{100 * row['accuracy']:.2f}", f"{100 * row['low']:.1f}", "to", f"{100 * row['high']:.1f}"]
            for row in (a, b)
        ),
        [
            f"{100 * b['difference']:+.2f}",
            f"{100 * b['difference_low']:+.2f}",
            "to",
            f"{100 * b['difference_high']:+.2f}",
        ],
        [f"{b['p_holm']:.3f}"],
    ]
    assert rows["codecat"][0] == "–"
    assert rows["codecat"][2:] == ["–", "–"]
    assert rows["baseline"][2:] == ["same predictions", "–"]


@pytest.mark.usefixtures("pair")
def test_the_page_shows_in_which_keys_the_configurations_differ(page):
    _, *rows = page("a", "b").tables["configurations-table"]
    assert [[entry.replace(" ", "") for entry in row] for row in rows] == [
        ["cells", '["baseline","attention-heads2-layers1"]', '["baseline","codecat","attention-heads2-layers1"]'],
        ["tagger.name", "one", "<two>&$x$"],
        ["tagger.path", "null", "tags.npz"],
    ]


def test_keys_that_one_configuration_lacks_and_texts_like_values_differ():
    found = configuration_differences([{"a": {"b": 1}, "c": None}, {"c": "null", "a": {}}])
    assert found == [("a.b", ["1", None]), ("c", ["null", '"null"']), ("a", [None, "{}"])]


def test_long_values_are_folded(pair, page):
    pair.configure("b", ["baseline"], [0, 1], events={"drop": [f"{number}.wav" for number in range(100)]})
    written = page("a", "b")
    assert "<details><summary>[&#34;0.wav&#34;, " in written.source
    assert "&#34;99.wav&#34;]</code></details>" in written.source


def test_odd_names_of_scenes_and_settings_are_shown_as_they_are(results, page):
    odd = "$x$ <b>'\"&" + "長い名前" * 15
    places = {f"{odd}-{i}": (scene, 3) for i, scene in enumerate(("bus", "park"))}
    clips = results.add_corpus("odd", places)
    for number, name in enumerate(("a", "b")):
        results.configure(name, ["baseline"], [0, 1], scenes="odd", data=f"{odd}{number}")
        for seed in (0, 1):
            results.write(name, "baseline", seed, np.arange(6) < 2 + seed + number, clips)
    written = page("a", "b")
    (row,) = written.tables["configurations-table"][1:]
    assert row == ["data", f"{odd}0", f"{odd}1"]
    assert "<b>" not in written.source


def test_the_page_needs_no_other_file_and_is_the_same_each_time(pair, page):
    pair.fill("a/wide", ["baseline"], [0, 1])
    written = page("a", "b", "a/wide")
    assert not re.search(r"(src|href)=\"(?!#|data:)", written.source)
    ids = re.findall(r' id="([^"]+)"', written.source)
    assert len(set(ids)) == len(ids)
    assert set(re.findall(r'(?:href="|url\()#([^")]+)', written.source)) <= set(ids)
    assert written.source.count("<svg") == 2
    assert page("a", "b", "a/wide").source == written.source


def test_the_terminal_gets_the_name_of_the_page_and_what_was_found(pair, tmp_path):
    lines = write_comparison(["a", "b"], results=pair.folder, output=tmp_path / "page.html")
    assert lines[0] == f"{tmp_path / 'page.html'}: 3 cells and controls of 2 experiments"
    assert lines[1].startswith("Of the 2 cells and controls that b and a both have, ")
    assert lines[1].endswith("of attention-heads2-layers1.")


def test_other_clips_and_one_seed_make_a_page_without_figures(results, page):
    clips = results.add_corpus("other", {"oslo-0": ("bus", 3)})
    results.fill("a", ["baseline"], [0])
    results.configure("b", ["baseline"], [0], scenes="other")
    results.write("b", "baseline", 0, np.ones(3), clips)
    written = page("a", "b")
    assert "<svg" not in written.source
    assert 'href="#figures"' not in written.source
    assert "b is tested on other clips than a" in written.source
    assert "nan" not in str(written.tables)


def test_configurations_that_do_not_differ_are_told(results, page):
    for name in ("a", "b"):
        results.fill(name, ["baseline"], [0])
    assert "The configurations do not differ in any key." in page("a", "b").source


def test_only_such_a_page_is_overwritten(pair, tmp_path):
    output = tmp_path / "page.html"
    write_comparison(["a", "b"], results=pair.folder, output=output)
    check_output(output)
    for text in ("", "<!doctype html>", '<meta name="generator" content="tagasc overview 1">', "x" * 5000):
        output.write_text(text)
        with pytest.raises(
            InputError, match=r"page\.html: is no page of tagasc compare, so it is not replaced; name ano"
        ):
            write_comparison(["a", "b"], results=pair.folder, output=output)
        assert output.read_text() == text
    with pytest.raises(InputError, match="is a folder; name a file"):
        check_output(tmp_path)
