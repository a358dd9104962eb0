"""Tables in Markdown."""

from collections.abc import Sequence

_RULES = {"l": ":--", "c": ":-:", "r": "--:"}


def markdown_table(titles: Sequence[str], rows: Sequence[Sequence[str]], alignment: str) -> str:
    r"""Return a table in Markdown, without a final line break.

    Parameters
    ----------
    titles
        The header.
    rows
        The rows below it.
    alignment
        One letter per column: l, c or r.

    Examples
    --------
    >>> print(markdown_table(["cell", "accuracy"], [["codecat", "74.15"]], "lr"))
    | cell | accuracy |
    | :-- | --: |
    | codecat | 74.15 |
    """
    rule = [_RULES[letter] for letter in alignment]
    lines = (titles, rule, *rows)
    return "\n".join("| " + " | ".join(cell.replace("|", r"\|") for cell in line) + " |" for line in lines)
