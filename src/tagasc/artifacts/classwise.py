"""Confusion matrices."""

from tagasc.artifacts.table import Column, TableFile

CLASSWISE = TableFile(
    path="experiments/<name>/classwise.csv",
    rule="compare_cells",
    meaning="Confusion matrices, summed over seeds.",
    columns=[
        Column("cell", str, "name of the cell or control"),
        Column("protocol", str, "last or best_on_test"),
        Column("test_list", str, "official, or all_but_train if some clips are unused"),
        Column("scene", str, "label of the clips"),
        Column("predicted", str, "the scene that was predicted"),
        Column("clips", int, "number of such clips"),
    ],
)
