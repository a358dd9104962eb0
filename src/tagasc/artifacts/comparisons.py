"""Accuracies with intervals, and comparisons with the baseline."""

from tagasc.artifacts.table import Column, TableFile

COMPARISONS = TableFile(
    path="experiments/<name>/comparisons.csv",
    rule="compare_cells",
    meaning="One row per cell or control, protocol and test list. Accuracies and differences are fractions, averaged "
    "over seeds. Intervals are 95 % intervals. With several seeds, they cover the choice of locations and chance "
    "between trainings; with one seed, they cover locations alone, and there are no p-values. They are empty if all "
    "clips come from one location.",
    columns=[
        Column("cell", str, "name of the cell or control"),
        Column("tables", str, "numbers of the tables that show it", optional=True),
        Column("protocol", str, "last or best_on_test"),
        Column("test_list", str, "official, or all_but_train if some clips are unused"),
        Column("seeds", int, "number of seeds; with one seed, intervals cover locations alone"),
        Column("clips", int, "clips of the test list"),
        Column("locations", int, "number of their locations"),
        Column("accuracy", float, "mean over seeds"),
        Column("low", float, "lower end of its interval", optional=True),
        Column("high", float, "upper end of its interval", optional=True),
        Column("location_error", float, "standard error of the accuracy over locations alone", optional=True),
        Column("macro_accuracy", float, "mean over scenes of the share of correct clips, then over seeds"),
        Column("macro_low", float, "lower end of its interval", optional=True),
        Column("macro_high", float, "upper end of its interval", optional=True),
        Column("accuracy_seen", float, "accuracy in cities that have training clips", optional=True),
        Column("accuracy_unseen", float, "accuracy in cities that have none", optional=True),
        Column("difference", float, "from the baseline; for controls that take its codes, over the seeds that both "
               "have", optional=True),
        Column("difference_low", float, "lower end of its interval", optional=True),
        Column("difference_high", float, "upper end of its interval", optional=True),
        Column("p", float, "of a t-test of the difference; empty for one seed", optional=True),
        Column("p_holm", float, "p, adjusted for the cells of the table by Holm's procedure", optional=True),
        Column("paper", float, "under best_on_test, on TAU 2019: the paper's number", optional=True),
        Column("further_low", float, "under best_on_test, from three seeds on: lower end of the 95 % prediction "
               "interval of one further run", optional=True),
        Column("further_high", float, "its upper end", optional=True),
    ],
)  # fmt: skip
