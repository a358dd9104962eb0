import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import GroupKFold
from sklearn.svm import SVC

from tagasc.artifacts.codes import CODES, CODES_BY_EPOCH, CROP_CODES, CROP_CODES_BY_EPOCH
from tagasc.artifacts.predictions import PREDICTIONS
from tagasc.artifacts.scenes import CLIPS
from tagasc.artifacts.scores import CELL_SCORES, read_scores
from tagasc.backend.score_cell import score_cell
from tagasc.backend.svm import SvmClassifier
from tagasc.config import Backend, Svm
from tagasc.runtime.errors import InputError

pytestmark = pytest.mark.usefixtures("without_records")

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
    CLIPS.write(tmp_path / "clips.csv", clips)
    CODES.write(tmp_path / "codes.npy", codes[None])
    # Three epochs: only noise, less noise, and the codes of the last one.
    noise = random.normal(size=codes.shape)
    CODES_BY_EPOCH.write(tmp_path / "codes-every1.npy", np.stack([noise, codes + 0.5 * noise, codes]))
    return tmp_path


@pytest.fixture
def crops(cell):
    """Codes of crops for three epochs: noisy codes of 40 training clips, of which each epoch lacks five others."""
    random = np.random.default_rng(1)
    codes = np.load(cell / "codes-every1.npy")[:, :40] + random.normal(size=(3, 40, 6)) + 0.5
    for of_epoch in codes:
        of_epoch[random.permutation(40)[:5]] = np.nan
    CROP_CODES.write(cell / "codes-crops.npy", codes[2:])
    CROP_CODES_BY_EPOCH.write(cell / "codes-crops-every1.npy", codes)
    return {"crop_codes": cell / "codes-crops.npy", "crop_codes_by_epoch": cell / "codes-crops-every1.npy"}


def score(folder, svm=None, epochs=(90,), codes_by_epoch=None, standardise=False, **crops):
    score_cell(
        "codecat",
        3,
        SvmClassifier.of_cells(Backend(svm=svm or Svm(), standardise=standardise), threads=2),
        epochs,
        clips_path=folder / "clips.csv",
        codes_path=folder / "codes.npy",
        codes_by_epoch_path=codes_by_epoch,
        scores_path=folder / "scores.csv",
        predictions_path=folder / "predictions.csv",
        **{f"{name}_path": path for name, path in crops.items()},
    )
    return CELL_SCORES.read(folder / "scores.csv"), PREDICTIONS.read(folder / "predictions.csv")


def test_scores_and_predictions_are_those_of_a_plain_loop(cell):
    scores, predictions = score(cell, Svm(kernels=["sigmoid"], C=0.5))
    codes, clips = np.load(cell / "codes.npy")[0].astype(float), pd.read_csv(cell / "clips.csv")
    machine = SVC(kernel="sigmoid", C=0.5).fit(codes[:40], clips["scene"][:40])
    expected = machine.predict(codes[40:])
    assert predictions[["cell", "seed"]].drop_duplicates().to_numpy().tolist() == [["codecat", 3]]
    for test_list, end in (("official", 60), ("all_but_train", 70)):
        listed = predictions[predictions["test_list"] == test_list]
        assert listed["predicted"].tolist() == expected[: end - 40].tolist()
        for column in ("filename", "scene", "split"):
            assert listed[column].tolist() == clips[column][40:end].tolist()
    right = [guess == truth for guess, truth in zip(expected, clips["scene"][40:], strict=True)]
    assert 0 < sum(right[:20]) < 20
    truth = clips["scene"][40:].to_numpy()
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
            "macro_accuracy": pytest.approx(balanced_accuracy_score(truth[:count], expected[:count])),
        }


def test_codes_of_every_epoch_are_standardised_if_wanted(cell):
    for name in ("codes.npy", "codes-every1.npy"):
        np.save(cell / name, np.load(cell / name) * np.float16([100, 1, 1, 1, 1, 1]))  # one value drowns the others
    given = {"svm": Svm(kernels=["rbf"]), "epochs": (1, 2, 3), "codes_by_epoch": cell / "codes-every1.npy"}
    scores, predictions = score(cell, standardise=True, **given)
    codes, clips = np.load(cell / "codes-every1.npy").astype(float), pd.read_csv(cell / "clips.csv")
    for rows in scores[scores["test_list"] == "official"].itertuples():
        of_epoch = (codes[rows.epoch - 1] - codes[rows.epoch - 1][:40].mean(0)) / codes[rows.epoch - 1][:40].std(0)
        expected = SVC().fit(of_epoch[:40], clips["scene"][:40]).predict(of_epoch[40:60])
        listed = predictions[(predictions["test_list"] == "official") & (predictions["protocol"] == rows.protocol)]
        assert listed["predicted"].tolist() == expected.tolist()
        assert rows.kernel == "rbf, standardised"
    assert scores["correct"].sum() > score(cell, **given)[0]["correct"].sum()


def test_without_unused_clips_there_is_one_test_list(cell):
    clips = CLIPS.read(cell / "clips.csv")
    CLIPS.write(cell / "clips.csv", clips.replace({"split": {"unused": "evaluate"}}))
    scores, predictions = score(cell, epochs=(1, 2, 3), codes_by_epoch=cell / "codes-every1.npy")
    assert scores[["protocol", "test_list", "clips"]].to_numpy().tolist() == [
        ["last", "official", 30],
        ["best_on_test", "official", 30],
    ]
    assert predictions["test_list"].unique().tolist() == ["official"]


def test_only_training_clips_choose_the_kernel(cell):
    """If the codes of the test clips change, the kernel stays."""
    before = score(cell)[0]["kernel"].tolist()
    codes = np.load(cell / "codes.npy")
    codes[:, 40:] = 0
    np.save(cell / "codes.npy", codes)
    assert score(cell)[0]["kernel"].tolist() == before


def test_training_clips_of_a_single_location_are_an_error(cell):
    pd.read_csv(cell / "clips.csv").assign(location="lyon-0").to_csv(cell / "clips.csv", index=False)
    with pytest.raises(InputError, match="at least 2 locations, and there is 1"):
        score(cell)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_codes_that_are_not_finite_are_an_error(cell, value):
    codes = np.load(cell / "codes.npy")
    codes[0, [5, 50]] = value
    np.save(cell / "codes.npy", codes)
    with pytest.raises(InputError, match=r"codes\.npy: the codes of 2 of 70 clips are not finite or .*learning_rate"):
        score(cell)
    assert not (cell / "scores.csv").exists()


def test_codes_of_an_earlier_epoch_that_are_not_finite_are_an_error(cell):
    codes = np.load(cell / "codes-every1.npy")
    codes[1, 3] = np.nan
    np.save(cell / "codes-every1.npy", codes)
    with pytest.raises(InputError, match=r"codes-every1\.npy: the codes of 1 of 70 clips are not finite"):
        score(cell, epochs=(1, 2, 3), codes_by_epoch=cell / "codes-every1.npy")


@pytest.mark.parametrize("train_codes", ["whole", "crops"])
def test_best_on_test_selects_what_a_plain_loop_selects(cell, crops, train_codes):
    """The machines of an epoch are fitted on the crops of that epoch, if on crops at all."""
    epochs, given = (30, 60, 90), crops if train_codes == "crops" else {}
    scores, predictions = score(cell, epochs=epochs, codes_by_epoch=cell / "codes-every1.npy", **given)
    clips, codes = pd.read_csv(cell / "clips.csv"), np.load(cell / "codes-every1.npy").astype(float)
    fitted = np.load(crops["crop_codes_by_epoch"]).astype(float) if given else codes[:, :40]
    for test_list, rows in (("official", slice(40, 60)), ("all_but_train", slice(40, 70))):
        best = (-1,)
        for epoch, of_epoch, known in zip(epochs, codes, fitted, strict=True):
            used = np.isfinite(known).all(axis=1)
            for kernel in ("rbf", "sigmoid"):
                machine = SVC(kernel=kernel).fit(known[used], clips["scene"][:40][used])
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


@pytest.mark.parametrize("kernels", [["rbf", "sigmoid"], ["sigmoid"]])
def test_machines_are_fitted_on_crops_and_predict_whole_clips(cell, crops, kernels):
    """A held-out clip of the cross-validation is a whole clip, too."""
    scores, predictions = score(cell, Svm(kernels=kernels, n_splits=3), crop_codes=crops["crop_codes"])
    clips, codes = pd.read_csv(cell / "clips.csv"), np.load(cell / "codes.npy")[0].astype(float)
    fitted = np.load(crops["crop_codes"])[0].astype(float)
    used = np.flatnonzero(np.isfinite(fitted).all(axis=1))
    assert len(used) == 35
    scenes, locations = clips["scene"].to_numpy(), clips["location"].to_numpy()
    correct = dict.fromkeys(kernels, 0)
    for kernel in kernels:
        for rest, held in GroupKFold(3).split(used, groups=locations[used]):
            machine = SVC(kernel=kernel).fit(fitted[used[rest]], scenes[used[rest]])
            correct[kernel] += (machine.predict(codes[used[held]]) == scenes[used[held]]).sum()
    assert len(set(correct.values())) == len(kernels)
    kernel = max(correct, key=correct.__getitem__)
    expected = SVC(kernel=kernel).fit(fitted[used], scenes[used]).predict(codes[40:])
    assert scores["kernel"].unique().tolist() == [kernel]
    listed = predictions[predictions["test_list"] == "all_but_train"]
    assert listed["predicted"].tolist() == expected.tolist()
    whole = score(cell, Svm(kernels=kernels, n_splits=3))[1]
    assert whole["predicted"].tolist() != predictions["predicted"].tolist()


def test_crops_of_another_size_of_code_are_an_error(cell, crops):
    CROP_CODES.write(crops["crop_codes"], np.load(crops["crop_codes"])[:, :, 1:])
    with pytest.raises(InputError, match=r"codes-crops\.npy: has the shape \(1, 40, 5\), expected \(1, 40, 6\)"):
        score(cell, crop_codes=crops["crop_codes"])
    CROP_CODES_BY_EPOCH.write(crops["crop_codes_by_epoch"], np.load(crops["crop_codes_by_epoch"])[1:])
    CROP_CODES.write(crops["crop_codes"], np.zeros((1, 40, 6)))
    with pytest.raises(InputError, match=r"codes-crops-every1\.npy: has the shape \(2, 40, 6\), expected \(3, 40, 6\)"):
        score(cell, epochs=(1, 2, 3), codes_by_epoch=cell / "codes-every1.npy", **crops)


@pytest.mark.parametrize("shape", [(1, 69, 6), (70, 6), (0, 70, 6), (2, 70, 6)])
def test_codes_of_another_shape_are_an_error(cell, shape):
    np.save(cell / "codes.npy", np.zeros(shape, np.float16))
    with pytest.raises(InputError, match=r"codes\.npy: .*; delete it, and rule train_cell writes it again"):
        score(cell)


def test_a_table_of_clips_without_locations_is_an_error(cell):
    pd.read_csv(cell / "clips.csv").drop(columns="location").to_csv(cell / "clips.csv", index=False)
    with pytest.raises(InputError, match=r"clips\.csv: expected the columns .*location.*rule pack_scenes"):
        score(cell)


def test_scores_can_be_collected(cell):
    scores, _ = score(cell, epochs=(1, 2, 3), codes_by_epoch=cell / "codes-every1.npy")
    assert read_scores([cell / "scores.csv"]).equals(scores)
