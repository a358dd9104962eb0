"""Losses and accuracies of all trainings, epoch by epoch."""

from tagasc.artifacts.artifact import Artifact
from tagasc.artifacts.table import Column, TableFile

LEARNING = TableFile(
    path="experiments/<name>/learning.csv",
    rule="draw_learning",
    meaning="The histories of all trainings: one row per training and epoch.",
    columns=[
        Column("cell", str, "name of the cell"),
        Column("seed", int, "seed of the training"),
        Column("epoch", int, "from 1"),
        Column("loss", float, "mean training loss"),
        Column("train_accuracy", float, "of the output layer on the training batches, as a fraction"),
        Column(
            "evaluate_accuracy", float, "of the output layer on the evaluation clips, where computed", optional=True
        ),
    ],
)
FIGURE = Artifact(
    path="experiments/<name>/figures/learning.svg",
    rule="draw_learning",
    meaning="Training losses, one panel per variant and one line per cell.",
)
