import numpy as np
import pandas as pd
import pytest

from tagasc.artifacts.breakdown import BREAKDOWN
from tagasc.artifacts.classwise import CLASSWISE
from tagasc.artifacts.comparisons import COMPARISONS
from tagasc.artifacts.pictures import PICTURES
from tagasc.artifacts.scenes import read_clips
from tagasc.paper.grid import CELLS, TABLES, VARIANTS
from tagasc.paper.numbers import ACCURACY
from tagasc.tables.figures.breakdown import draw_cities, draw_scenes, scene_rows
from tagasc.tables.figures.confusion import draw_confusion
from tagasc.tables.figures.differences import difference_rows, draw_differences
from tagasc.tables.figures.heat_maps import draw_heat_map
from tagasc.tables.figures.paper import draw_paper
from tagasc.tables.figures.parameters import draw_parameters, parameter_rows
from tests.tables.figures.conftest import SCENES

NAMES = [name for name, picture in PICTURES.items() if picture.rule == "draw_comparisons"]


def headline(written):
    rows = COMPARISONS.read(written.folder / "comparisons.csv")
    return rows[(rows["protocol"] == "last") & (rows["test_list"] == "official")].set_index("cell")


def drawn_points(axes):
    """Return the points of all markers of a plot, as rows of x and y."""
    lines = [line for line in axes.lines if line.get_marker() not in ("", "None", None)]
    return np.concatenate([np.column_stack(line.get_data()) for line in lines])


def test_differences_are_those_of_comparisons(few):
    table, rows = few.table("differences"), headline(few)
    assert set(table["cell"]) == set(rows.index) - {"baseline"}
    for column in ("accuracy", "difference", "difference_low", "difference_high", "p_holm"):
        assert table[column].tolist() == rows.loc[table["cell"], column].tolist()
    assert table["family"].tolist()[-6:] == ["control"] * 6
    assert table.loc[table["cell"] == "codecat-shuffled", "family"].item() == "shuffled"


def test_drawn_differences_are_those_of_the_table(few):
    table = few.table("differences")
    (axes,) = draw_differences(table).axes
    points = drawn_points(axes)
    assert points[:, 0] == pytest.approx(100 * table["difference"])
    spans = np.concatenate([np.array(lines.get_segments())[:, :, 0] for lines in axes.collections])
    assert spans == pytest.approx(100 * table[["difference_low", "difference_high"]].to_numpy())
    names = [text.get_text() for text in axes.get_yticklabels()]
    assert [name for name in names if name.startswith("heads")] == ["heads2-layers1", "heads4-layers0"]


def test_the_papers_numbers_stand_against_ours(few):
    table = few.table("paper")
    shown = ["baseline", "codecat", "attention-heads2-layers1", "attention-heads4-layers0"]
    assert table["cell"].tolist() == [name for name in shown for _ in range(2)]
    assert (100 * table["paper"]).tolist() == pytest.approx([ACCURACY[name] for name in table["cell"]])
    rows = headline(few)
    last = table[table["protocol"] == "last"].set_index("cell")
    for column in ("accuracy", "low", "high", "location_error"):
        assert last[column].tolist() == rows.loc[shown, column].tolist()


def test_drawn_points_and_band_are_those_of_the_table(few):
    table = few.table("paper")
    figure = draw_paper(table)
    for axes, (protocol, rows) in zip(figure.axes, table.groupby("protocol", sort=False), strict=True):
        assert axes.get_title() == f"protocol {protocol}"
        lines = [line for line in axes.lines if len(line.get_xdata()) and line.get_label() in set(rows["family"])]
        points = np.concatenate([np.column_stack(line.get_data()) for line in lines])
        assert points == pytest.approx(100 * rows[["paper", "accuracy"]].to_numpy())
        band = axes.collections[0].get_paths()[0].vertices
        width = band[:, 1] - band[:, 0]
        assert np.abs(width).max() == pytest.approx(200 * rows["location_error"].mean())


def test_without_the_papers_numbers_a_sentence_says_so(write):
    written = write(["baseline"])
    written.draw_comparisons()
    assert written.table("paper").empty
    assert "compare_with_paper" in written.svg("paper")
    assert written.table("table3")["paper"].isna().all()


def test_heat_maps_have_every_cell_of_their_table(few):
    rows = headline(few)
    for number in (3, 4, 5):
        table = few.table(f"table{number}")
        assert table["cell"].tolist() == TABLES[number].names
        known = table.set_index("cell").loc[[name for name in TABLES[number].names if name in rows.index]]
        for column in ("accuracy", "difference", "p_holm"):
            assert known[column].tolist() == rows.loc[known.index, column].tolist()
        assert (100 * table["paper"]).tolist() == pytest.approx([ACCURACY[name] for name in table["cell"]])


def test_tiles_are_those_of_the_table(few):
    table = few.table("table3")
    ours, paper, difference = draw_heat_map(table, 3).axes
    for axes, column in ((ours, "accuracy"), (paper, "paper"), (difference, "difference")):
        values = np.ma.filled(axes.collections[0].get_array(), np.nan).ravel()
        assert values == pytest.approx(100 * table[column].to_numpy(), nan_ok=True)
    assert ours.collections[0].get_clim() == paper.collections[0].get_clim()
    assert [text.get_text() for text in paper.texts][:2] == ["75.7", "76.6"]


def test_a_star_marks_a_small_p(few):
    table = few.table("table3").assign(accuracy=0.5, difference=0.01, p_holm=0.05)
    table.loc[3, "p_holm"] = 0.049
    texts = [text.get_text() for text in draw_heat_map(table, 3).axes[-1].texts]
    assert texts == ["+1.0"] * 3 + ["+1.0*"] + ["+1.0"] * 16


def test_confusion_matrices_are_those_of_classwise(few):
    table = few.table("confusion")
    rows = CLASSWISE.read(few.folder / "classwise.csv")
    rows = rows[(rows["protocol"] == "last") & (rows["test_list"] == "official")]
    best = headline(few).loc[["codecat", "attention-heads2-layers1", "attention-heads4-layers0"], "accuracy"].idxmax()
    assert list(dict.fromkeys(table["cell"])) == ["baseline", best]
    expected = pd.concat([rows[rows["cell"] == name] for name in ("baseline", best)])
    assert table["clips"].tolist() == expected["clips"].tolist()
    assert table.groupby(["cell", "scene"])["share"].sum().to_numpy() == pytest.approx(1)
    parts = draw_confusion(table).axes
    drawn = [np.asarray(axes.collections[0].get_array()) for axes in parts]
    assert drawn[0].ravel() == pytest.approx(100 * table[table["cell"] == "baseline"]["share"].to_numpy())
    assert drawn[2] == pytest.approx(drawn[1] - drawn[0])


def test_scenes_and_cities_are_those_of_breakdown(few):
    rows = BREAKDOWN.read(few.folder / "breakdown.csv")
    rows = rows[(rows["protocol"] == "last") & (rows["test_list"] == "official")].set_index(["cell", "by", "value"])
    for name, by, draw in (("scenes", "scene", draw_scenes), ("cities", "city", draw_cities)):
        table = few.table(name)
        for row in table.to_dict("records"):
            found = rows.loc[(row["cell"], by, row[by])]
            columns = ["clips", "accuracy", "low", "high"]
            assert [row[key] for key in columns] == pytest.approx(found[columns].to_numpy(float), nan_ok=True)
        (axes,) = draw(table).axes
        by_system = table.sort_values("cell", key=lambda cells: cells != "baseline", kind="stable")
        assert drawn_points(axes)[:, 0] == pytest.approx(100 * by_system["accuracy"].to_numpy())


def test_cities_without_training_clips_stand_last(few):
    table = few.table("cities")
    clips = read_clips(few.made_up.clips_path)
    seen = set(clips.loc[clips["split"] == "train", "city"])
    assert table["seen"].tolist() == ["yes" if city in seen else "no" for city in table["city"]]
    assert table["seen"].tolist() == sorted(table["seen"], reverse=True)
    assert set(table["seen"]) == {"yes", "no"}


@pytest.mark.parametrize(
    ("cells", "seeds", "scenes", "cities"),
    [
        (["codecat"], [0], {"bus": (4, 4, 0), "park": (4, 4, 0)}, 1),
        (["baseline"], [0, 1], {"bus": (4, 4, 2), "park": (4, 4, 2)}, 3),
        (["attention-heads16-layers9", "jung2019"], [0], {f"scene {n}": (2, 2, 0) for n in range(30)}, 2),
        (list(CELLS), [0], {"bus": (2, 2, 0), "x" * 60: (2, 2, 0)}, 3),
    ],
    ids=["one cell without baseline", "only the baseline", "30 scenes", "56 cells"],
)
def test_every_experiment_is_drawn(cells, seeds, scenes, cities, write):
    written = write(cells, seeds, scenes, cities=cities)
    written.draw_comparisons()
    for name in NAMES:
        assert written.svg(name).rstrip().endswith("</svg>")
        written.table(name)


def test_what_cannot_be_shown_is_said(write):
    written = write(["codecat"], scenes={"bus": (4, 4, 0), "park": (4, 4, 0)}, cities=1)
    written.draw_comparisons()
    assert "the baseline or all other cells are missing" in written.svg("differences")
    assert "all test clips come from one city" in written.svg("cities")
    assert "No cell of Table 4 was scored" in written.svg("table4")


def test_a_kind_of_cell_that_was_added_is_drawn_last(few, monkeypatch):
    monkeypatch.setitem(VARIANTS, "scaling", ())
    rows = COMPARISONS.read(few.folder / "comparisons.csv").replace("codecat", "scaling")
    table = difference_rows(rows)
    assert table["family"].iloc[-1] == "scaling"
    assert "scaling" in [text.get_text() for text in draw_differences(table).axes[0].get_yticklabels()]
    systems = parameter_rows(
        {"baseline": 10, "scaling": 20}, headline(few).rename({"codecat": "scaling"}).reset_index(), with_paper=False
    )
    names = draw_parameters(systems).legends[0].get_texts()
    assert [text.get_text() for text in names] == ["baseline", "scaling"]
    breakdown = BREAKDOWN.read(few.folder / "breakdown.csv").replace("codecat", "scaling")
    points = drawn_points(draw_scenes(scene_rows(breakdown, ["baseline", "scaling"])).axes[0])
    assert len(points) == 2 * len(SCENES)
