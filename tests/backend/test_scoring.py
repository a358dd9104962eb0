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
    np.save(tmp_path / "codes.npy", codes[None].astype(np.float16))
    # Three epochs: noise, half of it, and the last one's codes.
    noise = random.normal(size=codes.shape)
    np.save(tmp_path / "codes-every1.npy", np.stack([noise, codes + 0.5 * noise, codes]).astype(np.float16))
    return tmp_path


def score(folder, settings=None, epochs=(90,), codes_by_epoch=None):
    paths = {"scores_path": folder / "scores.csv", "predictions_path": folder / "predictions.csv"}
    score_cell(
        "codecat",
        3,
        clips_path=folder / "clips.csv",
        codes_path=folder / "codes.npy",
        codes_by_epoch_path=codes_by_epoch,
        settings=settings or Backend(),
        epochs=epochs,
        threads=2,
        **paths,
    )
    return [pd.read_csv(path) for path in paths.values()]


def test_scores_and_predictions_are_those_of_a_plain_loop(cell):
    scores, predictions = score(cell, Backend(kernels=["sigmoid"], regularisation=0.5))
    codes, clips = np.load(cell / "codes.npy")[0].astype(float), pd.read_csv(cell / "clips.csv")
    machine = SVC(kernel="sigmoid", C=0.5).fit(codes[:40], clips["scene"][:40])
    expected = machine.predict(codes[40:])
    columns = ["filename", "scene", "split", "protocol", "kernel", "predicted", "test_list"]
    assert list(predictions.columns) == columns
    for test_list, end in (("official", 60), ("all_but_train", 70)):
        listed = predictions[predictions["test_list"] == test_list]
        assert listed["predicted"].tolist() == expected[: end - 40].tolist()
        for column in ("filename", "scene", "split"):
            assert listed[column].tolist() == clips[column][40:end].tolist()
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
    codes[0, [5, 50]] = value
    np.save(cell / "codes.npy", codes)
    with pytest.raises(InputError, match=r"codes\.npy: the codes of 2 of 70 clips are not finite, .*learning_rate"):
        score(cell)
    assert not (cell / "scores.csv").exists()


def test_codes_of_any_epoch_that_are_not_finite(cell):
    codes = np.load(cell / "codes-every1.npy")
    codes[1, 3] = np.nan
    np.save(cell / "codes-every1.npy", codes)
    with pytest.raises(InputError, match=r"codes-every1\.npy: the codes of 1 of 70 clips are not finite"):
        score(cell, epochs=(1, 2, 3), codes_by_epoch=cell / "codes-every1.npy")


def test_best_on_test_is_that_of_a_plain_loop(cell):
    epochs = (30, 60, 90)
    scores, predictions = score(cell, epochs=epochs, codes_by_epoch=cell / "codes-every1.npy")
    clips, codes = pd.read_csv(cell / "clips.csv"), np.load(cell / "codes-every1.npy").astype(float)
    for test_list, rows in (("official", slice(40, 60)), ("all_but_train", slice(40, 70))):
        best = (-1,)
        for epoch, of_epoch in zip(epochs, codes, strict=True):
            for kernel in ("rbf", "sigmoid"):
                machine = SVC(kernel=kernel).fit(of_epoch[:40], clips["scene"][:40])
                expected = machine.predict(of_epoch[rows])
                correct = int((expected == clips["scene"][rows]).sum())
                if correct > best[0]:
                    best = correct, epoch, kernel, expected.tolist()
        found = scores[(scores["protocol"] == "best_on_test") & (scores["test_list"] == test_list)]
        assert found[["correct", "epoch", "kernel"]].to_numpy().tolist() == [list(best[:3])]
        chosen = predictions[(predictions["protocol"] == "best_on_test") & (predictions["test_list"] == test_list)]
        assert chosen["predicted"].tolist() == best[3]
        last = scores[(scores["protocol"] == "last") & (scores["test_list"] == test_list)]
        assert last["epoch"].item() == 90
        assert last["correct"].item() <= best[0]


@pytest.mark.parametrize("shape", [(1, 69, 6), (70, 6), (0, 70, 6), (2, 70, 6)])
def test_codes_of_other_clips(cell, shape):
    np.save(cell / "codes.npy", np.zeros(shape, np.float16))
    with pytest.raises(InputError, match=r"codes\.npy: shape .* is not \(1 epochs, 70 clips of .*clips\.csv, code\); "):
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
