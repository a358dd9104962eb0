"""Rule compare_cells: how much the cells differ from the baseline, and how far that can be trusted.

The cells of a table differ by tenths of a point, and the 4,185 clips of the official test list come from 149 locations.
Each accuracy therefore has an interval, and each cell a paired test against the baseline.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from tagasc.artifacts.classwise import CLASSWISE
from tagasc.artifacts.comparisons import COMPARISONS
from tagasc.artifacts.scenes import read_clips
from tagasc.artifacts.table import TableFile
from tagasc.config import Comparisons
from tagasc.paper.grid import table_order
from tagasc.tables.comparison import BASELINE, comparison_rows
from tagasc.tables.confusion import confusion_rows
from tagasc.tables.evaluation import read_evaluations


def compare_cells(
    comparisons: Comparisons,
    *,
    prediction_paths: Sequence[Path],
    clips_path: Path,
    comparisons_path: Path,
    classwise_path: Path,
) -> None:
    """Compare every cell with the baseline, and write the confusion matrices of all cells.

    Parameters
    ----------
    comparisons
        Number of resamples, and their seed.
    prediction_paths
        The predictions of all cells and seeds.
    clips_path
        The table of clips, for cities and locations.
    comparisons_path, classwise_path
        Where to write the comparisons and the confusion matrices.

    Raises
    ------
    InputError
        If a file is missing, damaged or foreign, or if the files do not belong together.
    """
    evaluations = read_evaluations(prediction_paths, read_clips(clips_path))
    if evaluations and not any(BASELINE in evaluation.cells for evaluation in evaluations):
        print("the baseline is not among the cells, so differences and tests stay empty", file=sys.stderr)
    _write(COMPARISONS, comparisons_path, [comparison_rows(evaluation, comparisons) for evaluation in evaluations])
    _write(CLASSWISE, classwise_path, [confusion_rows(evaluation) for evaluation in evaluations])


def _write(artifact: TableFile, path: Path, tables: Sequence[pd.DataFrame]) -> None:
    """Write the rows of all tables, with the cells in the order of the paper's tables."""
    rows = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=artifact.names)
    artifact.write(path, rows.sort_values("cell", key=lambda cells: cells.map(table_order), kind="stable"))
