"""Settings of Sphinx. The pages are Markdown that GitHub shows as well."""

import re
from typing import Any

from sphinx.application import Sphinx

project = "tagasc"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "tagasc"

nitpicky = True
# Names of other libraries, type variables and private functions have no pages here.
nitpick_ignore_regex = [("py:.*", r"(?!tagasc\.).*"), ("py:.*", r"tagasc\..*\.(T|_\w+)")]

default_role = "code"  # docstrings write names in single backquotes
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
napoleon_google_docstring = False
napoleon_use_rtype = False
myst_heading_anchors = 3  # links to headings, as on GitHub


def adapt_links(_app: Sphinx, page: str, source: list[str]) -> None:
    """Adapt the links of a page, which are written for GitHub.

    A link to Markdown outside this folder becomes a download, because it is no page here. The links of an index page
    also become its table of contents, in their order; a directive in the page would be visible as code on GitHub.
    """
    source[0] = re.sub(r"\]\((\.\./(?!api)[\w/]+\.md)[\w#-]*\)", r"](<path:\1>)", source[0])
    if page.endswith("index"):
        pages = dict.fromkeys(re.findall(r"\]\(([\w/]+)\.md\)", source[0]))
        source[0] += "\n```{toctree}\n:hidden:\n\n" + "\n".join(pages) + "\n```\n"


def keep_colons(_app: Sphinx, what: str, _name: str, _object: Any, _options: Any, lines: list[str]) -> None:
    """Start the docstring of an attribute with an empty word, or napoleon takes the text before a colon for a type."""
    if what in {"attribute", "property"}:
        lines.insert(0, "\\ ")


def setup(app: Sphinx) -> None:
    """Connect the functions above."""
    app.connect("source-read", adapt_links)
    app.connect("autodoc-process-docstring", keep_colons, priority=400)  # napoleon has 500
