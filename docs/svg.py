"""Boxes and arrows as SVG, legible on light and on dark pages.

Text stands only inside boxes, which have a light fill of their own. Arrows are of a grey that contrasts with both.
"""

from collections.abc import Iterable
from html import escape

BOLD = " font-weight='bold'"
LINE = "#7d8590"
FONT = "font-family='Helvetica, Arial, sans-serif' font-size='13'"


def drawing(width: int, height: int, title: str, shapes: Iterable[str]) -> str:
    """Return a whole SVG file; screen readers read the title."""
    arrow = (
        f"<marker id='arrow' markerWidth='9' markerHeight='8' refX='8' refY='4' orient='auto' "
        f"markerUnits='userSpaceOnUse'><path d='M0,0 L9,4 L0,8 z' fill='{LINE}'/></marker>"
    )
    head = (
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{width}' height='{height}' viewBox='0 0 {width} {height}' "
        f"role='img' {FONT}>"
    )
    return "\n".join([head, f"<title>{escape(title)}</title>", f"<defs>{arrow}</defs>", *shapes, "</svg>", ""])


def box(x: float, y: float, width: float, height: float, lines: list[str], fill: str, title: str = "") -> str:
    """Return a box around its centre (x, y), with centred lines of text; a title is the first line, in bold."""
    lines = [title, *lines] if title else lines
    first = y + 4.5 - 8 * (len(lines) - 1)
    text = "".join(
        f"<text x='{x:g}' y='{first + 16 * index:g}' text-anchor='middle' fill='#1f2328'{BOLD * (line == title)}>"
        f"{escape(line)}</text>"
        for index, line in enumerate(lines)
    )
    return (
        f"<rect x='{x - width / 2:g}' y='{y - height / 2:g}' width='{width:g}' height='{height:g}' rx='6' "
        f"fill='{fill}' stroke='{LINE}'/>{text}"
    )


def path(*points: tuple[float, float], arrow: bool = True) -> str:
    """Return a line through points, with an arrow at its end."""
    end = " marker-end='url(#arrow)'" if arrow else ""
    route = " L".join(f"{x:g},{y:g}" for x, y in points)
    return f"<path d='M{route}' fill='none' stroke='{LINE}' stroke-width='1.5'{end}/>"
