"""A made-up experiment: every file that figures and the overview page are made from, without any training.

Correct clips are drawn at random; locations and cells differ in how many are right.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tagasc.artifacts.codes import CODES
from tagasc.artifacts.controls import CONTROLS
from tagasc.artifacts.history import CELL_HISTORY, write_history
from tagasc.artifacts.predictions import CONTROL_PREDICTIONS, PREDICTIONS
from tagasc.artifacts.scenes import CLIPS
from tagasc.artifacts.scores import CELL_SCORES
from tagasc.artifacts.tags import Tags, write_tags
from tagasc.artifacts.weights import MODEL, write_weights
from tagasc.config import Experiment
from tagasc.corpora.tau2019 import CLIPS_BY_SCENE
from tagasc.frontend.network import SceneNetwork
from tagasc.paper.grid import TEST_LISTS, test_lists

SPLITS = ("train", "evaluate", "unused")


@dataclass(frozen=True)
class Sizes:
    """Sizes of a made-up experiment; `PAPER` has the paper's.

    Parameters
    ----------
    clips
        Clips of each scene in train, evaluate and unused.
    cities, tags, epochs
        Number of cities, tags and epochs. The last third of the cities, rounded down, has no training clips.
    locations
        Locations of each scene and city.
    """

    clips: dict[str, tuple[int, int, int]]
    cities: int = 3
    tags: int = 4
    epochs: int = 3
    locations: int = 2


PAPER = Sizes(CLIPS_BY_SCENE, cities=12, tags=80, epochs=90, locations=2)


class MadeUp:
    """Writes the files of an experiment below ``results``.

    Parameters
    ----------
    results
        The results tree.
    experiment
        Names, cells, seeds, protocols and networks.
    sizes
        Sizes of the corpus and of the trainings.
    """

    def __init__(self, results: Path, experiment: Experiment, sizes: Sizes) -> None:
        self.experiment, self.sizes = experiment, sizes
        self.folder = results / "experiments" / experiment.name
        self.clips_path = results / "corpora" / experiment.scenes.name / "clips.csv"
        self.tags_path = results / "tags" / experiment.tagger.name / f"{experiment.scenes.name}.npz"
        self._random = np.random.default_rng(0)
        self.clips = self._make_clips()

    def write(self) -> None:
        """Write clips, tags and, of each cell and seed, weights, history, codes, predictions and scores."""
        CLIPS.write(self.clips_path, self.clips)
        names = self.clips["filename"].tolist()
        vectors = self._random.beta(0.3, 3, (len(names), self.sizes.tags)).astype(np.float32)
        write_tags(self.tags_path, Tags(vectors, [f"tag {number}" for number in range(self.sizes.tags)], names))
        for cell in self.experiment.selected_cells:
            strength = self._random.normal(0.72, 0.02)
            for seed in self.experiment.seeds:
                folder = self.folder / "cells" / cell.name / f"seed{seed}"
                self._write_training(folder, cell.name, seed)
                self._write_scoring(folder, cell.name, seed, strength)
        for control in CONTROLS if "baseline" in [cell.name for cell in self.experiment.selected_cells] else ():
            for seed in self.experiment.seeds:
                folder = self.folder / "controls" / control / f"seed{seed}"
                self._write_scoring(folder, control, seed, 0.7)

    def paths(self, kind: str, name: str) -> list[Path]:
        """Return a file of every cell (or control) and seed; ``kind`` is the folder, cells or controls."""
        return sorted(self.folder.glob(f"{kind}/*/*/{name}"))

    def _make_clips(self) -> pd.DataFrame:
        rows: list[tuple[str, str, str, str, str, float, str]] = []
        unseen = self.sizes.cities // 3
        for place, split in enumerate(SPLITS):
            cities = range(self.sizes.cities - unseen if split == "train" else self.sizes.cities)
            for scene, counts in self.sizes.clips.items():
                for number in range(counts[place]):
                    city = cities[number % len(cities)]
                    location = f"{split}{city}-{scene}-{number // len(cities) % self.sizes.locations}"
                    name = f"audio/{split}-{scene}-{number:04}.wav".replace(" ", "_")
                    rows.append((name, scene, f"city{city}", location, split, 1.0, "a"))
        clips = pd.DataFrame(rows, columns=CLIPS.names)
        order = {split: place for place, split in enumerate(SPLITS)}
        return clips.sort_values(["split", "filename"], key=lambda column: column.replace(order), ignore_index=True)

    def _write_training(self, folder: Path, name: str, seed: int) -> None:
        frontend = self.experiment.frontend
        cell = next(cell for cell in self.experiment.selected_cells if cell.name == name)
        network = SceneNetwork(cell, frontend.recipe(cell).network, 2, self.sizes.tags, self.clips["scene"].nunique())
        write_weights(MODEL, folder / "model.safetensors", network)
        CODES.write(folder / "codes.npy", self._random.normal(size=(1, len(self.clips), network.code_size)))
        last = self.sizes.epochs
        rows: list[dict[str, Any]] = [
            {
                "cell": name,
                "seed": seed,
                "epoch": epoch,
                "loss": float(2.3 * epoch**-0.5 * self._random.uniform(0.9, 1.1)),
                "train_accuracy": 0.5,
                "seconds": 1.0,
                "device": "made-up processor, 1 thread",
            }
            for epoch in range(1, last + 1)
        ]
        rows[-1]["evaluate_accuracy"] = 0.6
        write_history(CELL_HISTORY, folder / "history.jsonl", rows)

    def _write_scoring(self, folder: Path, name: str, seed: int, strength: float) -> None:
        """Write predictions and, of a cell, scores."""
        predictions, scores = [], []
        for protocol in self.experiment.backend.protocols:
            for test_list, rows, right in self._draw(strength):
                start = (name, seed)
                predictions.append(
                    rows.assign(cell=name, seed=seed, protocol=protocol, kernel="rbf", test_list=test_list)
                )
                by_scene = pd.Series(right).groupby(rows["scene"].to_numpy()).mean()
                counted = (len(right), int(right.sum()), right.mean(), by_scene.mean())
                scores.append((*start, protocol, "rbf", self.sizes.epochs, test_list, *counted))
        kind = CONTROL_PREDICTIONS if name in CONTROLS else PREDICTIONS
        kind.write(folder / "predictions.csv", pd.concat(predictions))
        if name not in CONTROLS:
            CELL_SCORES.write(folder / "scores.csv", pd.DataFrame(scores, columns=CELL_SCORES.names))

    def _draw(self, strength: float) -> Iterator[tuple[str, pd.DataFrame, NDArray[np.bool_]]]:
        """Yield each test list with its clips, what is predicted for them, and whether that is right."""
        scenes: Sequence[str] = sorted(self.clips["scene"].unique())
        for test_list in test_lists(self.clips["split"]):
            rows = self.clips[self.clips["split"].isin(TEST_LISTS[test_list])][["filename", "scene", "split"]]
            right = self._random.random(len(rows)) < strength
            wrong = self._random.choice(scenes, len(rows))
            predicted = np.where(right, rows["scene"], wrong)
            yield test_list, rows.assign(predicted=predicted), predicted == rows["scene"].to_numpy()
