"""Soft pseudo-labels of the noisy clips, which stage 2 of the tagger learns from."""

import numpy as np

from tagasc.artifacts.array import ArrayFile

SOFT_LABELS = ArrayFile(
    path="taggers/<tagger>/soft_labels.npy",
    rule="make_soft_labels",
    meaning="Soft labels of the noisy clips, in the order of clips.csv; each row sums to 1.",
    dtype=np.float32,
    axes=["noisy clips", "labels"],
)
