"""The pairs of scenes that specialists take."""

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.svm import SVC

from tagasc.artifacts.codes import CODES
from tagasc.artifacts.confused_scenes import CONFUSED_SCENES, read_pair
from tagasc.artifacts.scenes import CLIPS
from tagasc.backend.find_confused_scenes import find_confused_scenes
from tagasc.runtime.errors import InputError

SCENES = np.array(["bus", "park", "street", "tram"])
MEANS = {"bus": [0.0, 0, 0], "park": [6, 0, 0], "street": [0, 6, 0], "tram": [1.5, 0, 0]}


@pytest.fixture
def cell(tmp_path):
    """Write codes in which bus and tram are confused on training clips, and park and street on all others."""
    random = np.random.default_rng(0)
    number = np.arange(120)
    scene = SCENES[number % 4]
    split = np.where(number < 80, "train", "evaluate")
    codes = np.array([MEANS[name] for name in scene]) + random.normal(size=(120, 3))
    tested = number >= 80
    park, street = (np.flatnonzero(tested & (scene == name)) for name in ("park", "street"))
    codes[np.r_[park, street]] = codes[np.r_[street, park]]
    clips = pd.DataFrame(
        {
            "filename": [f"{n}.wav" for n in number],
            "scene": scene,
            "city": "lyon",
            "location": [f"lyon-{n % 9}" for n in number],
            "split": split,
            "scale": 1.0,
        }
    )
    return write(tmp_path, clips, codes)


def write(folder, clips, codes):
    CLIPS.write(folder / "clips.csv", clips)
    CODES.write(folder / "codes.npy", codes[None])
    return folder, clips, np.load(folder / "codes.npy")[0].astype(float)


def find(folder, confusion_of="train", specialists=2):
    output = folder / "confused_scenes.csv"
    find_confused_scenes(
        confusion_of, specialists, clips_path=folder / "clips.csv", codes_path=folder / "codes.npy", output=output
    )
    return CONFUSED_SCENES.read(output)


def confusions(truth, predicted, scene, other):
    return int(((truth == scene) & (predicted == other)).sum() + ((truth == other) & (predicted == scene)).sum())


def test_training_clips_decide_with_locations_held_out(cell):
    folder, clips, codes = cell
    pairs = find(folder)
    train = clips["split"] == "train"
    truth, locations = clips["scene"][train].to_numpy(str), clips["location"][train]
    machines = [SVC(kernel=kernel, gamma="scale") for kernel in ("rbf", "sigmoid")]
    predictions = [
        cross_val_predict(machine, codes[train], truth, groups=locations, cv=GroupKFold(5)) for machine in machines
    ]
    predicted = max(predictions, key=lambda each: (each == truth).sum())
    assert len(pairs) == 6
    assert pairs["rank"].tolist() == [1, 2, 3, 4, 5, 6]
    for row in pairs.itertuples():
        assert row.confused == confusions(truth, predicted, row.scene, row.other)
        means = [codes[train][truth == name].mean(axis=0) for name in (row.scene, row.other)]
        assert row.distance == pytest.approx(np.sqrt(((means[0] - means[1]) ** 2).sum()))
    order = pairs[["confused", "distance"]].assign(confused=-pairs["confused"]).to_numpy().tolist()
    assert order == sorted(order)  # of pairs that are confused equally often, the nearest first
    assert len(set(pairs["confused"])) < 6
    assert read_pair(folder / "confused_scenes.csv", 1) == ("bus", "tram")


def test_no_test_clip_decides_under_train(cell):
    folder, clips, codes = cell
    expected = find(folder)
    codes[clips["split"] != "train"] = 0
    write(folder, clips, codes)
    pd.testing.assert_frame_equal(find(folder), expected)


def test_as_in_jung2019_test_clips_decide(cell):
    folder, clips, codes = cell
    pairs = find(folder, "test")
    train = (clips["split"] == "train").to_numpy()
    scenes = clips["scene"].to_numpy(str)
    machines = [SVC(kernel=kernel, gamma="scale").fit(codes[train], scenes[train]) for kernel in ("rbf", "sigmoid")]
    predicted = max((each.predict(codes[~train]) for each in machines), key=lambda p: (p == scenes[~train]).sum())
    assert pairs.loc[0, ["scene", "other"]].tolist() == ["park", "street"]
    assert pairs.loc[0, "confused"] == confusions(scenes[~train], predicted, "park", "street")


def test_too_few_scenes_pairs_or_locations(cell):
    folder, clips, codes = cell
    with pytest.raises(InputError, match=r"^frontend.distillation.specialists: 7 specialists need 7 pairs of scenes"):
        find(folder, specialists=7)
    write(folder, clips.assign(location="lyon-0"), codes)
    with pytest.raises(InputError, match=r"^frontend.distillation.confusion_of: train needs .* at least 2 locations"):
        find(folder)
    two = clips["scene"].isin(["bus", "tram"])
    write(folder, clips[two], codes[two])
    with pytest.raises(InputError, match=r"and a third scene, and the training clips have 1 pairs; choose fewer"):
        find(folder, specialists=1)


def test_a_rank_that_is_not_there(cell):
    find(cell[0])
    with pytest.raises(InputError, match=r"has 0 pairs of rank 9, expected one; delete it, and rule find_confused_sce"):
        read_pair(cell[0] / "confused_scenes.csv", 9)
