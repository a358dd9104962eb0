"""Small experiments with made-up predictions."""

import numpy as np
import pandas as pd
import pytest

from tagasc.artifacts.configuration import write_configuration
from tagasc.artifacts.controls import CONTROLS
from tagasc.artifacts.predictions import PREDICTIONS
from tagasc.artifacts.scenes import CLIPS
from tagasc.tables.locations import Locations
from tagasc.tables.overview.compare_experiments import compare_experiments
from tagasc.tables.overview.comparison_sentences import findings, trust
from tagasc.tables.overview.experiments import read_experiments

PLACES = {  # location: scene and number of clips
    "paris-0": ("bus", 4),
    "paris-1": ("bus", 2),
    "milan-2": ("bus", 5),
    "paris-3": ("park", 3),
    "milan-4": ("park", 6),
    "milan-5": ("park", 1),
}
N = 21  # all of these clips


class Results:
    """A folder ``results`` with one corpus, and experiments with made-up predictions."""

    def __init__(self, folder):
        self.folder = folder
        self.right, self.tables = {}, {}
        self.clips = self.add_corpus("town", PLACES)
        scenes, clips = zip(*PLACES.values(), strict=True)
        self.locations = Locations(scenes, list(PLACES), clips)
        self.generator = np.random.default_rng(0)

    def add_corpus(self, name, places):
        rows = [
            ("train-bus.wav", "bus", "rome", "rome-8", "train"),
            ("train-park.wav", "park", "rome", "rome-9", "train"),
        ]
        rows += [
            (f"{scene}-{location}-{i}.wav", scene, location[:5], location, "evaluate")
            for location, (scene, clips) in places.items()
            for i in range(clips)
        ]
        clips = pd.DataFrame([(*row, 1.0, "a") for row in rows], columns=CLIPS.names)
        CLIPS.write(self.folder / "corpora" / name / "clips.csv", clips)
        return clips

    def path(self, name):
        return self.folder / "experiments" / name.replace("/", "/backends/")

    def configure(self, name, cells, seeds, scenes="town", **keys):
        self.tables = {}
        configuration = {"name": name, "cells": cells, "seeds": seeds, "scenes": {"name": scenes}, **keys}
        write_configuration(self.path(name) / "config.yaml", configuration)

    def write(self, name, system, seed, right, clips=None, protocols=("last",)):
        """Write predictions; ``right`` says whether each test clip is classified correctly."""
        self.tables = {}
        clips = self.clips if clips is None else clips
        tested = clips[clips["split"] == "evaluate"].reset_index(drop=True)
        right = np.asarray(right, dtype=bool)
        predicted = tested["scene"].where(right, tested["scene"].map({"bus": "park", "park": "bus"}))
        frame = tested.assign(cell=system, seed=seed, kernel="rbf", predicted=predicted, test_list="official")
        kind = "controls" if system in CONTROLS else "cells"
        PREDICTIONS.write(
            self.path(name) / kind / system / f"seed{seed}" / "predictions.csv",
            pd.concat([frame.assign(protocol=protocol) for protocol in protocols]),
        )
        self.right[name, system, seed] = right

    def fill(self, name, systems, seeds, share=0.6, **keys):
        """Write an experiment with random predictions."""
        self.configure(name, [system for system in systems if system not in CONTROLS], seeds, **keys)
        for system in systems:
            for seed in seeds:
                self.write(name, system, seed, self.generator.random(N) < share)

    def copy(self, name, other, system, seeds):
        """Write the predictions of another experiment."""
        for seed in seeds:
            self.write(name, system, seed, self.right[other, system, seed])

    def by_location(self, name, system, seeds):
        """Return the correct clips of a system (seeds, locations)."""
        place = np.repeat(np.arange(len(PLACES)), [clips for _, clips in PLACES.values()])
        return np.array([np.bincount(place, self.right[name, system, seed]) for seed in seeds]).astype(int)

    def compare(self, *names):
        if names not in self.tables:
            self.experiments = read_experiments(names, self.folder)
            self.tables = {names: compare_experiments(self.experiments)}
        return self.tables[names]

    def compared(self, system, *names):
        table = self.compare(*names)
        (row,) = table[(table["system"] == system) & (table["experiment"] == names[-1])].to_dict("records")
        return row

    def sentences(self, *names):
        table = self.compare(*names)
        return " ".join([*findings(self.experiments, table), *trust(self.experiments, table, 1)])


@pytest.fixture
def results(tmp_path):
    return Results(tmp_path / "results")


@pytest.fixture
def drawn(results):
    """Experiments a, with three seeds, and b, with two others; b is better."""
    results.fill("a", ["baseline", "codecat"], [0, 1, 2], 0.5)
    results.fill("b", ["baseline", "codecat", "attention-heads2-layers1"], [5, 6], 0.8)
    return results
