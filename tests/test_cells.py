from dataclasses import replace

import pytest

from tagasc.cells import CELLS, TABLES, Cell, cells_of_table, parse, tables_of_cell
from tagasc.errors import InputError
from tagasc.paper import ACCURACY


def test_the_grid_has_56_cells_with_distinct_names():
    names = [name for number in (2, 3, 4, 5) for name in cells_of_table(number)]
    assert len(names) == len(set(names)) == len(CELLS) == 56
    assert list(CELLS) == names


@pytest.mark.parametrize("name", CELLS)
def test_a_name_is_its_cell(name):
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


def test_every_cell_has_an_accuracy_and_every_accuracy_a_cell():
    assert list(ACCURACY) == list(CELLS)


@pytest.mark.parametrize("layout", TABLES.values(), ids=lambda layout: f"table{layout.number}")
def test_a_layout_is_a_full_rectangle(layout):
    assert len(layout.cells) == len(layout.rows)
    assert {len(row) for row in layout.cells} == {len(layout.columns)}
    assert {len(row) for row in layout.rows} == {len(layout.row_headers)}


def test_cells_beyond_the_papers():
    assert parse("attention-heads64-layers7") == Cell("attention", 64, attention_layers=7)
    assert parse("separate-heads2-concat0-attention5") == Cell("separate", 2, 0, 5)


@pytest.mark.parametrize(
    ("name", "hint"),
    [("base line", "baseline"), ("shared-heads4-layer3", "shared-heads4-layers3"), ("attention-heads0-layers1", "")],
)
def test_a_name_that_is_none(name, hint):
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
