"""Label-weighted label-ranking average precision, the metric of DCASE 2019 task 2."""

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import label_ranking_average_precision_score


def lwlrap(targets: NDArray[np.float32], tags: NDArray[np.float32]) -> float:
    """Return the lwlrap of tag vectors (clips, classes) for multi-hot targets; each label of each clip counts once."""
    return float(label_ranking_average_precision_score(targets > 0, tags, sample_weight=targets.sum(axis=1)))
