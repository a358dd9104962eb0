"""The grid: the 56 cells of Tables 2-5, their names, and where each table shows them.

This is the only place that knows the grid; the Snakefile, the networks and the tables all ask it.
"""

import re
from dataclasses import dataclass

from tagasc.errors import InputError, nearest

# A score has four coordinates: cell, seed, protocol and test list. The splits that a test list takes:
TEST_LISTS = {
    "official": ["evaluate"],  # the fold's evaluation list, 4,185 clips of TAU 2019
    "all_but_train": ["evaluate", "unused"],  # with the 1,030 clips of neither list, as reference [22] tests
}
HEADLINE = ("last", "official")

VARIANTS = ("baseline", "codecat", "before_code", "attention", "separate", "shared")

_GRAMMAR = re.compile(
    r"(?P<baseline>baseline)"  # it has no tags to shuffle
    r"|(?:(?P<codecat>codecat)"
    r"|(?P<before_code>before_code)-layers(?P<a>\d+)"
    r"|(?P<attention>attention)-heads(?P<b>[1-9]\d*)-layers(?P<c>\d+)"
    r"|(?P<separate>separate)-heads(?P<d>[1-9]\d*)-concat(?P<e>\d+)-attention(?P<f>\d+)"
    r"|(?P<shared>shared)-heads(?P<g>[1-9]\d*)-layers(?P<h>\d+))(?P<shuffled>-shuffled)?"
)


@dataclass(frozen=True)
class Cell:
    """One configuration of the scene network: how tag vectors enter it (section 3 of the paper).

    ``heads`` is None without attention; ``concat_layers`` and ``attention_layers`` count the layers that transform the
    tag vector before it is concatenated or turned into an attention map, and are None where that does not happen.
    ``shuffled`` is a control: tag vectors of other clips.
    """

    variant: str
    heads: int | None = None
    concat_layers: int | None = None
    attention_layers: int | None = None
    shuffled: bool = False

    @property
    def name(self) -> str:
        """The cell's name in paths, tables and the key ``cells``."""
        name = self.variant
        match self.variant:
            case "before_code":
                name += f"-layers{self.concat_layers}"
            case "attention" | "shared":
                name += f"-heads{self.heads}-layers{self.attention_layers}"
            case "separate":
                name += f"-heads{self.heads}-concat{self.concat_layers}-attention{self.attention_layers}"
        return name + "-shuffled" * self.shuffled

    @property
    def uses_tags(self) -> bool:
        """Whether the network takes a tag vector at all; only the baseline does not."""
        return self.variant != "baseline"


def parse(name: str) -> Cell:
    """Return the cell of a name. Any number of heads and layers is a cell; the paper's are in `CELLS`.

    Raises
    ------
    InputError
        If the name does not follow the grammar of cell names.
    """
    match = _GRAMMAR.fullmatch(name)
    if match is None:
        raise InputError(
            f"cells: '{name}' is not the name of a cell{nearest(name, CELLS)} ('tagasc cells' lists the paper's)"
        )
    given = match.groupdict()
    numbers = {key: int(value) for key, value in given.items() if value is not None and value.isdecimal()}
    shuffled = given["shuffled"] is not None
    if given["before_code"]:
        return Cell("before_code", concat_layers=numbers["a"], shuffled=shuffled)
    if given["attention"]:
        return Cell("attention", numbers["b"], attention_layers=numbers["c"], shuffled=shuffled)
    if given["separate"]:
        return Cell("separate", numbers["d"], numbers["e"], numbers["f"], shuffled)
    if given["shared"]:
        return Cell("shared", numbers["g"], numbers["h"], numbers["h"], shuffled)
    return Cell("codecat" if given["codecat"] else "baseline", shuffled=shuffled)


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
    best_of: str  # "row" or "table": among which cells the paper prints the best in bold

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
    cells=((Cell("baseline"),), (Cell("codecat"),), *((Cell("before_code", None, n),) for n in range(6))),
    best_of="table",
)
TABLE3 = Layout(
    number=3,
    caption="Multi-head attention on the feature map, derived from tag vectors",
    row_headers=("# Head",),
    rows=tuple((str(heads),) for heads in _HEADS),
    column_header="# Transform layers for attention map",
    columns=("0", "1", "2", "3"),
    cells=tuple(tuple(Cell("attention", heads, None, n) for n in range(4)) for heads in _HEADS),
    best_of="row",
)
TABLE4 = Layout(
    number=4,
    caption="Concatenation and attention, with a separate stack of transform layers for each",
    row_headers=("# Head",),
    rows=(("2",), ("4",)),
    column_header="# Transform layers for concat/att",
    columns=("3/3", "3/4", "4/3", "4/4"),
    cells=tuple(tuple(Cell("separate", heads, a, b) for a in (3, 4) for b in (3, 4)) for heads in (2, 4)),
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
    cells=tuple(tuple(Cell("shared", heads, n, n) for n in range(4)) for heads in _HEADS),
    best_of="row",
)

TABLES = {table.number: table for table in (TABLE2, TABLE3, TABLE4, TABLE5)}

CELLS: dict[str, Cell] = {cell.name: cell for table in TABLES.values() for row in table.cells for cell in row}


def cells_of_table(number: int) -> list[str]:
    """Return the names of the cells that a table shows; Table 6 derives from those of Table 5."""
    return TABLES[5 if number == 6 else number].names


def table_name(number: int, protocol: str, test_list: str) -> str:
    """Return the name of a table's files; those of the headline, protocol last on the official list, are plain."""
    suffix = "" if (protocol, test_list) == HEADLINE else f"-{protocol}-{test_list}"
    return f"table{number}{suffix}"


def place_in_tables(name: str) -> tuple[int, str]:
    """Return a key that sorts cells as the tables show them; others follow by name."""
    return (list(CELLS).index(name), "") if name in CELLS else (len(CELLS), name)


def tables_of_cell(name: str) -> list[int]:
    """Return the numbers of the tables that show a cell or derive from it."""
    return [number for number in (2, 3, 4, 5, 6) if name in cells_of_table(number)]
