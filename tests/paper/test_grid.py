from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagasc.paper.grid import (
    CELLS,
    TABLES,
    VARIANTS,
    Cell,
    cells_of_table,
    parse,
    table_name,
    table_order,
    tables_of_cell,
)
from tagasc.runtime.errors import InputError


def test_the_grid_has_56_cells_with_distinct_names():
    names = [name for number in (2, 3, 4, 5) for name in cells_of_table(number)]
    assert len(names) == len(set(names)) == len(CELLS) == 56
    assert list(CELLS) == names


@pytest.mark.parametrize("name", CELLS)
def test_parse_returns_the_cell_of_a_name(name):
    assert parse(name) == CELLS[name]
    assert parse(name).name == name


@pytest.mark.parametrize(("number", "size"), [(2, 8), (3, 20), (4, 8), (5, 20), (6, 20)])
def test_the_size_of_each_table(number, size):
    assert len(cells_of_table(number)) == size


def test_table_6_derives_from_table_5():
    assert cells_of_table(6) == cells_of_table(5)
    assert tables_of_cell("shared-heads4-layers3") == [5, 6]
    assert tables_of_cell("baseline") == [2]
    assert tables_of_cell("attention-heads64-layers1") == []


@pytest.mark.parametrize("layout", TABLES.values(), ids=lambda layout: f"table{layout.number}")
def test_a_layout_is_a_full_rectangle(layout):
    assert len(layout.cells) == len(layout.rows)
    assert {len(row) for row in layout.cells} == {len(layout.columns)}
    assert {len(row) for row in layout.rows} == {len(layout.row_headers)}


@pytest.mark.parametrize(
    ("name", "heads", "concat_layers", "attention_layers"),
    [
        ("baseline", None, None, None),
        ("codecat", None, None, None),
        ("before_code-layers5", None, 5, None),
        ("attention-heads2-layers1", 2, None, 1),
        ("separate-heads4-concat3-attention2", 4, 3, 2),
        ("shared-heads8-layers3", 8, 3, 3),
    ],
)
def test_the_numbers_of_each_variant(name, heads, concat_layers, attention_layers):
    cell = parse(name)
    assert (cell.heads, cell.concat_layers, cell.attention_layers) == (heads, concat_layers, attention_layers)
    assert cell.uses_tags == (name != "baseline")


def test_cells_that_are_not_the_papers():
    assert parse("attention-heads64-layers7") == Cell("attention", (64, 7))
    assert parse("separate-heads2-concat0-attention5") == Cell("separate", (2, 0, 5))


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("base line", "baseline"),
        ("shared-heads4-layer3", "shared-heads4-layers3"),
        ("attention-heads0-layers1", ""),
        ("attention-heads02-layers1", ""),
    ],
)
def test_a_name_that_is_not_a_cells(name, hint):
    with pytest.raises(InputError, match=f"^cells: '{name}' is not the name of a cell.*{hint}.*'tagasc cells'"):
        parse(name)


def test_a_control_is_a_cell_with_shuffled_tags():
    for name in CELLS.keys() - {"baseline"}:
        control = parse(f"{name}-shuffled")
        assert control == replace(CELLS[name], shuffled=True)
        assert control.name == f"{name}-shuffled"
        assert tables_of_cell(control.name) == []
    with pytest.raises(InputError, match="'baseline-shuffled' is not the name of a cell"):
        parse("baseline-shuffled")


def test_cells_sort_in_the_order_of_the_tables_and_others_by_name():
    names = ["zebra", "attention-heads64-layers1", *reversed(CELLS)]
    assert sorted(names, key=table_order) == [*CELLS, "attention-heads64-layers1", "zebra"]


def test_only_the_headline_has_a_plain_table_name():
    assert table_name(2, "last", "official") == "table2"
    assert table_name(2, "best_on_test", "official") == "table2-best_on_test-official"
    assert table_name(6, "last", "all_but_train") == "table6-last-all_but_train"


@given(st.sampled_from(list(VARIANTS)), st.lists(st.integers(1, 64), min_size=3, max_size=3), st.booleans())
def test_any_cell_is_found_by_its_name(variant, numbers, shuffled):
    cell = Cell(variant, tuple(numbers[: len(VARIANTS[variant])]), shuffled and variant != "baseline")
    assert parse(cell.name) == cell


@given(st.one_of(st.text(), st.from_regex(r"(attention|shared|separate)(-(heads|layers|concat|attention)\d{0,5000})*")))
def test_any_text_is_a_cells_name_or_an_error(name):
    try:
        assert parse(name).name == name
    except InputError as error:
        assert "\n" not in str(error)  # noqa: PT017 - few texts are names


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("attention-heads99999999999-layers1", "choose at most 4096 for heads"),
        ("shared-heads4-layers65", "choose at most 64 for layers"),
        (f"before_code-layers{'9' * 5000}", "choose at most 64 for layers"),
    ],
)
def test_numbers_that_would_fill_the_memory(name, message):
    with pytest.raises(InputError, match=f"^cells: '.*{message}$") as error:
        parse(name)
    assert len(str(error.value)) < 150
