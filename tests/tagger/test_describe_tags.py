import math
import xml.etree.ElementTree as ET

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from tagasc.artifacts.scenes import CLIPS
from tagasc.artifacts.tags import Tags, write_tags
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
    assert list(table) == ["scene", "tag", "mean", "lift"]
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
        lifts = rows["lift"].tolist()
        assert lifts[:6] == sorted(lifts[:6], reverse=True)
        assert rows["tag"].iloc[6] == "Never"
    park = table[table["scene"] == "park"]
    assert park["tag"].iloc[0] == "Bark"
    assert park["lift"].iloc[0] == pytest.approx(3)  # a third of the clips have all of the tag
    assert table.loc[table["tag"] == "Wind", "lift"].tolist() == pytest.approx([1, 1, 1])


def test_the_figure_names_every_scene_and_its_tags_as_text(tags, described):
    _, path = described("svg")
    root = ET.fromstring(path.read_text())  # noqa: S314 - the test wrote the file
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    texts = {"".join(element.itertext()).strip() for element in root.iter("{http://www.w3.org/2000/svg}text")}
    assert set(SCENES) <= texts
    table = telling_tags(tags, SCENES)
    shown = set(table.groupby("scene").head(4)["tag"])
    assert "Never" not in shown
    assert texts & set(LABELS) == shown
    assert f"{100 * plain_mean(tags, 'Bark', 'park'):.1f}" in texts
    assert "Date" not in path.read_text()


def test_the_same_tags_give_the_same_files(described):
    first = [path.read_bytes() for path in described("svg")]
    assert [path.read_bytes() for path in described("svg")] == first


def test_a_figure_as_png(described):
    _, path = described("png")
    with Image.open(path) as image:
        image.verify()
        assert min(image.size) > 100


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
