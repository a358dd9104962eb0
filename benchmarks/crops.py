"""Random windows of several lengths: losses and accuracies on the packed corpus of a finished experiment.

One cell per family is trained with each length and seed: on whole clips, on windows that are 10 ms or 0.5 s shorter,
and on halves. The support vector machines are fitted on codes of whole training clips, and on those of random windows.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from benchmarks.record import arguments, report
from tagasc.artifacts.history import CELL_HISTORY, read_history
from tagasc.artifacts.scenes import WAVEFORMS
from tagasc.artifacts.scores import read_scores
from tagasc.artifacts.tree import ResultsTree
from tagasc.backend.score_cell import score_cell
from tagasc.backend.svm import SvmClassifier
from tagasc.config import Experiment
from tagasc.config.loading import load_files
from tagasc.frontend.train_cell import train_cell
from tagasc.paper.grid import parse

CELLS = (
    "baseline",
    "codecat",
    "before_code-layers3",
    "attention-heads2-layers1",
    "separate-heads4-concat4-attention3",
    "shared-heads4-layers3",
)
_FILES = {
    "model": "model.safetensors",
    "history": "history.jsonl",
    "codes": "codes.npy",
    "crop_codes": "codes-crops.npy",
}


def measure(configuration: str, seconds: float, crop: float | None, name: str, seed: int) -> dict[str, Any]:
    """Train a cell on windows of ``crop`` s; return its losses and its accuracies in per cent."""
    experiment = load_files([Path(configuration)], [])
    tree, cell = ResultsTree(experiment), parse(name)
    frontend = experiment.frontend
    training = frontend.training.model_copy(update={"crop": crop})
    clips = Path(tree.scenes, "clips.csv")
    with TemporaryDirectory() as created:
        folder = Path(created, "cells", name, f"seed{seed}")
        files = {key: folder / file for key, file in _FILES.items()}
        train_cell(
            cell,
            seed,
            frontend.model_copy(update={"training": training}),
            experiment.scenes.audio.sample_rate,
            clips=clips,
            waveforms=Path(tree.scenes, "waveforms.npy"),
            tags=Path(tree.tag_cache) if cell.uses_tags else None,
            threads=1,
            model=files["model"],
            history=files["history"],
            codes=files["codes"],
            crop_codes=files["crop_codes"],
        )
        history = read_history(CELL_HISTORY, files["history"])
        accuracies = dict(_score(experiment, name, seed, clips, files))
    last = history[-1]
    return {
        "shift": 0.0 if crop is None else seconds - crop,
        "cell": name,
        "seed": seed,
        "first loss": history[0]["loss"],
        "last loss": last["loss"],
        "output layer": 100 * last["evaluate_accuracy"],
        **accuracies,
    }


def _score(
    experiment: Experiment, name: str, seed: int, clips: Path, files: dict[str, Path]
) -> Iterator[tuple[str, float]]:
    """Yield the accuracy in per cent of machines that are fitted on whole clips, and on windows."""
    for fitted, crop_codes in (("whole", None), ("windows", files["crop_codes"])):
        scores = files["codes"].with_name("scores.csv")
        score_cell(
            name,
            seed,
            SvmClassifier.of_cells(experiment.backend.of_cells),
            [experiment.frontend.training.epochs],
            clips_path=clips,
            codes_path=files["codes"],
            crop_codes_path=crop_codes,
            scores_path=scores,
            predictions_path=scores.with_name("predictions.csv"),
        )
        table = read_scores([scores])
        yield f"SVM on {fitted}", 100 * float(table.loc[table["test_list"] == "official", "accuracy"].iloc[0])


def main() -> None:
    """Train, score, and print means over cells and seeds, with standard deviations over seeds."""
    parser = arguments(__doc__)
    parser.add_argument("configfile", help="results/experiments/<name>/config.yaml; run this in the folder of results/")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--cells", nargs="+", default=CELLS, help="names of cells (default: one per family)")
    parser.add_argument("--output", type=Path, help="csv file for the single trainings")
    given = parser.parse_args()
    experiment = load_files([Path(given.configfile)], [])
    tree = ResultsTree(experiment)
    samples = WAVEFORMS.read(Path(tree.scenes, "waveforms.npy")).shape[2]
    seconds = samples / experiment.scenes.audio.sample_rate
    crops = [None, seconds - 0.01, seconds - 0.5, seconds / 2]
    runs = [(given.configfile, seconds, *run) for run in product(crops, given.cells, range(given.seeds))]
    os.environ["OMP_NUM_THREADS"] = "1"
    with ProcessPoolExecutor(given.threads, get_context("spawn")) as pool:
        table = pd.DataFrame(pool.map(measure, *zip(*runs, strict=True)))
    if given.output:
        table.to_csv(given.output, index=False)
    by_seed = table.drop(columns="cell").groupby(["shift", "seed"]).mean()
    mean, sd = by_seed.groupby("shift").mean(), by_seed.groupby("shift").std()
    for shift in mean.index:
        values = "; ".join(f"{key} {mean.loc[shift, key]:.3g} ± {sd.loc[shift, key]:.2g}" for key in mean.columns)
        name = f"windows, {experiment.name}"
        report(name, f"shift {shift:g} s of {seconds:g} s, {len(given.cells)} cells: {values}", record=given.record)


if __name__ == "__main__":
    main()
