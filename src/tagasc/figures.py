"""Figures as files."""

from pathlib import Path

from matplotlib import rc_context
from matplotlib.figure import Figure

from tagasc.writing import written_whole


def write_figure(figure: Figure, path: str | Path) -> None:
    """Write a figure as an image of the kind that the suffix names.

    In svg, text stays text, to be searched and copied, and the same figure leaves the same bytes.
    """
    date = {"Date": None} if Path(path).suffix == ".svg" else None
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "tagasc"}), written_whole(path) as partial:
        figure.savefig(partial, metadata=date)
