"""The overview page of an experiment."""

from pathlib import Path

from tagasc.artifacts.artifact import Artifact

OVERVIEW = Artifact(
    path="experiments/<name>/overview.html",
    rule="write_overview",
    meaning="Everything about the experiment on one page: conclusion, how far to trust it, tables, figures, and how it "
    "was made. It is a single file that opens in a browser from disk, without a network.",
)


def new_overview(path: str | Path, since: float) -> str:
    """Return the line that names the page if it was written after ``since``, in seconds of `time.time`, or no text.

    >>> new_overview(folder / "overview.html", 0)
    ''
    """
    path = Path(path)
    return f"Everything on one page: {path}\n" if path.is_file() and path.stat().st_mtime >= since else ""
