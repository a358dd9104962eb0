"""Pages as single html files, with style, script and figures inside."""

import base64
import hashlib
import re
from html import escape
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from tagasc import __version__

_FOLDER = Path(__file__).parent
_PX_PER_PT = 4 / 3
_NARROWEST = 0.85
"""Width to which a figure shrinks on a narrow screen, as a share of its own; a narrower screen scrolls it."""


def render(template: str, **values: object) -> str:
    """Return a page: a template of this package, filled with values.

    The page refers to no other file, and its Content-Security-Policy lets browsers load none.

    Parameters
    ----------
    template
        File name of the template, which extends ``base.html.jinja``.
    values
        What the template names. All text is escaped.
    """
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"inline": inline_svg, "prose": prose}
    style, script = ((_FOLDER / name).read_text(encoding="utf-8") for name in ("style.css", "sort.js"))
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    frame = {"style": Markup(style), "script": Markup(script), "script_digest": f"sha256-{digest}"}  # noqa: S704 - ours
    return environment.get_template(template).render(**frame, version=__version__, **values)


def prose(text: str) -> str:
    r"""Return a text whose numbers stay on one line with the sign that follows them.

    >>> prose("a 95 % interval")
    'a 95\xa0% interval'
    """
    return text.replace(" %", "\N{NO-BREAK SPACE}%")


def inline_svg(svg: str, label: str) -> Markup:
    """Return a figure as an element of a page, at most as wide as it was drawn.

    Parameters
    ----------
    svg
        What `tagasc.artifacts.figure.figure_svg` returns.
    label
        What the figure shows, for readers who do not see it.

    Examples
    --------
    >>> inline_svg('<?xml version="1.0"?><svg width="72pt" height="36pt" viewBox="0 0 72 36"></svg>', "A & B")
    Markup('<svg role="img" aria-label="A &amp; B" style="max-width:96px;min-width:82px" viewBox="0 0 72 36"></svg>')
    """
    tag = re.search(r"<svg\b[^>]*>", svg)
    width = tag and re.search(r'\bwidth="([\d.]+)pt"', tag[0])
    if not tag or not width:
        raise ValueError("not a figure: expected an svg element with a width in pt")
    natural = _PX_PER_PT * float(width[1])
    attributes = re.sub(r'\s(width|height)="[^"]*"', "", tag[0][len("<svg") :])
    style = f"max-width:{natural:.0f}px;min-width:{_NARROWEST * natural:.0f}px"
    content = re.sub(r"<metadata>.*?</metadata>", "", svg[tag.end() :], flags=re.DOTALL)
    return Markup(f'<svg role="img" aria-label="{escape(label)}" style="{style}"{attributes}{content}')  # noqa: S704
