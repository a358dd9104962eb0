"""Rule draw_time: where the time of a run went."""

from collections.abc import Sequence
from pathlib import Path

from tagasc.artifacts.pictures import TIME
from tagasc.tables.figures.run_time import draw_time as draw
from tagasc.tables.figures.run_time import time_rows


def draw_time(benchmark_folders: Sequence[tuple[str, Path]], *, folder: Path) -> None:
    """Write the figure time.

    Parameters
    ----------
    benchmark_folders
        Pairs of a stage and one of its folders ``benchmarks``; see `time_rows`.
    folder
        The folder ``figures`` of the experiment.
    """
    TIME.write(folder, time_rows(benchmark_folders), draw)
