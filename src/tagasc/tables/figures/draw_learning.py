"""Rule draw_learning: losses and accuracies of all trainings."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from tagasc.artifacts.history import CELL_HISTORY, read_history
from tagasc.artifacts.pictures import LEARNING
from tagasc.artifacts.scores import read_scores
from tagasc.tables.figures.learning import draw_learning as draw
from tagasc.tables.figures.learning import learning_rows


def draw_learning(history_paths: Sequence[Path], score_paths: Sequence[Path], *, folder: Path) -> None:
    """Write the figure learning.

    Parameters
    ----------
    history_paths, score_paths
        The histories and the scores of all cells and seeds.
    folder
        The folder ``figures`` of the experiment.

    Raises
    ------
    InputError
        If a file is missing, damaged or foreign.
    """
    histories = pd.DataFrame([row for path in history_paths for row in read_history(CELL_HISTORY, path)])
    LEARNING.write(folder, learning_rows(histories, read_scores(score_paths)), draw)
