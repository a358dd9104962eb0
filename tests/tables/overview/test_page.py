import base64
import hashlib
import re

import pytest
from jinja2 import UndefinedError
from matplotlib.figure import Figure

from tagasc.artifacts.figure import GRID, INK, MUTED, ON_DARK, PAPER, figure_svg
from tagasc.tables.overview import page
from tagasc.tables.overview.page import inline_svg, render


@pytest.fixture
def base():
    return render("base.html.jinja")


def test_a_page_allows_its_own_script_and_no_other(base):
    script = re.search(r"<script>(.*)</script>", base, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in base
    assert "default-src 'none'" in base


def test_a_page_names_what_wrote_it(base):
    assert re.search(r'<meta name="generator" content="tagasc [\d.]+">', base[:4096])


def test_a_page_has_no_address_of_another_file(base):
    assert not re.search(r"""(?:src|href)=["'](?!#|data:)|url\(|@import""", base)


def test_text_is_escaped_and_a_missing_value_is_an_error(tmp_path, monkeypatch):
    (tmp_path / "x.jinja").write_text("{{ text }}")
    for name in ("style.css", "sort.js"):
        (tmp_path / name).write_text("")
    monkeypatch.setattr(page, "_FOLDER", tmp_path)
    assert render("x.jinja", text="<b>&") == "&lt;b&gt;&amp;"
    with pytest.raises(UndefinedError):
        render("x.jinja")


def test_colours_of_pages_are_those_of_figures(base):
    light, dark = re.findall(r":root \{(.*?)\}", base, re.DOTALL)
    for name, colour in {"ink": INK, "muted": MUTED, "grid": GRID, "paper": PAPER}.items():
        assert f"--{name}: {colour};" in light
        assert f"--{name}: {ON_DARK[colour]};" in dark


def test_a_figure_becomes_one_element_with_a_label():
    figure = Figure((3, 2))
    figure.text(0.5, 0.5, "a < b")
    svg = inline_svg(figure_svg(lambda: figure, "name"), 'Is "a" < b?')
    assert svg.startswith('<svg role="img" aria-label="Is &quot;a&quot; &lt; b?"')
    assert svg.rstrip().endswith("</svg>")
    assert not re.search(r"<\?xml|<!DOCTYPE|<metadata", svg)
    assert "a &lt; b" in svg
    assert 'viewBox="0 0' in svg.partition(">")[0]


def test_a_figure_is_at_most_as_wide_as_it_was_drawn():
    tag = inline_svg('<svg width="300pt" height="150pt" viewBox="0 0 300 150"></svg>', "").partition(">")[0]
    assert "max-width:400px" in tag  # 300 pt at 96 px per inch
    assert ' width="' not in tag
    assert ' height="' not in tag


@pytest.mark.parametrize("text", ["", "<svg>", "<svg width='10px'></svg>"])
def test_what_is_no_figure_is_refused(text):
    with pytest.raises(ValueError, match="not a figure"):
        inline_svg(text, "")
