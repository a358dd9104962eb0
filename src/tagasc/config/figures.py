"""Section ``figures``: which cells have figures of their own."""

from typing import Annotated

from pydantic import Field

from tagasc.config.section import Section

BEST = "best"
"""Stands for the most accurate cell."""

ShownCell = Annotated[str, Field(min_length=1)]


class Figures(Section):
    """Which cells have figures of their own. Changing a key draws them again and re-runs nothing else."""

    attention_cell: ShownCell = BEST
    """Cell whose attention is drawn: one of `cells` that has heads, or best, the most accurate of them on the test
    clips. Name a cell to compare its attention between runs."""
    codes_cell: ShownCell = BEST
    """Cell whose codes are drawn: one of `cells`, or best, the most accurate one on the test clips that takes tags.
    Name baseline to see codes that know nothing of tags."""
