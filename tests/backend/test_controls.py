import numpy as np
import pandas as pd
import pytest
from sklearn.svm import SVC

from tagasc.backend.controls import score_control
from tagasc.config import Backend
from tagasc.errors import InputError
from tagasc.tagger.cache import Tags, save_tags


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
    pd.DataFrame(columns).assign(location=locations).to_csv(tmp_path / "clips.csv", index=False)
    tags = np.clip(0.4 * (number % 2)[:, None] + random.uniform(0, 0.6, (40, 3)), 0, 1).astype(np.float32)
    save_tags(tmp_path / "tags.npz", Tags(tags[::-1], list("abc"), names[::-1]))
    codes = random.normal(size=(40, 4)).astype(np.float16)
    np.save(tmp_path / "codes.npy", codes[None])
    return tmp_path, scene, tags, codes


def score(folder, codes=None):
    score_control(
        clips_path=folder / "clips.csv",
        tags_path=folder / "tags.npz",
        codes_path=codes,
        settings=Backend(kernels=["rbf"]),
        epoch=90,
        predictions_path=folder / "out" / "predictions.csv",
        threads=1,
    )
    return pd.read_csv(folder / "out" / "predictions.csv")


@pytest.mark.parametrize("appended", [False, True])
def test_the_svm_sees_the_tags_alone_or_beside_the_baselines_codes(corpus, appended):
    folder, scene, tags, codes = corpus
    predictions = score(folder, folder / "codes.npy" if appended else None)
    seen = np.concatenate([codes, tags], axis=1) if appended else tags
    expected = SVC().fit(seen[:20].astype(float), scene[:20]).predict(seen[20:].astype(float))
    listed = predictions[predictions["test_list"] == "all_but_train"]
    assert listed["predicted"].tolist() == expected.tolist()
    assert listed["filename"].tolist() == [f"{n}.wav" for n in range(20, 40)]
    assert predictions["protocol"].unique().tolist() == ["last"]
    assert predictions["test_list"].value_counts().to_dict() == {"all_but_train": 20, "official": 12}


def test_tags_of_other_clips(corpus):
    folder, _, tags, _ = corpus
    save_tags(folder / "tags.npz", Tags(tags, list("abc"), [f"other-{n}.wav" for n in range(40)]))
    with pytest.raises(InputError, match=r"tags\.npz: no tag vector for 0\.wav \(40 clips in all\)"):
        score(folder)
