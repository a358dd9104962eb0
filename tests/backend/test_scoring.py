import numpy as np
import pandas as pd
import pytest
from sklearn.svm import SVC

from tagasc.backend.scoring import score_cell
from tagasc.config import Backend
from tagasc.errors import InputError

SPLITS = ["train"] * 40 + ["evaluate"] * 20 + ["unused"] * 10


@pytest.fixture
def cell(tmp_path):
    """The files of one trained cell: three scenes at seven locations."""
    random = np.random.default_rng(0)
    number = np.arange(70)
    scene = number % 3
    codes = random.normal(size=(3, 6))[scene] + random.normal(size=(70, 6))
    clips = pd.DataFrame(
        {
            "filename": [f"{n}.wav" for n in number],
            "scene": np.array(["bus", "park", "tram"])[scene],
            "city": "lyon",
            "location": [f"lyon-{n % 7}" for n in number],
            "split": SPLITS,
            "scale": 1.0,
        }
    )
    clips.to_csv(tmp_path / "clips.csv", index=False)
    np.save(tmp_path / "codes.npy", np.stack([random.normal(size=codes.shape), codes]).astype(np.float16))
    return tmp_path


def score(folder, settings=None):
    paths = {"scores_path": folder / "scores.csv", "predictions_path": folder / "predictions.csv"}
    score_cell(
        "codecat",
        3,
        clips_path=folder / "clips.csv",
        codes_path=folder / "codes.npy",
        settings=settings or Backend(),
        epochs=90,
        **paths,
    )
    return [pd.read_csv(path) for path in paths.values()]


def test_scores_and_predictions_are_those_of_a_plain_loop(cell):
    scores, predictions = score(cell, Backend(kernels=["sigmoid"], regularisation=0.5))
    codes, clips = np.load(cell / "codes.npy")[1].astype(float), pd.read_csv(cell / "clips.csv")
    machine = SVC(kernel="sigmoid", C=0.5).fit(codes[:40], clips["scene"][:40])
    expected = machine.predict(codes[40:])
    assert predictions["predicted"].tolist() == expected.tolist()
    assert list(predictions.columns) == ["filename", "scene", "split", "protocol", "kernel", "predicted"]
    for column in ("filename", "scene", "split"):
        assert predictions[column].tolist() == clips[column][40:].tolist()
    right = [guess == truth for guess, truth in zip(expected, clips["scene"][40:], strict=True)]
    assert 0 < sum(right[:20]) < 20
    for row, name, count in zip(scores.to_dict("records"), ("official", "all_but_train"), (20, 30), strict=True):
        assert row == {
            "cell": "codecat",
            "seed": 3,
            "protocol": "last",
            "kernel": "sigmoid",
            "epoch": 90,
            "test_list": name,
            "clips": count,
            "correct": sum(right[:count]),
            "accuracy": pytest.approx(sum(right[:count]) / count),
        }


def test_only_training_clips_choose_the_kernel(cell):
    """Test codes and test scenes may be anything: the choice stays."""
    before = score(cell)[0]["kernel"].tolist()
    codes = np.load(cell / "codes.npy")
    codes[:, 40:] = 0
    np.save(cell / "codes.npy", codes)
    assert score(cell)[0]["kernel"].tolist() == before


def test_clips_of_a_single_location(cell):
    pd.read_csv(cell / "clips.csv").assign(location="lyon-0").to_csv(cell / "clips.csv", index=False)
    with pytest.raises(InputError, match="at least 2 locations, got 1"):
        score(cell)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_codes_that_are_not_finite(cell, value):
    codes = np.load(cell / "codes.npy")
    codes[0] = value  # an earlier epoch does not matter
    np.save(cell / "codes.npy", codes)
    score(cell)
    codes[1, [5, 50]] = value
    np.save(cell / "codes.npy", codes)
    (cell / "scores.csv").unlink()
    with pytest.raises(InputError, match=r"codes\.npy: the codes of 2 of 70 clips are not finite, .*learning_rate"):
        score(cell)
    assert not (cell / "scores.csv").exists()


@pytest.mark.parametrize("shape", [(1, 69, 6), (70, 6), (0, 70, 6)])
def test_codes_of_other_clips(cell, shape):
    np.save(cell / "codes.npy", np.zeros(shape, np.float16))
    with pytest.raises(InputError, match=r"codes\.npy: shape .* is not \(epochs, 70 clips of .*clips\.csv, code\); "):
        score(cell)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"scene": "bus"}, "at least 2 scenes, found bus; "),
        ({"split": "evaluate"}, "at least 2 scenes, found none; "),
        ({"split": "train"}, "no clip has split 'evaluate'; "),
    ],
)
def test_clips_that_cannot_be_learned_from_or_tested_on(cell, change, message):
    pd.read_csv(cell / "clips.csv").assign(**change).to_csv(cell / "clips.csv", index=False)
    with pytest.raises(InputError, match=rf"clips\.csv: .*{message}"):
        score(cell)


def test_a_table_without_locations(cell):
    pd.read_csv(cell / "clips.csv").drop(columns="location").to_csv(cell / "clips.csv", index=False)
    with pytest.raises(InputError, match=r"clips\.csv: no column location; "):
        score(cell)
