"""Label-weighted label-ranking average precision (lwlrap), the metric of DCASE 2019 task 2."""

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import label_ranking_average_precision_score


def lwlrap(targets: NDArray[np.float32], tags: NDArray[np.float32]) -> float:
    """Return the lwlrap of tag vectors (clips, classes) for targets of 0 or 1; each label of each clip counts once.

    >>> lwlrap(np.array([[1, 0, 0]]), np.array([[0.5, 0.9, 0.1]]))
    0.5
    """
    return float(label_ranking_average_precision_score(targets > 0, tags, sample_weight=targets.sum(axis=1)))


def lwlrap_by_class(
    targets: NDArray[np.float32], tags: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the lwlrap and the weight of each class, both (classes,); the weighted sum is `lwlrap`.

    For each clip that has the label, take the tags that rank at least as high as the label's own tag. The lwlrap of the
    class is the share of true labels among them, averaged over these clips. It is NaN for a class without clips. The
    weight of a class is its share of all labels.
    """
    relevant = targets > 0
    precision = np.full(targets.shape[1], np.nan)
    for label in range(targets.shape[1]):
        having = relevant[:, label]
        if having.any():
            as_high = tags[having] >= tags[having, label, None]
            precision[label] = ((as_high & relevant[having]).sum(axis=1) / as_high.sum(axis=1)).mean()
    return precision, relevant.sum(axis=0) / relevant.sum()
