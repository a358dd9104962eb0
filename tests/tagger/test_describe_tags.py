import math
import xml.etree.ElementTree as ET

import numpy as np
import pandas as pd
import pytest
import scipy.stats

from tagasc.artifacts.figure import write_figure
from tagasc.artifacts.scenes import CLIPS
from tagasc.artifacts.tags import Tags, write_tags
from tagasc.artifacts.telling_tags import FIGURE
from tagasc.runtime.errors import InputError
from tagasc.tagger.describe_tags import describe_tags, heat_map, telling_tags

SCENES = ["tram", "park", "tram", "metro_station", "park", "tram"]
LABELS = ["Bark", "Rain", "Money_$_$", "Wind", "Never", "Bell", "Horn"]


@pytest.fixture
def tags():
    """Return tags of six clips of three scenes: Bark in the park only, Wind everywhere the same, and Never nowhere."""
    vectors = np.random.default_rng(0).uniform(0.01, 1, (6, 7)).astype(np.float32)
    vectors[:, 0] = [0, 0.5, 0, 0, 0.25, 0]
    vectors[:, 3] = 0.125
    vectors[:, 4] = 0
    return Tags(vectors, LABELS, [f"audio/{n}.wav" for n in range(6)])


@pytest.fixture
def described(tags, tmp_path):
    write_tags(tmp_path / "tags.npz", tags)
    clips = pd.DataFrame({"filename": tags.filenames, "scene": SCENES, "city": "oslo", "location": "oslo-0"})
    CLIPS.write(tmp_path / "clips.csv", clips.assign(split="train", scale=1.0)[::-1])  # the tags have another order

    def describe(suffix):
        files = (tmp_path / "clips.csv", tmp_path / "tags.npz", tmp_path / "telling.csv", tmp_path / f"map.{suffix}")
        describe_tags(*files)
        return files[2:]

    return describe


def plain_mean(tags, label, scene=None):
    values = [
        float(vector[LABELS.index(label)])
        for vector, other in zip(tags.vectors, SCENES, strict=True)
        if scene in (None, other)
    ]
    return sum(values) / len(values)


def test_mean_and_lift_of_every_scene_and_tag(tags, described):
    path, _ = described("svg")
    table = pd.read_csv(path)
    assert list(table) == ["scene", "tag", "t", "mean", "lift"]
    assert sorted(zip(table["scene"], table["tag"], strict=True)) == sorted(
        (scene, tag) for scene in set(SCENES) for tag in LABELS
    )
    for row in table.itertuples():
        mean, overall = plain_mean(tags, row.tag, row.scene), plain_mean(tags, row.tag)
        assert row.mean == pytest.approx(mean, rel=1e-5)
        if row.tag == "Never":
            assert math.isnan(row.lift)
        else:
            assert row.lift == pytest.approx(mean / overall, rel=1e-5)


def test_scenes_are_sorted_and_the_most_telling_tag_comes_first(tags):
    table = telling_tags(tags, SCENES)
    assert table["scene"].tolist() == ["metro_station"] * 7 + ["park"] * 7 + ["tram"] * 7
    for _, rows in table.groupby("scene"):
        values = rows["t"].tolist()
        assert values == sorted(values, reverse=True)
    park = table[table["scene"] == "park"].set_index("tag")
    assert park["lift"]["Bark"] == pytest.approx(3)  # a third of the clips have all of the tag
    assert park.index[0] == "Bark"
    assert table.loc[table["tag"] == "Wind", "lift"].tolist() == pytest.approx([1, 1, 1])
    assert table.loc[table["tag"].isin(["Wind", "Never"]), "t"].tolist() == pytest.approx([0] * 6, abs=1e-9)


def test_the_t_value_is_that_of_welch(tags):
    table = telling_tags(tags, SCENES).set_index(["scene", "tag"])["t"]
    varying = [column for column, label in enumerate(LABELS) if label not in {"Wind", "Never"}]
    vectors = tags.vectors[:, varying].astype(float)
    for scene in ("park", "tram"):
        own = np.array(SCENES) == scene
        expected = scipy.stats.ttest_ind(vectors[own], vectors[~own], equal_var=False).statistic
        found = [table[scene, LABELS[column]] for column in varying]
        np.testing.assert_allclose(found, expected)


def test_constant_tags_and_single_clips_have_finite_values():
    vectors = np.array([[1, 0.5, 0.0], [1, 0.5, 0.1], [0, 0.5, 0.2], [0, 0.5, 0.4]], np.float32)
    tags = Tags(vectors, ["Perfect", "Same", "Any"], [])
    table = telling_tags(tags, ["bus", "bus", "park", "park"])
    assert table["tag"].tolist() == ["Perfect", "Same", "Any", "Any", "Same", "Perfect"]
    assert table["t"][0] == pytest.approx(1e6)
    single = telling_tags(tags, ["bus", "park", "park", "park"])
    assert np.isfinite(single["t"]).all()
    assert single[single["scene"] == "bus"]["tag"].tolist()[0] == "Perfect"
    assert telling_tags(tags, ["bus"] * 4)["t"].tolist() == [0, 0, 0]


def test_a_rare_tag_with_one_outlier_does_not_win():
    random = np.random.default_rng(0)
    vectors = random.beta(0.5, 50, (400, 521)).astype(np.float32)
    scenes = np.repeat(["beach", "forest", "street", "rain"], 100)
    vectors[:100, 7] += random.uniform(0, 0.1, 100).astype(np.float32)  # wind, in every clip of the beach
    vectors[:, 8] = 1e-6
    vectors[3, 8] = 0.9
    tags = Tags(vectors, [f"tag {n}" if n not in {7, 8} else {7: "Wind", 8: "Heart murmur"}[n] for n in range(521)], [])
    beach = telling_tags(tags, scenes.tolist())
    beach = beach[beach["scene"] == "beach"].reset_index(drop=True)
    assert beach["tag"][0] == "Wind"
    assert beach.loc[beach["lift"].argmax(), "tag"] == "Heart murmur"
    assert "Heart murmur" not in beach["tag"][:20].tolist()


def test_the_figure_names_every_scene_and_its_tags_as_text(tags, described):
    _, path = described("svg")
    root = ET.fromstring(path.read_text())  # noqa: S314 - the test wrote the file
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    texts = {"".join(element.itertext()).strip() for element in root.iter("{http://www.w3.org/2000/svg}text")}
    assert set(SCENES) <= texts
    table = telling_tags(tags, SCENES)
    shown = set(table.groupby("scene").head(4)["tag"])
    assert texts & set(LABELS) == shown
    assert f"{100 * plain_mean(tags, 'Bark', 'park'):.1f}" in texts
    assert "Date" not in path.read_text()


def test_the_same_tags_give_the_same_files(described):
    first = [path.read_bytes() for path in described("svg")]
    assert [path.read_bytes() for path in described("svg")] == first


@pytest.mark.parametrize(("scenes", "labels"), [(10, 80), (1, 1), (2, 3)])
def test_corpora_of_any_size_are_drawn(scenes, labels):
    vectors = np.random.default_rng(0).random((2 * scenes, labels)).astype(np.float32)
    vectors[:, :1] = 0  # a single tag is then 0 in all clips
    names = [f"scene {n % scenes}" for n in range(2 * scenes)]
    figure = heat_map(telling_tags(Tags(vectors, [f"tag {n}" for n in range(labels)], []), names))
    axes = figure.axes[0]
    assert [text.get_text() for text in axes.get_xticklabels()] == sorted(set(names))
    shown = [text.get_text() for text in axes.get_yticklabels()]
    assert min(labels, 4) <= len(set(shown)) == len(shown) <= 4 * scenes
    figure.canvas.draw()


@pytest.mark.usefixtures("described")
def test_tags_of_other_clips_are_refused(tags, tmp_path):
    write_tags(tmp_path / "tags.npz", Tags(tags.vectors[1:], tags.labels, tags.filenames[1:]))
    with pytest.raises(InputError, match=r"tags\.npz: audio/0\.wav has no tag vector"):
        describe_tags(*(tmp_path / name for name in ("clips.csv", "tags.npz", "telling.csv", "map.svg")))
    assert not (tmp_path / "telling.csv").exists()


def test_long_and_odd_names_are_drawn_without_a_warning(tmp_path, recwarn):
    names = ["<b>&amp; $x^2$", "駅の中", "a scene of sixty signs " + "o" * 37]
    vectors = np.random.default_rng(0).random((6, 2)).astype(np.float32)
    telling = telling_tags(Tags(vectors, ["t" * 60, "$"], []), names * 2)
    write_figure(FIGURE, tmp_path / "x.svg", lambda: heat_map(telling))
    assert not recwarn
    assert "駅の中" in (tmp_path / "x.svg").read_text()
