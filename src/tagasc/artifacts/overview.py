"""The overview page of an experiment."""

from tagasc.artifacts.artifact import Artifact

OVERVIEW = Artifact(
    path="experiments/<name>/overview.html",
    rule="write_overview",
    meaning="Everything about the experiment on one page: conclusion, how far to trust it, tables, figures, and how it "
    "was made. It is a single file that opens in a browser from disk, without a network.",
)
