"""Scoring of a cell of the paper's size, compared with a plain loop over scikit-learn's SVC."""

import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold
from sklearn.svm import SVC

from benchmarks.record import arguments, report
from tagasc.artifacts.codes import CODES
from tagasc.artifacts.predictions import PREDICTIONS
from tagasc.artifacts.scenes import CLIPS
from tagasc.backend.score_cell import score_cell
from tagasc.backend.svm import SvmClassifier
from tagasc.config import Backend, Svm

TRAIN, EVALUATE, UNUSED, CODE = 9_185, 4_185, 1_030, 64


def prepare(folder: Path) -> tuple[NDArray[np.float16], NDArray[np.str_], NDArray[np.int64]]:
    """Write random codes for which accuracies are about those of the paper; return codes, scenes and locations."""
    random, total = np.random.default_rng(0), TRAIN + EVALUATE + UNUSED
    scene = random.integers(0, 10, total)
    location = np.concatenate([random.integers(0, 325, TRAIN), random.integers(325, 514, total - TRAIN)])
    centres, places = random.normal(0, 0.35, (10, CODE)), random.normal(0, 0.7, (514, CODE))
    codes = (centres[scene] + places[location] + random.normal(size=(total, CODE))).astype(np.float16)
    rows = {"filename": [f"{n}.wav" for n in range(total)], "scene": [f"scene{n}" for n in scene], "city": "a"}
    rows["location"] = [f"a-{n}" for n in location]
    rows["split"] = ["train"] * TRAIN + ["evaluate"] * EVALUATE + ["unused"] * UNUSED
    CLIPS.write(folder / "clips.csv", pd.DataFrame(rows).assign(scale=1.0))
    CODES.write(folder / "codes.npy", codes[None])
    return codes, np.array(rows["scene"]), location


def score(folder: Path, threads: int) -> None:
    """Score the codes that `prepare` has written."""
    score_cell(
        "baseline",
        0,
        SvmClassifier.of_cells(Backend(), threads),
        [90],
        clips_path=folder / "clips.csv",
        codes_path=folder / "codes.npy",
        codes_by_epoch_path=None,
        scores_path=folder / "scores.csv",
        predictions_path=folder / "predictions.csv",
    )


def main() -> None:
    """Score, and predict the same clips with a plain loop."""
    given = arguments(__doc__).parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        codes, names, location = prepare(folder)
        started = time.perf_counter()
        score(folder, given.threads)
        own = time.perf_counter() - started
        predictions = PREDICTIONS.read(folder / "predictions.csv")
    predicted = predictions.loc[predictions["test_list"] == "all_but_train", "predicted"].to_numpy(str)

    started = time.perf_counter()
    wide = codes.astype(float)
    train, test = slice(0, TRAIN), slice(TRAIN, None)
    folds = list(GroupKFold(Svm().n_splits).split(wide[train], names[train], location[train]))
    correct = {
        kernel: sum(np.sum(SVC(kernel=kernel).fit(wide[a], names[a]).predict(wide[b]) == names[b]) for a, b in folds)
        for kernel in Svm().kernels
    }
    best = max(correct, key=correct.__getitem__)
    expected = SVC(kernel=best).fit(wide[train], names[train]).predict(wide[test])
    plain = time.perf_counter() - started
    report(
        "scoring",
        f"{TRAIN:,} + {EVALUATE + UNUSED:,} codes of {CODE}, accuracy {np.mean(expected == names[test]):.1%}: "
        f"{own:.1f} s; plain loop {plain:.1f} s, {np.sum(predicted != expected)} predictions differ; ratio "
        f"{plain / own:.2f}",
        record=given.record,
    )


if __name__ == "__main__":
    main()
