"""Families of cells: what figures show in one colour and with one marker."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from tagasc.artifacts.controls import CONTROLS
from tagasc.paper.grid import HEADLINE, VARIANTS, parse

SHUFFLED, DISTILLED, CONTROL = "shuffled", "distilled", "control"


@dataclass(frozen=True)
class Look:
    """How a family is drawn. Markers tell families apart where colours do not."""

    colour: str
    marker: str


LOOKS = {
    "baseline": Look("#7a7a7a", "o"),
    "jung2019": Look("#8a6d3b", "h"),
    "codecat": Look("#c2527f", "^"),
    "before_code": Look("#d1660a", "s"),
    "attention": Look("#2f7fd1", "D"),
    "separate": Look("#8f5fd6", "v"),
    "shared": Look("#1a8f63", "P"),
    DISTILLED: Look("#8a6d3b", "p"),
    SHUFFLED: Look("#7a7a7a", "X"),
    CONTROL: Look("#7a7a7a", "*"),
}
"""Each family's look, in the order of legends. All colours have a contrast of at least 3 to white and to dark."""
ADDED = Look("#0e8a9a", "<")
"""The look of a kind of cell that was added to the paper's."""


def look(family: str) -> Look:
    """Return how a family is drawn; see `LOOKS` and `ADDED`."""
    return LOOKS.get(family, ADDED)


def in_order(families: Iterable[str]) -> list[str]:
    """Return each family once, in the order of legends; added kinds of cells come last.

    >>> in_order(["scaling", "shared", "baseline", "shared"])
    ['baseline', 'shared', 'scaling']
    """
    found = dict.fromkeys(families)
    return [*(name for name in LOOKS if name in found), *(name for name in found if name not in LOOKS)]


def by_family(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a table with column ``family``, family by family."""
    place = {name: number for number, name in enumerate(in_order(table["family"]))}
    return table.sort_values("family", key=lambda families: families.map(place), kind="stable")


def family(name: str) -> str:
    """Return the family of a cell or control.

    >>> family("shared-heads4-layers3"), family("late_fusion"), family("codecat-shuffled"), family("jung2019-kd")
    ('shared', 'control', 'shuffled', 'distilled')
    """
    if name in CONTROLS:
        return CONTROL
    cell = parse(name)
    if cell.shuffled:
        return SHUFFLED
    return DISTILLED if cell.role else cell.variant


def short_name(name: str) -> str:
    """Return the part of a cell's name that follows its variant; the variant if nothing follows.

    >>> short_name("attention-heads2-layers1"), short_name("codecat")
    ('heads2-layers1', 'codecat')
    """
    variant = next((variant for variant in VARIANTS if name.startswith(f"{variant}-")), None)
    return name if variant is None or name.endswith("-shuffled") else name.removeprefix(f"{variant}-")


def headline(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of protocol last on the official test list; without them, those of the other protocol."""
    protocol, test_list = HEADLINE
    official = table[table["test_list"] == test_list]
    found = official[official["protocol"] == protocol]
    return official if found.empty else found


def best_cell(comparisons: pd.DataFrame, names: Sequence[str] | None = None) -> str | None:
    """Return the most accurate cell that takes its own tags; the first one of equals; None if there is none.

    Parameters
    ----------
    comparisons
        Rows with ``cell`` and ``accuracy``, one per cell or control.
    names
        Cells among which to choose; all of them if None.
    """
    own = [name not in CONTROLS and parse(name).takes_own_tags for name in comparisons["cell"]]
    found = comparisons[own]
    if names is not None:
        found = found[found["cell"].isin(names)]
    return None if found.empty else str(found["cell"].iloc[int(found["accuracy"].argmax())])
