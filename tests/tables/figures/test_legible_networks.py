"""Figures of networks can be read: no text covers another, and numbers and colours are explained."""

from fractions import Fraction
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from tagasc.artifacts.figure import ON_DARK
from tagasc.artifacts.pictures import ATTENTION, ATTENTION_TAGS, GAINED_CLIPS
from tagasc.paper.grid import CELLS
from tagasc.tables.figures.attention import draw_attention, draw_attention_tags
from tagasc.tables.figures.codes import draw_codes
from tagasc.tables.figures.gained_clips import draw_gained_clips
from tagasc.tables.figures.parameters import draw_parameters, parameter_rows


def boxes_of(texts):
    return [Text.get_window_extent(text) for text in texts if text.get_text()]


def overlapping(texts):
    return [(one, other) for one, other in combinations(boxes_of(texts), 2) if one.overlaps(other)]


@pytest.mark.parametrize("scenes", [10, 50])
def test_names_of_scenes_do_not_cover_each_other(scenes, drawn_as_written):
    points = np.random.default_rng(0).normal(size=(5 * scenes, 2))
    table = pd.DataFrame(points, columns=["first", "second"]).assign(
        cell="codecat", filename="x.wav", city="oslo", first_share=0.5, second_share=0.1
    )
    table["scene"] = [f"$ a <long> name of scene {n % scenes}" for n in range(len(table))]
    (axes,) = drawn_as_written(draw_codes, table).axes
    assert len(axes.texts) == scenes
    assert not overlapping(axes.texts)
    for text, (_, own) in zip(axes.texts, table.groupby("scene"), strict=True):
        assert text.xy == pytest.approx(own[["first", "second"]].mean().tolist())


def test_texts_of_gained_clips_do_not_cover_each_other(drawn_as_written):
    cell = "separate-heads4-concat3-attention4"
    tags = [f"speech-of-a-very-loud-person & <others> {n}" for n in range(3)]
    rows = [
        (cell, f"{n}.wav", f"{'scene ' * 9}{n % 50}", change, "x", "y", tags[0], 0.9, tags[1], 0.5, tags[2], 0.1)
        for n in range(1000)
        for change in ("gained", "lost")
    ]
    figure = drawn_as_written(draw_gained_clips, pd.DataFrame(rows, columns=GAINED_CLIPS.table.names))
    bars, names = figure.axes
    titles = [names._left_title, figure._suptitle]
    assert not overlapping([*bars.texts, *bars.get_yticklabels(), *names.texts, *titles])
    assert max(box.x1 for box in boxes_of(names.texts)) <= figure.bbox.x1
    for text in names.texts:
        lines = text.get_text().split("\n")
        assert [line.count(".") for line in lines] == [2, 1]  # a tag stays next to its value


def test_a_single_gained_clip_has_whole_numbers_below(drawn_as_written):
    row = ("codecat", "a.wav", "bus", "gained", "x", "bus", "Bark", 0.9, "", np.nan, "", np.nan)
    figure = drawn_as_written(draw_gained_clips, pd.DataFrame([row], columns=GAINED_CLIPS.table.names))
    assert all(tick.is_integer() for tick in figure.axes[0].get_xticks())


def test_names_of_systems_do_not_cover_each_other(drawn_as_written):
    comparisons = pd.DataFrame({"cell": list(CELLS), "accuracy": np.linspace(0.74, 0.764, 56), "low": 0.7, "high": 0.8})
    table = parameter_rows(dict.fromkeys(CELLS, 700_000), comparisons, with_paper=True)
    (axes,) = drawn_as_written(draw_parameters, table).axes
    assert len(axes.texts) == 4
    assert not overlapping(axes.texts)


@pytest.mark.parametrize("scenes", [1, 12, 13, 50])
def test_tags_are_numbered_if_there_are_few_scenes_and_have_a_colour_bar_otherwise(scenes, drawn_as_written):
    rows = [("attention-heads2-layers1", f"scene {n}", "Bark", 1.5) for n in range(scenes)]
    table = pd.DataFrame(rows, columns=ATTENTION_TAGS.table.names)
    axes, *bars = drawn_as_written(draw_attention_tags, table).axes
    assert [text.get_text() for text in axes.texts] == (["150"] * scenes if scenes <= 12 else [])
    assert len(bars) == (scenes > 12)


def test_names_of_many_scenes_below_tags_do_not_cover_each_other(drawn_as_written):
    rows = [("attention-heads2-layers1", f"{'scene ' * 9}{n}", "Bark", 0.1) for n in range(50)]
    table = pd.DataFrame(rows, columns=ATTENTION_TAGS.table.names)
    axes = drawn_as_written(draw_attention_tags, table).axes[0]
    assert not overlapping(axes.get_xticklabels())


def test_lines_between_heads_stay_black_on_dark_screens(drawn_as_written):
    rows = [("attention-heads4-layers0", "bus", n // 8 + 1, n + 1, 1.0) for n in range(32)]
    lines = drawn_as_written(draw_attention, pd.DataFrame(rows, columns=ATTENTION.table.names)).axes[0].lines
    assert [line.get_xdata()[0] for line in lines] == [7.5, 15.5, 23.5]
    assert {line.get_color() for line in lines}.isdisjoint(ON_DARK)


@pytest.mark.parametrize("largest", [1.05, 1.9, 3.0, 200.0])
def test_ticks_of_factors_say_what_the_colour_means(largest, drawn_as_written):
    rows = [("attention-heads2-layers1", "bus", 1, 1, largest), ("attention-heads2-layers1", "bus", 2, 2, 0.9)]
    bar = drawn_as_written(draw_attention, pd.DataFrame(rows, columns=ATTENTION.table.names)).axes[1]
    assert 3 <= len(bar.get_yticks()) <= 9
    for tick, text in zip(bar.get_yticks(), bar.get_yticklabels(), strict=True):
        assert float(Fraction(text.get_text())) == pytest.approx(2**tick, abs=0.005)
