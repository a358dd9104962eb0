"""Rule collect_scores: the scores of all cells and seeds in one file."""

from collections.abc import Sequence
from pathlib import Path

from tagasc.artifacts.scores import SCORES, read_scores


def collect_scores(paths: Sequence[Path], output: Path) -> None:
    """Write the scores of all cells and seeds as one csv file, in the order of the tables, then by seed.

    Raises
    ------
    InputError
        If a file is missing, damaged or foreign, or if the files do not belong together.
    """
    SCORES.write(output, read_scores(paths))
