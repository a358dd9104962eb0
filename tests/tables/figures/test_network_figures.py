import numpy as np
import pandas as pd
import pytest

from tagasc.artifacts.codes import CODES, read_codes
from tagasc.artifacts.comparisons import COMPARISONS
from tagasc.artifacts.predictions import PREDICTIONS
from tagasc.artifacts.tags import Tags, read_tags
from tagasc.artifacts.weights import MODEL, count_weights, read_arrays, write_weights
from tagasc.config import Network
from tagasc.frontend.cost import count_parameters
from tagasc.frontend.network import SceneNetwork
from tagasc.paper.grid import CELLS, parse
from tagasc.paper.numbers import TABLE6_CITED, TABLE6_OURS
from tagasc.tables.figures.attention import draw_attention, draw_attention_tags
from tagasc.tables.figures.attention_map import AttentionMap
from tagasc.tables.figures.codes import code_rows, draw_codes
from tagasc.tables.figures.gained_clips import draw_gained_clips, gained_rows
from tagasc.tables.figures.parameters import draw_parameters

NAMES = ["attention", "attention_tags", "codes", "gained_clips", "parameters"]
ATTENDED = "attention-heads4-layers0"


@pytest.fixture(scope="module")
def drawn(few):
    few.draw_networks(attention_cell=ATTENDED)
    return few


def is_test_clip(written):
    return (written.made_up.clips["split"] == "evaluate").to_numpy()


def attention_of(written):
    folder = written.folder / "cells" / ATTENDED / "seed0"
    return AttentionMap(parse(ATTENDED), read_arrays(MODEL, folder / "model.safetensors"), 0.3)


def test_factors_are_means_over_the_test_clips_of_a_scene(drawn):
    table, clips = drawn.table("attention"), drawn.made_up.clips[is_test_clip(drawn)]
    tags = read_tags(drawn.made_up.tags_path, drawn.made_up.clips["filename"].tolist()).vectors[is_test_clip(drawn)]
    factors = attention_of(drawn).factors(tags.astype(float))
    assert set(table["cell"]) == {ATTENDED}
    for (scene, number), row in table.set_index(["scene", "filter"]).iterrows():
        own = factors[(clips["scene"] == scene).to_numpy(), number - 1]
        assert row["factor"] == pytest.approx(own.mean())
        assert row["head"] == (number - 1) // 8 + 1


def test_drawn_factors_are_those_of_the_table(drawn):
    table = drawn.table("attention")
    image = draw_attention(table).axes[0].images[0]
    assert np.asarray(image.get_array()).ravel() == pytest.approx(np.log2(table["factor"].to_numpy()))


def test_a_tag_that_is_the_same_in_all_scenes_moves_nothing(drawn):
    table = drawn.table("attention_tags")
    tags = read_tags(drawn.made_up.tags_path, drawn.made_up.clips["filename"].tolist())
    vectors, scenes = (
        tags.vectors[is_test_clip(drawn)].astype(float),
        drawn.made_up.clips["scene"][is_test_clip(drawn)].to_numpy(),
    )
    attention, mean = attention_of(drawn), vectors.mean(axis=0)
    for row in table.to_dict("records"):
        place = tags.labels.index(row["tag"])
        step = np.zeros(len(mean))
        step[place] = vectors[scenes == row["scene"], place].mean() - mean[place]
        # Central differences of the logarithms, without the derivative that the figure uses.
        small = 1e-4
        change = np.log(attention.factors((mean + small * step)[None]) / attention.factors((mean - small * step)[None]))
        assert row["movement"] == pytest.approx(np.sqrt((change**2).mean()) / (2 * small), rel=1e-4)


def test_drawn_movements_are_those_of_the_table(drawn):
    table = drawn.table("attention_tags")
    axes = draw_attention_tags(table).axes[0]
    values = np.asarray(axes.collections[0].get_array())
    names = [text.get_text() for text in axes.get_yticklabels()]
    totals = table.groupby("tag")["movement"].sum()
    assert names == totals.sort_values(ascending=False).index.tolist()
    assert values.sum(axis=1) == pytest.approx(100 * totals[names].to_numpy())


def test_codes_are_projected_as_a_singular_value_decomposition_does(drawn):
    table = drawn.table("codes")
    cell = table["cell"].iloc[0]
    clips = drawn.made_up.clips
    codes = read_codes(CODES, drawn.folder / "cells" / cell / "seed0" / "codes.npy", 1, len(clips))[0][
        is_test_clip(drawn)
    ]
    centred = codes.astype(float) - codes.astype(float).mean(axis=0)
    _, sizes, directions = np.linalg.svd(centred, full_matrices=False)
    for column, direction in zip(("first", "second"), directions, strict=False):
        assert np.abs(table[column].to_numpy()) == pytest.approx(np.abs(centred @ direction))
    assert table["first_share"].iloc[0] == pytest.approx(sizes[0] ** 2 / (sizes**2).sum())
    assert table["filename"].tolist() == clips["filename"][is_test_clip(drawn)].tolist()


def points_of(axes):
    data = [np.column_stack(line.get_data()) for line in axes.lines if len(line.get_xdata())]
    return np.concatenate(data)


def test_drawn_codes_are_those_of_the_table(drawn, drawn_as_written):
    table = drawn.table("codes")
    found = points_of(drawn_as_written(draw_codes, table).axes[0])
    expected = table[["first", "second"]].to_numpy()
    assert sorted(map(tuple, found)) == sorted(map(tuple, expected))


def test_of_many_clips_every_kth_is_drawn_and_the_title_says_so():
    rows = [("codecat", f"{n}.wav", f"scene {n % 3}", "oslo", float(n), 0.0, 0.5, 0.1) for n in range(4185)]
    table = pd.DataFrame(
        rows, columns=["cell", "filename", "scene", "city", "first", "second", "first_share", "second_share"]
    )
    axes = draw_codes(table).axes[0]
    assert len(points_of(axes)) == 1395
    assert axes.get_title() == "codecat: every 3rd of 4,185 test clips"
    assert draw_codes(table[:2]).axes[0].get_title() == "codecat: all 2 test clips"
    assert draw_codes(table[:1]).axes[0].get_title() == "codecat: 1 test clip"


@pytest.mark.parametrize("codes", [np.ones((1, 4)), np.ones((5, 4)), np.arange(5.0)[:, None]])
def test_codes_without_variance_are_drawn(codes):
    clips = pd.DataFrame({"filename": "a", "scene": "bus", "city": "oslo"}, index=range(len(codes)))
    table = code_rows("codecat", codes, clips)
    assert table["second"].tolist() == [0.0] * len(codes)
    draw_codes(table)


def runs(*predicted):
    return [pd.DataFrame({"filename": list("abcd"), "scene": "bus", "predicted": list(run)}) for run in predicted]


def test_gained_clips_by_hand():
    tags = Tags(
        np.array([[0.1, 0.9, 0.5, 0.2], [1.0, 0, 0, 0], [0, 0, 0, 1.0], [0, 0, 0, 0]], np.float32), list("wxyz"), []
    )
    bus, tram = "bus", "tram"
    ours = runs((bus, tram, bus, tram), (bus, tram, bus, bus), (tram, bus, bus, tram))
    baseline = runs((tram, bus, bus, "walk"), (tram, bus, bus, tram), ("walk", bus, bus, "walk"))
    table = gained_rows("codecat", ours, baseline, tags).set_index("filename")
    assert table["change"].to_dict() == {"a": "gained", "b": "lost"}
    assert table.loc["a", ["baseline_predicted", "predicted"]].tolist() == ["tram", "bus"]
    assert table.loc["a", ["tag1", "tag2", "tag3"]].tolist() == ["x", "y", "z"]
    assert table.loc["a", ["value1", "value2", "value3"]].tolist() == pytest.approx([0.9, 0.5, 0.2])


def test_a_tie_between_seeds_is_not_right():
    tags = Tags(np.zeros((4, 1), np.float32), ["x"], [])
    table = gained_rows("codecat", runs(["bus"] * 4), runs(["bus"] * 4, ["tram"] * 4), tags)
    assert table["change"].tolist() == ["gained"] * 4
    assert table["tag2"].isna().all()
    draw_gained_clips(table.assign(tag2="", tag3=""))


def test_gained_clips_are_counted_from_predictions(drawn):
    table, comparisons = drawn.table("gained_clips"), COMPARISONS.read(drawn.folder / "comparisons.csv")
    cell = table["cell"].iloc[0]
    assert not comparisons[comparisons["cell"] == cell].empty

    def right(name):
        shares = []
        for seed in (0, 1):
            rows = PREDICTIONS.read(drawn.folder / "cells" / name / f"seed{seed}" / "predictions.csv")
            rows = rows[(rows["protocol"] == "last") & (rows["test_list"] == "official")].set_index("filename")
            shares.append(rows["predicted"] == rows["scene"])
        return (shares[0] + 0 + shares[1]) == 2

    ours, theirs = right(cell), right("baseline")
    assert set(table.loc[table["change"] == "gained", "filename"]) == set(ours.index[ours & ~theirs])
    assert set(table.loc[table["change"] == "lost", "filename"]) == set(ours.index[~ours & theirs])


def test_drawn_bars_are_the_counts_of_the_table(drawn):
    table = drawn.table("gained_clips")
    axes = draw_gained_clips(table).axes[0]
    widths = [bar.get_width() for bar in axes.patches]
    assert sum(width for width in widths if width > 0) == (table["change"] == "gained").sum()
    assert -sum(width for width in widths if width < 0) == (table["change"] == "lost").sum()


@pytest.mark.parametrize("architecture", ["table1", "table6"])
@pytest.mark.parametrize("name", [*list(CELLS)[:4], "attention-heads2-layers1", "shared-heads4-layers3", "codecat"])
def test_counted_weights_are_the_trainable_parameters(name, architecture, tmp_path):
    settings = Network(filters=16, blocks=3, code_size=8, architecture=architecture, attention_site="before_pooling")
    write_weights(MODEL, tmp_path / "x.safetensors", SceneNetwork(parse(name), settings, 2, 5, 3))
    assert count_weights(MODEL, tmp_path / "x.safetensors") == count_parameters(parse(name), settings, 5, 3, 2)


def test_parameters_stand_next_to_the_systems_of_table_6(drawn):
    table = drawn.table("parameters").set_index("system")
    rows = COMPARISONS.read(drawn.folder / "comparisons.csv")
    rows = rows[(rows["protocol"] == "last") & (rows["test_list"] == "official")].set_index("cell")
    cited = [system for system in (*TABLE6_CITED, TABLE6_OURS) if system.parameters]
    assert table.index.tolist()[-len(cited) :] == [system.name for system in cited]
    assert table.loc["Ours", "parameters"] == 676_000
    assert table.loc["Ours", "accuracy"] == pytest.approx(0.7675)
    for cell in ("baseline", "codecat", ATTENDED):
        assert table.loc[cell, "accuracy"] == rows.loc[cell, "accuracy"]
        path = drawn.folder / "cells" / cell / "seed0" / "model.safetensors"
        assert table.loc[cell, "parameters"] == count_weights(MODEL, path)


def test_drawn_sizes_are_those_of_the_table(drawn):
    table = drawn.table("parameters")
    found = points_of(draw_parameters(table).axes[0])
    expected = np.column_stack([table["parameters"], 100 * table["accuracy"]])
    assert np.sort(found, axis=0) == pytest.approx(np.sort(expected, axis=0))


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (["baseline"], {"attention": "no cell with heads", "codes": "no cell that takes its own tags"}),
        (["codecat", "jung2019"], {"attention_tags": "no cell with heads", "gained_clips": "the baseline or a cell"}),
    ],
)
def test_what_cannot_be_shown_is_said(cells, said, write):
    written = write(cells)
    written.draw_networks()
    for name in NAMES:
        assert written.svg(name).rstrip().endswith("</svg>")
    for name, text in said.items():
        assert written.table(name).empty
        assert text in written.svg(name)


def test_codes_of_a_named_cell_are_drawn(write):
    written = write(["baseline", "codecat"], (3, 1))
    written.draw_networks(codes_cell="baseline")
    assert set(written.table("codes")["cell"]) == {"baseline"}
