import numpy as np
import pandas as pd
import pytest
from sklearn.svm import SVC

from tagasc.artifacts.codes import CODES
from tagasc.artifacts.predictions import CONTROL_PREDICTIONS
from tagasc.artifacts.scenes import CLIPS
from tagasc.artifacts.tags import Tags, write_tags
from tagasc.backend.score_control import score_control
from tagasc.backend.svm import SvmClassifier
from tagasc.config import Svm
from tagasc.runtime.errors import InputError


@pytest.fixture
def corpus(tmp_path):
    """Forty clips of two scenes, half of them for training; their codes and, in another order, their tags."""
    random = np.random.default_rng(0)
    number = np.arange(40)
    names = [f"{n}.wav" for n in number]
    scene = np.array(["bus", "park"])[number % 2]
    split = np.repeat(["train", "evaluate", "unused"], [20, 12, 8])
    columns = {"filename": names, "scene": scene, "city": "oslo", "split": split, "scale": 1.0}
    locations = [f"oslo-{n % 5}" for n in number]
    CLIPS.write(tmp_path / "clips.csv", pd.DataFrame(columns).assign(location=locations))
    tags = np.clip(0.4 * (number % 2)[:, None] + random.uniform(0, 0.6, (40, 3)), 0, 1).astype(np.float32)
    write_tags(tmp_path / "tags.npz", Tags(tags[::-1], list("abc"), names[::-1]))
    codes = random.normal(size=(40, 4)).astype(np.float16)
    CODES.write(tmp_path / "codes.npy", codes[None])
    return tmp_path, scene, tags, codes


def score(folder, codes=None):
    score_control(
        "tags_alone",
        3,
        SvmClassifier(Svm(kernels=["rbf"])),
        epoch=90,
        clips_path=folder / "clips.csv",
        tags_path=folder / "tags.npz",
        codes_path=codes,
        predictions_path=folder / "out" / "predictions.csv",
    )
    return CONTROL_PREDICTIONS.read(folder / "out" / "predictions.csv")


@pytest.mark.parametrize("appended", [False, True])
def test_the_svm_sees_tags_alone_or_the_baselines_codes_and_tags(corpus, appended):
    folder, scene, tags, codes = corpus
    predictions = score(folder, folder / "codes.npy" if appended else None)
    seen = np.concatenate([codes, tags], axis=1) if appended else tags
    expected = SVC().fit(seen[:20].astype(float), scene[:20]).predict(seen[20:].astype(float))
    listed = predictions[predictions["test_list"] == "all_but_train"]
    assert listed["predicted"].tolist() == expected.tolist()
    assert listed["filename"].tolist() == [f"{n}.wav" for n in range(20, 40)]
    assert predictions["protocol"].unique().tolist() == ["last"]
    assert predictions[["cell", "seed"]].drop_duplicates().to_numpy().tolist() == [["tags_alone", 3]]
    assert predictions["test_list"].value_counts().to_dict() == {"all_but_train": 20, "official": 12}


def test_tags_of_other_clips_are_an_error(corpus):
    folder, _, tags, _ = corpus
    write_tags(folder / "tags.npz", Tags(tags, list("abc"), [f"other-{n}.wav" for n in range(40)]))
    with pytest.raises(
        InputError, match=r"tags\.npz: 0\.wav has no tag vector \(40 clips lack one\).*rule tag_scenes or import_tags"
    ):
        score(folder)
