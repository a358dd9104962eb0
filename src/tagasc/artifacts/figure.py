"""Figures as svg files: one style, the same bytes for the same data, legible on light and dark backgrounds."""

import re
import unicodedata
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tagasc.artifacts.artifact import Artifact

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INK, MUTED, GRID, PAPER = "#1a1a1a", "#5f6368", "#d5d7da", "#ffffff"
"""Colours of text and axes, of what stands back, of grid lines, and of the background. On dark screens, others replace
them. Draw what lies on a coloured ground in pure black or `NEARLY_WHITE`, which stay."""
NEARLY_WHITE = "#fefefe"
ON_DARK = {INK: "#e8eaed", MUTED: "#a8adb4", GRID: "#43474d", PAPER: "#16181c"}
"""What replaces the colours on a dark screen. Paper is light, so this does not apply in print."""

_STYLE = {
    "axes.edgecolor": MUTED,
    "axes.facecolor": PAPER,
    "axes.grid": False,
    "axes.labelcolor": INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlecolor": INK,
    "axes.titlesize": "medium",
    "figure.facecolor": PAPER,
    "font.size": 9,
    "grid.color": GRID,
    "legend.edgecolor": GRID,
    "legend.facecolor": PAPER,
    "legend.fontsize": "small",
    "savefig.bbox": "tight",  # nothing is cut off, and no margin is left
    "savefig.facecolor": PAPER,
    "svg.fonttype": "none",  # text that can be searched and copied
    "svg.hashsalt": "tagasc",  # the same names of elements each time
    "text.color": INK,
    "text.parse_math": False,  # a dollar sign in a name starts no formula
    "xtick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.color": MUTED,
    "ytick.labelcolor": INK,
}


def write_figure(artifact: Artifact, path: str | Path, draw: Callable[[], "Figure"]) -> None:
    """Draw a figure in the common style, and write it as svg; see `figure_svg`.

    >>> from matplotlib.figure import Figure
    >>> write_figure(Artifact(path="empty.svg", rule="draw", meaning=""), folder / "empty.svg", Figure)
    >>> "prefers-color-scheme: dark" in (folder / "empty.svg").read_text()
    True
    """
    artifact.write_text(path, figure_svg(draw, Path(path).stem))


def figure_svg(draw: Callable[[], "Figure"], name: str) -> str:
    """Draw a figure in the common style, and return it as the text of an svg file.

    The same figure gives the same text, and a user's settings of matplotlib change nothing. On screens with a dark
    colour scheme, a viewer that knows style sheets shows light text on a dark background.

    Parameters
    ----------
    draw
        Returns the figure.
    name
        Begins the names of elements. On one page, each figure has another one.
    """
    text = StringIO()
    with _style():
        draw().savefig(text, format="svg", metadata={"Date": None})
    return _with_dark_scheme(_with_own_names(text.getvalue(), name))


def label(name: str, most: int = 24) -> str:
    """Return a name as figures print it: on one line, and long ones without their middle.

    >>> label("street_traffic"), label("a very long name of a scene", 12)
    ('street_traffic', 'a very…scene')
    """
    printable = "".join(sign if not unicodedata.category(sign).startswith("C") else "�" for sign in name)
    if len(printable) <= most:
        return printable
    end = (most - 1) // 2
    return f"{printable[: most - 1 - end].rstrip()}…{printable[-end:].lstrip()}"


@contextmanager
def _style() -> Iterator[None]:
    """Apply the common style, whatever the user's settings are."""
    from matplotlib import rc_context, rcParamsDefault  # noqa: PLC0415 - whoever plans a run draws nothing

    defaults: dict[Any, Any] = {key: value for key, value in rcParamsDefault.items() if not key.startswith("backend")}
    with rc_context(defaults | _STYLE), warnings.catch_warnings():
        # Viewers of svg files have fonts for signs that matplotlib's own font lacks.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield


def _with_own_names(svg: str, name: str) -> str:
    """Remove names of elements that nothing refers to, and begin the others with the figure's name.

    One page can then contain several figures.
    """
    used = set(re.findall(r'(?:url\(|href=")#([^")]+)', svg))
    svg = re.sub(r' id="([^"]+)"', lambda found: f' id="{name}-{found[1]}"' if found[1] in used else "", svg)
    return re.sub(r'(url\(|href=")#', rf"\1#{name}-", svg)


def _with_dark_scheme(svg: str) -> str:
    """Add the style sheet for dark screens."""
    rules = "".join(
        f'[style*="{kind}: {light}"]{{{kind}:{dark}!important}}'
        for light, dark in ON_DARK.items()
        for kind in ("fill", "stroke")
    )
    style = f"<style>@media screen and (prefers-color-scheme: dark){{{rules}}}</style>"
    return re.sub(r"(<svg[^>]*>)", lambda tag: f"{tag[1]}\n {style}", svg, count=1)
