import pandas as pd
import pytest


@pytest.fixture
def scored(tmp_path):
    """Write made-up scores.csv files; ``accuracies`` has a list by cell, one value in per cent a seed.

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
                path.parent.mkdir(parents=True, exist_ok=True)
                columns = ["cell", "seed", "protocol", "kernel", "epoch", "test_list", "clips", "correct", "accuracy"]
                pd.DataFrame(rows, columns=columns).to_csv(path, index=False)
                paths.append(path)
        return paths

    return write
