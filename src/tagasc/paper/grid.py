"""The grid: the 56 cells of Tables 2-5, their names, and where each table shows them.

This is the only place that knows the grid; the workflow, the networks and the tables all ask it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from tagasc.runtime.errors import InputError, nearest, shorten

TestList = Literal["official", "all_but_train"]

TEST_LISTS: dict[str, list[str]] = {
    "official": ["evaluate"],  # the fold's evaluation list: 4,185 clips of TAU 2019
    "all_but_train": ["evaluate", "unused"],  # with the 1,030 clips of neither list, as Jung et al. (2019) [22] test
}
"""Splits that each test list takes. A score has four coordinates: cell, seed, protocol and test list."""

HEADLINE = ("last", "official")
"""Protocol and test list of the tables with plain names."""

VARIANTS: dict[str, tuple[str, ...]] = {
    "baseline": (),
    "jung2019": (),
    "codecat": (),
    "before_code": ("layers",),
    "attention": ("heads", "layers"),
    "separate": ("heads", "concat", "attention"),
    "shared": ("heads", "layers"),
}
"""The grammar of cell names: each variant and the numbers that follow it, as in ``attention-heads2-layers1``.

All variants but two take tags. ``jung2019`` is the baseline of Jung et al. (2019) [22], trained by their recipe.
"""
_WITHOUT_TAGS = ("baseline", "jung2019")
_LARGEST = {"heads": 4096, "layers": 64, "concat": 64, "attention": 64}
"""Largest numbers of a cell: a slip does not become a network that fills the memory."""
SHUFFLED = "-shuffled"
"""Suffix of a control: a cell that is given the tag vectors of other clips."""
STUDENT = "kd"
"""Role of a cell that is distilled from a trained cell and its specialists, as in ``jung2019-kd`` [22]."""
_SPECIALIST = "specialist"


@dataclass(frozen=True)
class Cell:
    """How tag vectors enter the scene network (section 3 of the paper).

    Parameters
    ----------
    variant
        One of `VARIANTS`.
    numbers
        Values of the variant's numbers, in their order.
    shuffled
        Whether the cell is a control that is given the tag vectors of other clips.
    role
        Empty for a cell that is trained from the beginning. Others start from its weights, as in Jung et al. (2019)
        [22]: ``specialist1``, ``specialist2`` … learn to tell two scenes apart that it confuses, and ``kd`` is the
        student of all of them.

    Examples
    --------
    >>> Cell("shared", (4, 3)).name
    'shared-heads4-layers3'
    """

    variant: str
    numbers: tuple[int, ...] = ()
    shuffled: bool = False
    role: str = ""

    @property
    def name(self) -> str:
        """The cell's name in paths, tables and the key ``cells``."""
        parts = [f"-{key}{value}" for key, value in zip(VARIANTS[self.variant], self.numbers, strict=True)]
        return self.variant + "".join(parts) + SHUFFLED * self.shuffled + (f"-{self.role}" if self.role else "")

    @property
    def base(self) -> "Cell":
        """The cell that a specialist or student starts from, which has its network; the cell itself without a role."""
        return replace(self, role="")

    def as_specialist(self, number: int) -> "Cell":
        """Return a specialist of this cell, counted from 1."""
        return replace(self, role=f"{_SPECIALIST}{number}")

    @property
    def specialist(self) -> int | None:
        """Number of a specialist, from 1; None for other cells."""
        return int(self.role.removeprefix(_SPECIALIST)) if self.role.startswith(_SPECIALIST) else None

    @property
    def is_student(self) -> bool:
        """Whether the cell is distilled."""
        return self.role == STUDENT

    @property
    def heads(self) -> int | None:
        """Number of attention heads; None without attention."""
        return self._number("heads")

    @property
    def concat_layers(self) -> int | None:
        """Layers that transform the tag vector before it is concatenated; None where it is not."""
        return self._number("concat") if self.variant == "separate" else self._layers("before_code", "shared")

    @property
    def attention_layers(self) -> int | None:
        """Layers that transform the tag vector before it becomes an attention map; None without attention."""
        return self._number("attention") if self.variant == "separate" else self._layers("attention", "shared")

    @property
    def follows_jung2019(self) -> bool:
        """Whether Table 6 shows the cell as a system after Jung et al. (2019) [22]: its baseline, and any student."""
        return self.is_student or (self.variant == "jung2019" and not self.role)

    @property
    def uses_tags(self) -> bool:
        """Whether the network takes a tag vector at all; the two baselines do not."""
        return self.variant not in _WITHOUT_TAGS

    @property
    def takes_own_tags(self) -> bool:
        """Whether the cell shows what tags give in a network: it is no control, and starts from no trained cell."""
        return self.uses_tags and not self.shuffled and not self.role

    def _layers(self, *variants: str) -> int | None:
        return self._number("layers") if self.variant in variants else None

    def _number(self, key: str) -> int | None:
        return dict(zip(VARIANTS[self.variant], self.numbers, strict=True)).get(key)


def parse(name: str) -> Cell:
    """Return the cell of a name. Up to 4096 heads, 64 layers and 99 specialists are possible.

    The paper's cells are in `CELLS`.

    Raises
    ------
    InputError
        If the name does not follow the grammar of cell names, or if one of its numbers is too large.

    Examples
    --------
    >>> parse("separate-heads4-concat4-attention3").concat_layers
    4
    >>> parse("codecta")
    Traceback (most recent call last):
    tagasc.runtime.errors.InputError: cells: 'codecta' is not the name of a cell; did you mean 'codecat'? ...
    """
    for variant, keys in VARIANTS.items():
        shuffled = "()" if variant in _WITHOUT_TAGS else f"({SHUFFLED})?"  # they have no tags to shuffle
        role = rf"(?:-({STUDENT}|{_SPECIALIST}[1-9][0-9]?))?"
        match = re.fullmatch(variant + "".join(rf"-{key}([0-9]+)" for key in keys) + shuffled + role, name)
        if match is not None:
            *numbers, suffix, role = match.groups()
            for key, number in zip(keys, numbers, strict=True):
                if len(number) > 4 or int(number) > _LARGEST[key]:
                    raise InputError(f"cells: {shorten(name)}: choose at most {_LARGEST[key]} for {key}")
            cell = Cell(variant, tuple(map(int, numbers)), bool(suffix), role or "")
            if cell.heads != 0 and cell.name == name:  # no attention without heads, no leading zeros
                return cell
    raise InputError(
        f"cells: {shorten(name)} is not the name of a cell{nearest(name, [*CELLS, *_JUNG2019])} ('tagasc cells' lists "
        f"the paper's)"
    )


@dataclass(frozen=True)
class Layout:
    """How the paper lays out one table: ``cells[row][column]``, under the headers of its rows and columns."""

    number: int
    caption: str
    row_headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    column_header: str
    columns: tuple[str, ...]
    cells: tuple[tuple[Cell, ...], ...]
    best_of: Literal["row", "table"]  # among which cells the paper prints the best in bold

    @property
    def names(self) -> list[str]:
        """The names of the table's cells, row by row."""
        return [cell.name for row in self.cells for cell in row]


_HEADS = (2, 4, 8, 16, 32)

TABLE2 = Layout(
    number=2,
    caption="The baseline, and tag vectors concatenated in three ways",
    row_headers=("System", "Transform after concat", "# Layers before transform"),
    rows=(
        ("Baseline", "-", "-"),
        ("Codecat", "×", "-"),
        ("Codecat", "○", "×"),
        *(("Before code", "○", str(layers)) for layers in range(1, 6)),
    ),
    column_header="",
    columns=("Acc",),
    # The paper prints "Codecat ○" where section 4.3 says "before code without transformation": it is the latter's cell.
    cells=((Cell("baseline"),), (Cell("codecat"),), *((Cell("before_code", (n,)),) for n in range(6))),
    best_of="table",
)
TABLE3 = Layout(
    number=3,
    caption="Multi-head attention on the feature map, derived from tag vectors",
    row_headers=("# Head",),
    rows=tuple((str(heads),) for heads in _HEADS),
    column_header="# Transform layers for attention map",
    columns=("0", "1", "2", "3"),
    cells=tuple(tuple(Cell("attention", (heads, n)) for n in range(4)) for heads in _HEADS),
    best_of="row",
)
TABLE4 = Layout(
    number=4,
    caption="Concatenation and attention, with a separate stack of transform layers for each",
    row_headers=("# Head",),
    rows=(("2",), ("4",)),
    column_header="# Transform layers for concat/att",
    columns=("3/3", "3/4", "4/3", "4/4"),
    cells=tuple(tuple(Cell("separate", (heads, a, b)) for a in (3, 4) for b in (3, 4)) for heads in (2, 4)),
    best_of="row",
)
TABLE5 = Layout(
    number=5,
    # The paper's caption says "separate layers for each method"; section 4.3 says that they are shared.
    caption="Concatenation and attention, with one stack of transform layers shared by both",
    row_headers=("# Head",),
    rows=tuple((str(heads),) for heads in _HEADS),
    column_header="# Transform layers",
    columns=("0", "1", "2", "3"),
    cells=tuple(tuple(Cell("shared", (heads, n)) for n in range(4)) for heads in _HEADS),
    best_of="row",
)

_JUNG2019 = ("jung2019", f"jung2019-{STUDENT}")

TABLES = {table.number: table for table in (TABLE2, TABLE3, TABLE4, TABLE5)}
"""The tables that show cells. Table 6 derives from the cells of Table 5."""

CELLS: dict[str, Cell] = {cell.name: cell for table in TABLES.values() for row in table.cells for cell in row}
"""The 56 cells by name, in the order of the tables."""


def cells_of_table(number: int) -> list[str]:
    """Return the names of the cells that a table shows; Table 6 derives from those of Table 5.

    >>> len(cells_of_table(3))
    20
    """
    return TABLES[5 if number == 6 else number].names


def tables_of_cell(name: str) -> list[int]:
    """Return the numbers of the tables that show a cell or derive from it.

    >>> tables_of_cell("shared-heads4-layers3")
    [5, 6]
    """
    return [number for number in (2, 3, 4, 5, 6) if name in cells_of_table(number)]


def test_lists(splits: Iterable[str]) -> list[str]:
    """Return the test lists of a corpus with these splits: the second one exists only where some clips are unused.

    >>> test_lists(["train", "evaluate"])
    ['official']
    """
    return [name for name in TEST_LISTS if name == HEADLINE[1] or "unused" in set(splits)]


def table_name(number: int, protocol: str, test_list: str) -> str:
    """Return the name of a table's files; the headline's protocol and test list are not named.

    >>> table_name(3, "last", "official"), table_name(3, "last", "all_but_train")
    ('table3', 'table3-last-all_but_train')
    """
    suffix = "" if (protocol, test_list) == HEADLINE else f"-{protocol}-{test_list}"
    return f"table{number}{suffix}"


def table_order(name: str) -> tuple[int, str]:
    """Return a sort key that puts cells in the order of the tables, and all others behind them by name.

    >>> sorted(["zebra", "codecat", "baseline"], key=table_order)
    ['baseline', 'codecat', 'zebra']
    """
    return (list(CELLS).index(name), "") if name in CELLS else (len(CELLS), name)
