import re
import xml.etree.ElementTree as ET
from itertools import product

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure

from tagasc.artifacts.artifact import Artifact
from tagasc.artifacts.figure import GRID, INK, MUTED, ON_DARK, PAPER, label, write_figure
from tagasc.artifacts.pictures import PICTURES
from tagasc.paper.grid import VARIANTS
from tagasc.tables.figures.codes import COLOURS
from tagasc.tables.figures.drawing import message
from tagasc.tables.figures.families import CONTROL, DISTILLED, LOOKS, SHUFFLED
from tagasc.tables.figures.run_time import STAGE_COLOURS

FILE = Artifact(path="x.svg", rule="draw", meaning="")
SVG = "{http://www.w3.org/2000/svg}"


def luminance(colour):
    """Return the relative luminance of WCAG 2."""
    shares = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def panel(names=("a $5 & <b>", "street")):
    figure = Figure(figsize=(4, 3), layout="constrained")
    axes = figure.subplots()
    axes.bar(list(names), [1, 2], label="bars")
    axes.legend()
    return figure


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_colours_of_families_are_visible_on_light_and_dark(look):
    assert contrast(LOOKS[look].colour, PAPER) >= 3
    assert contrast(LOOKS[look].colour, ON_DARK[PAPER]) >= 3


@pytest.mark.parametrize("colour", [*STAGE_COLOURS.values(), *COLOURS])
def test_colours_of_stages_and_scenes_are_visible_on_light_and_dark(colour):
    assert contrast(colour, PAPER) >= 3
    assert contrast(colour, ON_DARK[PAPER]) >= 3


def test_text_has_a_contrast_of_at_least_4_5():
    for text, (light, dark) in product((INK, MUTED), [(PAPER, ON_DARK[PAPER])]):
        assert contrast(text, light) >= 4.5
        assert contrast(ON_DARK[text], dark) >= 4.5


def test_every_family_has_a_look_and_markers_tell_them_apart():
    assert set(LOOKS) == {*VARIANTS, DISTILLED, SHUFFLED, CONTROL}
    assert len({look.marker for look in LOOKS.values()}) == len(LOOKS)


def test_the_same_figure_gives_the_same_bytes_whatever_the_users_settings(tmp_path):
    write_figure(FILE, tmp_path / "a" / "x.svg", panel)
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "red", "savefig.dpi": 7}):
        write_figure(FILE, tmp_path / "b" / "x.svg", panel)
    assert (tmp_path / "a/x.svg").read_bytes() == (tmp_path / "b/x.svg").read_bytes()


def test_text_stays_text(tmp_path):
    write_figure(FILE, tmp_path / "x.svg", panel)
    texts = {text.text for text in ET.parse(tmp_path / "x.svg").iter(f"{SVG}text")}  # noqa: S314 - our own file
    assert {"a $5 & <b>", "street", "bars"} <= texts


def test_names_of_elements_start_with_the_figures_name_and_are_all_used(tmp_path):
    write_figure(FILE, tmp_path / "first.svg", panel)
    text = (tmp_path / "first.svg").read_text()
    names = re.findall(r' id="([^"]+)"', text)
    used = re.findall(r'(?:url\(|href=")#([^")]+)', text)
    assert names
    assert set(names) == set(used)
    assert all(name.startswith("first-") for name in names)


def test_a_dark_screen_has_colours_of_its_own_for_ink_and_background(tmp_path):
    write_figure(FILE, tmp_path / "x.svg", panel)
    text = (tmp_path / "x.svg").read_text()
    assert "@media screen and (prefers-color-scheme: dark)" in text
    for light in (INK, MUTED, GRID, PAPER):
        assert f'[style*="fill: {light}"]{{fill:{ON_DARK[light]}!important}}' in text
    assert f"fill: {PAPER}" in text.partition("</style>")[2]


def test_signs_that_the_font_lacks_raise_no_warning(tmp_path, recwarn):
    write_figure(FILE, tmp_path / "x.svg", lambda: panel(["駅 😀", "b"]))
    assert "駅 😀" in (tmp_path / "x.svg").read_text()
    assert not recwarn


def test_long_and_odd_names_are_shortened_in_the_middle():
    assert label("x" * 60) == "x" * 12 + "…" + "x" * 11
    assert label("a\x07b\nc") == "a�b�c"
    assert label("short") == "short"


def test_a_message_is_a_figure_with_that_text():
    (text,) = message("There is nothing to show.").texts
    assert text.get_text() == "There is nothing to show."


def test_every_picture_has_a_question_and_says_how_to_read_it():
    for picture in PICTURES.values():
        assert picture.question.endswith("?")
        assert picture.reading.endswith(".")
        assert len(picture.reading) > 60
    assert len({picture.question for picture in PICTURES.values()}) == len(PICTURES)
