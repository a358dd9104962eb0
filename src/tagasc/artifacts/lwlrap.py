"""How well the tagger tags clips that it has not learned from."""

from tagasc.artifacts.artifact import Artifact
from tagasc.artifacts.table import Column, TableFile

BY_FOLD = TableFile(
    path="taggers/<tagger>/lwlrap.csv",
    rule="score_tagger",
    meaning="Label-weighted label-ranking average precision (lwlrap): one row per fold, and one for all folds.",
    columns=[
        Column("fold", str, "number of the fold, from 0, or all"),
        Column("held_out_clips", int, "curated clips that the fold's network was not trained on"),
        Column("held_out_lwlrap", float, "lwlrap on them"),
        Column("test_clips", int, "test clips"),
        Column("test_lwlrap", float, "lwlrap on them; in the row all, of the averaged tags"),
    ],
)
BY_CLASS = TableFile(
    path="taggers/<tagger>/lwlrap_by_class.csv",
    rule="score_tagger",
    meaning="One row per label, over all folds; the weighted sum is the last row of lwlrap.csv.",
    columns=[
        Column("label", str, "name of the event"),
        Column("held_out_clips", int, "held-out clips that have the label"),
        Column("held_out_weight", float, "share of all labels of held-out clips"),
        Column("held_out_lwlrap", float, "lwlrap on them; empty where no clip has the label", optional=True),
        Column("test_clips", int, "test clips that have the label"),
        Column("test_weight", float, "share of all labels of test clips"),
        Column("test_lwlrap", float, "lwlrap on them; empty where no clip has the label", optional=True),
    ],
)
MARKDOWN = Artifact(path="taggers/<tagger>/lwlrap.md", rule="score_tagger", meaning="Both tables, to read.")
