import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from tagasc.artifacts.codes import CODES, CROP_CODES
from tagasc.artifacts.controls import CONTROLS
from tagasc.artifacts.predictions import CONTROL_PREDICTIONS
from tagasc.artifacts.scenes import CLIPS
from tagasc.artifacts.tags import Tags, write_tags
from tagasc.backend.score_control import score_control
from tagasc.backend.svm import SvmClassifier
from tagasc.config import Backend, Controls, Svm
from tagasc.runtime.errors import InputError

pytestmark = pytest.mark.usefixtures("without_records")

TRAIN, TEST, SCENES = 120, 240, 6
SCENE = np.arange(TRAIN + TEST) % SCENES


@pytest.fixture
def corpus(tmp_path):
    """Clips of six scenes, and a function that writes their codes and, in another order, their tags."""
    names = [f"{n}.wav" for n in range(TRAIN + TEST)]
    columns = {"filename": names, "scene": [f"scene{n}" for n in SCENE], "city": "oslo", "scale": 1.0}
    columns["split"] = np.repeat(["train", "evaluate", "unused"], [TRAIN, TEST - 40, 40])
    locations = [f"oslo-{n // 12}" for n in range(TRAIN + TEST)]
    CLIPS.write(tmp_path / "clips.csv", pd.DataFrame(columns).assign(location=locations))

    def write(codes, tags):
        CODES.write(tmp_path / "codes.npy", codes[None].astype(np.float16))
        write_tags(tmp_path / "tags.npz", Tags(tags[::-1], [f"tag{n}" for n in range(tags.shape[1])], names[::-1]))
        return tmp_path

    return write


def draw(seed=0, separation=1.0):
    """Return codes and tags: values around one centre per scene. Codes have about 300 times the variance of tags."""
    random = np.random.default_rng(seed)
    values = [random.normal(size=(SCENES, 8))[SCENE] * separation + random.normal(size=(len(SCENE), 8)) for _ in "ab"]
    codes, tags = 2.0 * values[0], np.clip(0.5 + 0.11 * values[1], 0, 1).astype(np.float32)
    return codes, tags


def score(folder, control, backend=None, crop_codes=None):
    make_classifier = SvmClassifier.of_tuned_controls if CONTROLS[control].tuned else SvmClassifier.of_cells
    score_control(
        control,
        3,
        make_classifier(backend or Backend(), threads=2),
        epoch=90,
        clips_path=folder / "clips.csv",
        feature_paths={"tags": folder / "tags.npz", "codes": folder / "codes.npy"},
        predictions_path=folder / "out" / "predictions.csv",
        crop_codes_path=crop_codes,
    )
    predictions = CONTROL_PREDICTIONS.read(folder / "out" / "predictions.csv")
    return predictions[predictions["test_list"] == "all_but_train"]


def features(control, codes, tags):
    codes = codes.astype(np.float16).astype(float)
    return {"tags_alone": tags, "tuned_tags": tags, "tuned_baseline": codes}.get(control, np.hstack([codes, tags]))


def test_predictions_belong_to_the_control_and_to_the_seed(corpus):
    folder = corpus(*draw())
    listed = score(folder, "tags_alone")
    assert listed["filename"].tolist() == [f"{n}.wav" for n in range(TRAIN, TRAIN + TEST)]
    assert listed[["protocol", "cell", "seed"]].drop_duplicates().to_numpy().tolist() == [["last", "tags_alone", 3]]
    both = CONTROL_PREDICTIONS.read(folder / "out" / "predictions.csv")
    assert both["test_list"].value_counts().to_dict() == {"all_but_train": TEST, "official": TEST - 40}


@pytest.mark.parametrize("control", ["tags_alone", "baseline_with_tags"])
def test_plain_controls_are_classified_as_codes_are(corpus, control):
    codes, tags = draw()
    listed = score(corpus(codes, tags), control, Backend(svm=Svm(kernels=["rbf"], C=0.7), controls=Controls(rbf=[99])))
    seen = features(control, codes, tags).astype(float)
    expected = SVC(C=0.7).fit(seen[:TRAIN], SCENE[:TRAIN]).predict(seen[TRAIN:])
    assert listed["predicted"].tolist() == [f"scene{n}" for n in expected]
    assert listed["kernel"].unique().tolist() == ["rbf"]


@pytest.mark.parametrize("control", ["tuned_tags", "tuned_baseline", "tuned_baseline_with_tags"])
def test_tuned_controls_are_standardised(corpus, control):
    codes, tags = draw()
    backend = Backend(svm=Svm(kernels=["rbf"], C=0.7), controls=Controls(linear=[0.1], rbf=[], sigmoid=[]))
    listed = score(corpus(codes, tags), control, backend)
    seen = features(control, codes, tags)
    machine = make_pipeline(StandardScaler(), SVC(C=0.1, kernel="linear")).fit(seen[:TRAIN], SCENE[:TRAIN])
    assert listed["predicted"].tolist() == [f"scene{n}" for n in machine.predict(seen[TRAIN:])]
    assert listed["kernel"].unique().tolist() == ["linear, C=0.1, standardised"]


@pytest.mark.parametrize("scenes", [2, SCENES])
def test_late_fusion_adds_the_decision_values_of_two_machines(corpus, scenes):
    codes, tags = draw()
    folder = corpus(codes, tags)
    scene = SCENE % scenes
    clips = CLIPS.read(folder / "clips.csv")
    CLIPS.write(folder / "clips.csv", clips.assign(scene=[f"scene{n}" for n in scene]))
    listed = score(folder, "late_fusion", Backend(controls=Controls(linear=[], rbf=[2], sigmoid=[])))
    total = 0
    for seen in (codes.astype(np.float16).astype(float), tags):
        machine = make_pipeline(StandardScaler(), SVC(C=2)).fit(seen[:TRAIN], scene[:TRAIN])
        total = total + machine.decision_function(seen[TRAIN:])
    expected = (total > 0).astype(int) if scenes == 2 else total.argmax(axis=1)
    assert listed["predicted"].tolist() == [f"scene{n}" for n in expected]
    name = "rbf, C=2, standardised"
    assert listed["kernel"].unique().tolist() == [f"tags: {name}; codes: {name}"]


@pytest.mark.parametrize("control", CONTROLS)
def test_controls_of_the_baseline_are_fitted_on_crops(corpus, control):
    """Tags are those of the same clips. Controls on tags alone are what they were."""
    codes, tags = draw()
    folder, path = corpus(codes, tags), None
    crops = np.full((TRAIN, 8), np.nan)
    used = np.random.default_rng(2).permutation(TRAIN)[:100]
    crops[used] = codes[used] + np.random.default_rng(3).normal(size=(100, 8))
    if "codes" in CONTROLS[control].features:
        path = folder / "codes-crops.npy"
        CROP_CODES.write(path, crops[None])
    else:
        used = np.arange(TRAIN)
    backend = Backend(svm=Svm(kernels=["rbf"]), controls=Controls(linear=[0.1], rbf=[], sigmoid=[]))
    listed = score(folder, control, backend, path)

    def decide(fitted, seen):
        machine = SVC(C=0.1, kernel="linear") if CONTROLS[control].tuned else SVC()
        machine = make_pipeline(StandardScaler(), machine) if CONTROLS[control].tuned else machine
        fitted = machine.fit(fitted[used], SCENE[used])
        return fitted.decision_function(seen[TRAIN:]) if CONTROLS[control].fused else fitted.predict(seen[TRAIN:])

    crops = crops.astype(np.float16).astype(float)
    if CONTROLS[control].fused:
        whole = codes.astype(np.float16).astype(float)
        expected = (decide(crops, whole) + decide(tags, tags)).argmax(axis=1)
    else:
        expected = decide(features(control, crops, tags[:TRAIN]), features(control, codes, tags))
    assert listed["predicted"].tolist() == [f"scene{n}" for n in expected]


def test_tuned_controls_notice_what_tags_tell_and_plain_ones_do_not(corpus):
    codes, tags = draw(separation=0.7)
    assert 200 < codes.var() / tags.var() < 400
    truth = [f"scene{n}" for n in SCENE[TRAIN:]]

    def correct(control, tags):
        return np.mean(score(corpus(codes, tags), control)["predicted"].to_numpy(str) == truth)

    shuffled = np.random.default_rng(1).permutation(tags)
    plain = SvmClassifier.of_cells(Backend()).machines[1]  # both controls choose the sigmoid kernel
    baseline = np.mean(plain.predict(codes[:TRAIN], SCENE[:TRAIN], codes[TRAIN:]) == SCENE[TRAIN:])
    assert abs(correct("baseline_with_tags", tags) - baseline) < 0.02
    tuned = correct("tuned_baseline", tags)
    for control in ("tuned_baseline_with_tags", "late_fusion"):
        assert correct(control, tags) > tuned + 0.08
        assert correct(control, shuffled) < tuned


def test_tags_of_other_clips_are_an_error(corpus):
    codes, tags = draw()
    folder = corpus(codes, tags)
    write_tags(folder / "tags.npz", Tags(tags, [f"tag{n}" for n in range(8)], [f"other-{n}.wav" for n in range(360)]))
    problem = r"tags\.npz: 0\.wav has no tag vector \(360 clips lack one\).*rule tag_scenes or import_tags"
    with pytest.raises(InputError, match=problem):
        score(folder, "tags_alone")
