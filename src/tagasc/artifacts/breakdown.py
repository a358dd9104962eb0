"""Accuracies by scene, city and source label."""

from tagasc.artifacts.table import Column, TableFile

BREAKDOWN = TableFile(
    path="experiments/<name>/breakdown.csv",
    rule="compare_cells",
    meaning="Accuracies by scene, city and source label: one row per cell or control, protocol, test list and value. "
    "Accuracies are averaged over seeds. Intervals are like those of comparisons.csv.",
    columns=[
        Column("cell", str, "name of the cell or control"),
        Column("protocol", str, "last or best_on_test"),
        Column("test_list", str, "official, or all_but_train if some clips are unused"),
        Column("by", str, "scene; and city or source_label, where clips have several"),
        Column("value", str, "the scene, city or source label"),
        Column("clips", int, "its clips in the test list"),
        Column("locations", int, "number of locations of these clips"),
        Column("accuracy", float, "mean over seeds"),
        Column("low", float, "lower end of its interval; empty for a single location", optional=True),
        Column("high", float, "upper end of its interval", optional=True),
    ],
)
