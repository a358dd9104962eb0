import pandas as pd
import pytest

from tagasc.artifacts.scores import CELL_SCORES


@pytest.fixture
def scored(tmp_path):
    """Write made-up scores.csv files; ``accuracies`` has a list by cell, with one value in per cent per seed.

    ``best`` has those of protocol best_on_test.
    """

    def write(accuracies, clips=10_000, best=None):
        paths = []
        for cell, values in accuracies.items():
            for seed, value in enumerate(values):
                correct = round(value / 100 * clips)
                rows = [
                    (cell, seed, "last", "rbf", 90, "official", clips, correct, correct / clips),
                    (cell, seed, "last", "rbf", 90, "all_but_train", clips + 5, 0, 0.0),
                ]
                if best is not None:
                    correct = round(best[cell][seed] / 100 * clips)
                    rows += [
                        (cell, seed, "best_on_test", "sigmoid", 7, "official", clips, correct, correct / clips),
                        (cell, seed, "best_on_test", "sigmoid", 7, "all_but_train", clips + 5, 0, 0.0),
                    ]
                path = tmp_path / "cells" / cell / f"seed{seed}" / "scores.csv"
                CELL_SCORES.write(path, pd.DataFrame(rows, columns=CELL_SCORES.names))
                paths.append(path)
        return paths

    return write
