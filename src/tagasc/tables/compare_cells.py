"""Rule compare_cells: how much the cells differ from the baseline and from controls, and how far to trust that.

The cells of a table differ by tenths of a point, and the 4,185 clips of the official test list come from 149 locations.
Each accuracy therefore has an interval, and each cell a test against the baseline.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from tagasc.artifacts.breakdown import BREAKDOWN
from tagasc.artifacts.classwise import CLASSWISE
from tagasc.artifacts.comparisons import COMPARISONS
from tagasc.artifacts.conclusion import write_conclusion
from tagasc.artifacts.scenes import read_clips
from tagasc.artifacts.scores import CELL_SCORES, read_scores
from tagasc.artifacts.table import TableFile
from tagasc.config import CompareWithPaper
from tagasc.paper.grid import table_order
from tagasc.tables.breakdown import breakdown_rows
from tagasc.tables.comparison import comparison_rows
from tagasc.tables.conclusion import conclude
from tagasc.tables.confusion import confusion_rows
from tagasc.tables.estimates import BASELINE
from tagasc.tables.evaluation import Evaluation, read_evaluations
from tagasc.tables.summary import shows_paper


def compare_cells(
    compare_with_paper: CompareWithPaper,
    *,
    prediction_paths: Sequence[Path],
    score_paths: Sequence[Path],
    clips_path: Path,
    comparisons_path: Path,
    classwise_path: Path,
    breakdown_path: Path,
    conclusion_path: Path,
) -> None:
    """Compare every cell with the baseline, break accuracies down, and write what follows.

    Parameters
    ----------
    compare_with_paper
        Whether to add the paper's numbers; see `tagasc.tables.summary.shows_paper`.
    prediction_paths
        The predictions of all cells, controls and seeds.
    score_paths
        The scores of all cells and seeds, which must be those of the predictions.
    clips_path
        The table of clips, for cities and locations.
    comparisons_path, classwise_path, breakdown_path, conclusion_path
        Where to write comparisons, confusion matrices, accuracies by scene and city, and the conclusion.

    Raises
    ------
    InputError
        If a file is missing, damaged or foreign, or if the files do not belong together.
    """
    clips = read_clips(clips_path)
    with_paper = shows_paper(compare_with_paper, clips)
    evaluations = read_evaluations(prediction_paths, clips)
    _check_scores(evaluations, score_paths)
    _report_what_stays_empty(evaluations)
    _write(COMPARISONS, comparisons_path, [comparison_rows(it, with_paper=with_paper) for it in evaluations])
    _write(CLASSWISE, classwise_path, [confusion_rows(it) for it in evaluations])
    _write(BREAKDOWN, breakdown_path, [breakdown_rows(it) for it in evaluations])
    write_conclusion(conclusion_path, conclude(evaluations))


def _check_scores(evaluations: Sequence[Evaluation], score_paths: Sequence[Path]) -> None:
    """Check that the scores, which the tables show, count the correct predictions, which are compared here."""
    correct = {
        (cell, seed, evaluation.protocol, evaluation.test_list): int(evaluation.correct[row].sum())
        for evaluation in evaluations
        for cell in evaluation.cells
        for seed, row in evaluation.runs_of(cell).items()
    }
    for path in score_paths:
        for score in read_scores([path]).to_dict("records"):
            counted = correct.get((score["cell"], score["seed"], score["protocol"], score["test_list"]))
            if counted != score["correct"]:
                problem = f"counts {score['correct']} correct clips, but its predictions.csv has {counted}"
                raise CELL_SCORES.error(path, problem)


def _report_what_stays_empty(evaluations: Sequence[Evaluation]) -> None:
    """Say in the log which columns stay empty, and why."""
    if evaluations and not any(BASELINE in evaluation.cells for evaluation in evaluations):
        print("the baseline is not among the cells, so differences and tests stay empty", file=sys.stderr)
    for evaluation in evaluations:
        if len(evaluation.clips["location"].unique()) == 1:
            print(
                f"all clips of the test list {evaluation.test_list} come from one location, so intervals and tests "
                "stay empty; record at several locations",
                file=sys.stderr,
            )


def _write(artifact: TableFile, path: Path, tables: Sequence[pd.DataFrame]) -> None:
    """Write the rows of all tables, with the cells in the order of the paper's tables."""
    rows = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=artifact.names)
    artifact.write(path, rows.sort_values("cell", key=lambda cells: cells.map(table_order), kind="stable"))
