"""What the tags say about the scenes."""

from tagasc.artifacts.artifact import Artifact
from tagasc.artifacts.table import Column, TableFile

TELLING_TAGS = TableFile(
    path="tags/<tagger>/<scenes>-telling_tags.csv",
    rule="describe_tags",
    meaning="One row per scene and tag, over all clips; within a scene, the most telling tags, by t value, first.",
    columns=[
        Column("scene", str, "label"),
        Column("tag", str, "name of the tag"),
        Column("t", float, "Welch's t value of the tag in the clips of the scene against all other clips"),
        Column("mean", float, "mean tag value over the clips of the scene"),
        Column("lift", float, "that mean / the mean over all clips; empty for a tag that is always 0", optional=True),
    ],
)
FIGURE = Artifact(
    path="tags/<tagger>/<scenes>-telling_tags.svg",
    rule="describe_tags",
    meaning="Heat map of the four most telling tags of each scene.",
)
