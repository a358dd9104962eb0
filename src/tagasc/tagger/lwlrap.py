"""Label-weighted label-ranking average precision, the metric of DCASE 2019 task 2."""

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import label_ranking_average_precision_score


def lwlrap(targets: NDArray[np.float32], tags: NDArray[np.float32]) -> float:
    """Return the lwlrap of tag vectors (clips, classes) for multi-hot targets; each label of each clip counts once."""
    return float(label_ranking_average_precision_score(targets > 0, tags, sample_weight=targets.sum(axis=1)))


def lwlrap_by_class(
    targets: NDArray[np.float32], tags: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return each class's lwlrap and its weight, both (classes,); the weighted sum is `lwlrap`.

    A class's lwlrap is the mean, over the clips that have its label, of the share of true labels among the tags that
    rank as high as its own or higher; NaN for a class that no clip has. Its weight is its share of all labels.
    """
    relevant = targets > 0
    precision = np.full(targets.shape[1], np.nan)
    for label in range(targets.shape[1]):
        having = relevant[:, label]
        if having.any():
            as_high = tags[having] >= tags[having, label, None]
            precision[label] = ((as_high & relevant[having]).sum(axis=1) / as_high.sum(axis=1)).mean()
    return precision, relevant.sum(axis=0) / relevant.sum()
