"""Rows of breakdown.csv: accuracies by scene, city and source label."""

from typing import Any

import pandas as pd

from tagasc.artifacts.breakdown import BREAKDOWN
from tagasc.tables.estimates import Estimates
from tagasc.tables.evaluation import Evaluation


def breakdown_rows(evaluation: Evaluation) -> pd.DataFrame:
    """Return one row per cell or control and scene, and per city and source label where there are several."""
    rows: list[dict[str, Any]] = []
    for by in ("scene", "city", "source_label"):
        values = sorted(evaluation.clips.loc[evaluation.clips[by] != "", by].unique())
        if len(values) == 1 and by != "scene":
            continue
        for value in values:
            estimates = Estimates(evaluation, (evaluation.clips[by] == value).to_numpy())
            for cell in evaluation.cells:
                accuracy = estimates.accuracy(cell)
                low, high = accuracy.share_interval
                rows.append(
                    {
                        "cell": cell,
                        "protocol": evaluation.protocol,
                        "test_list": evaluation.test_list,
                        "by": by,
                        "value": value,
                        "clips": estimates.n_clips,
                        "locations": estimates.locations.n_locations,
                        "accuracy": accuracy.value,
                        "low": low,
                        "high": high,
                    }
                )
    return pd.DataFrame(rows, columns=BREAKDOWN.names)
