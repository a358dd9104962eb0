"""Rows of classwise.csv: confusion matrices."""

import numpy as np
import pandas as pd

from tagasc.tables.evaluation import Evaluation


def confusion_rows(evaluation: Evaluation) -> pd.DataFrame:
    """Return one row per cell, scene and predicted scene, with the number of clips summed over seeds."""
    scenes, n = evaluation.scenes, len(evaluation.scenes)
    tables = []
    for cell in evaluation.cells:
        pairs = evaluation.truth * n + evaluation.predicted[list(evaluation.runs_of(cell).values())]
        counts = np.bincount(pairs.ravel(), minlength=n * n)
        tables.append(
            pd.DataFrame({"cell": cell, "scene": np.repeat(scenes, n), "predicted": scenes * n, "clips": counts})
        )
    return pd.concat(tables).assign(protocol=evaluation.protocol, test_list=evaluation.test_list)
