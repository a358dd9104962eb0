"""Figures as files."""

from pathlib import Path

from matplotlib import rc_context
from matplotlib.figure import Figure

from tagasc.artifacts.artifact import Artifact


def write_figure(artifact: Artifact, path: str | Path, figure: Figure) -> None:
    """Write a figure as an image of the kind that the suffix names.

    In svg, text stays text that can be searched and copied, and the same figure gives the same bytes.

    >>> write_figure(Artifact(path="empty.svg", rule="draw", meaning=""), folder / "empty.svg", Figure())
    """
    date = {"Date": None} if Path(path).suffix == ".svg" else None
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "tagasc"}), artifact.atomic_write(path) as partial:
        figure.savefig(partial, metadata=date)
