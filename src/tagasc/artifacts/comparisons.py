"""Accuracies with intervals, and paired comparisons with the baseline."""

from tagasc.artifacts.table import Column, TableFile

COMPARISONS = TableFile(
    path="experiments/<name>/comparisons.csv",
    rule="compare_cells",
    meaning="One row per cell or control, protocol and test list. Accuracies and differences are fractions, averaged "
    "over seeds; intervals are 95 % bootstrap intervals over locations and, with several seeds, over seeds.",
    columns=[
        Column("cell", str, "name of the cell or control"),
        Column("tables", str, "numbers of the tables that show it", optional=True),
        Column("protocol", str, "last or best_on_test"),
        Column("test_list", str, "official or all_but_train"),
        Column("seeds", int, "number of seeds"),
        Column("clips", int, "clips of the test list"),
        Column("accuracy", float, "mean over seeds"),
        Column("low", float, "lower end of its interval"),
        Column("high", float, "upper end of its interval"),
        Column("accuracy_seen", float, "accuracy in cities that have training clips", optional=True),
        Column("accuracy_unseen", float, "accuracy in cities that have none", optional=True),
        Column("difference", float, "from the baseline, over the seeds that both have", optional=True),
        Column("difference_low", float, "lower end of its interval", optional=True),
        Column("difference_high", float, "upper end of its interval", optional=True),
        Column("p", float, "of a sign-flip test over locations", optional=True),
        Column("p_holm", float, "p, adjusted for the cells of the table by Holm's procedure", optional=True),
        Column("paper", float, "under best_on_test: the paper's number", optional=True),
        Column("further_low", float, "under best_on_test, from three seeds on: lower end of the 95 % prediction "
               "interval of one further run", optional=True),
        Column("further_high", float, "its upper end", optional=True),
    ],
)  # fmt: skip
