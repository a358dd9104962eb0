import pandas as pd
import pytest

from tagasc.artifacts.scenes import CLIPS, SPLITS
from tagasc.artifacts.scores import CELL_SCORES
from tagasc.corpora.tau2019 import CLIPS_BY_SCENE


@pytest.fixture
def scored(tmp_path):
    """Write made-up scores.csv files; ``accuracies`` has a list by cell, with one value in per cent per seed.

    ``best`` has those of protocol best_on_test. Class-averaged accuracies are ten points below.
    """

    def write(accuracies, clips=10_000, best=None):
        paths = []
        for cell, values in accuracies.items():
            for seed, value in enumerate(values):
                correct = round(value / 100 * clips)
                rows = [
                    (cell, seed, "last", "rbf", 90, "official", clips, correct, correct / clips, correct / clips - 0.1),
                    (cell, seed, "last", "rbf", 90, "all_but_train", clips + 5, 0, 0.0, 0.0),
                ]
                if best is not None:
                    correct = round(best[cell][seed] / 100 * clips)
                    rows += [
                        (
                            cell,
                            seed,
                            "best_on_test",
                            "sigmoid",
                            7,
                            "official",
                            clips,
                            correct,
                            correct / clips,
                            correct / clips - 0.1,
                        ),
                        (cell, seed, "best_on_test", "sigmoid", 7, "all_but_train", clips + 5, 0, 0.0, 0.0),
                    ]
                path = tmp_path / "cells" / cell / f"seed{seed}" / "scores.csv"
                CELL_SCORES.write(path, pd.DataFrame(rows, columns=CELL_SCORES.names))
                paths.append(path)
        return paths

    return write


def clips_like(published):
    """Return a table of clips with these numbers of clips in train, evaluate and unused, by scene."""
    rows = [
        (f"audio/{split}-{scene}-{number:03}.wav", scene, "oslo", "oslo-0", split, 1.0, "a")
        for place, split in enumerate(SPLITS)
        for scene, numbers in published.items()
        for number in range(numbers[place])
    ]
    return pd.DataFrame(rows, columns=CLIPS.names)


@pytest.fixture(scope="session")
def published_clips(tmp_path_factory):
    """Write clips with the published counts of TAU 2019."""
    path = tmp_path_factory.mktemp("published") / "clips.csv"
    CLIPS.write(path, clips_like(CLIPS_BY_SCENE))
    return path


@pytest.fixture(scope="session")
def own_clips(tmp_path_factory):
    """Write clips of two scenes; none is unused."""
    path = tmp_path_factory.mktemp("own") / "clips.csv"
    CLIPS.write(path, clips_like({"bus": (2, 1, 0), "tram": (2, 1, 0)}))
    return path
