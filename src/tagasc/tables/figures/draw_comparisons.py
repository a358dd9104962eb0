"""Rule draw_comparisons: the figures that follow from comparisons, confusion matrices and accuracies by scene."""

from functools import partial
from pathlib import Path

from tagasc.artifacts.breakdown import BREAKDOWN
from tagasc.artifacts.classwise import CLASSWISE
from tagasc.artifacts.comparisons import COMPARISONS
from tagasc.artifacts.pictures import CITIES, CONFUSION, DIFFERENCES, PAPER, PICTURES, SCENES
from tagasc.artifacts.scenes import read_clips
from tagasc.config import CompareWithPaper
from tagasc.tables.estimates import BASELINE
from tagasc.tables.figures.breakdown import city_rows, draw_cities, draw_scenes, scene_rows
from tagasc.tables.figures.confusion import confusion_rows, draw_confusion
from tagasc.tables.figures.differences import difference_rows, draw_differences
from tagasc.tables.figures.families import best_cell, headline
from tagasc.tables.figures.heat_maps import draw_heat_map, heat_map_rows
from tagasc.tables.figures.paper import draw_paper, paper_rows
from tagasc.tables.summary import shows_paper


def draw_comparisons(
    compare_with_paper: CompareWithPaper,
    *,
    comparisons_path: Path,
    classwise_path: Path,
    breakdown_path: Path,
    clips_path: Path,
    folder: Path,
) -> None:
    """Write the figures paper, table3, table4, table5, differences, confusion, scenes and cities.

    Parameters
    ----------
    compare_with_paper
        Whether to show the paper's numbers; see `tagasc.tables.summary.shows_paper`.
    comparisons_path, classwise_path, breakdown_path
        What rule compare_cells has written.
    clips_path
        The clips of the scenes.
    folder
        The folder ``figures`` of the experiment.

    Raises
    ------
    InputError
        If a file is missing, damaged or foreign.
    """
    comparisons, clips = COMPARISONS.read(comparisons_path), read_clips(clips_path)
    classwise, breakdown = CLASSWISE.read(classwise_path), BREAKDOWN.read(breakdown_path)
    with_paper = shows_paper(compare_with_paper, clips)
    shown = headline(comparisons)
    compared = [BASELINE] if BASELINE in set(shown["cell"]) else []
    compared += [best] if (best := best_cell(shown)) else []

    DIFFERENCES.write(folder, difference_rows(comparisons), draw_differences)
    PAPER.write(folder, paper_rows(comparisons, with_paper=with_paper), draw_paper)
    for number in (3, 4, 5):
        rows = heat_map_rows(comparisons, number, with_paper=with_paper)
        PICTURES[f"table{number}"].write(folder, rows, partial(draw_heat_map, number=number))
    CONFUSION.write(folder, confusion_rows(classwise, compared), draw_confusion)
    SCENES.write(folder, scene_rows(breakdown, compared), draw_scenes)
    CITIES.write(folder, city_rows(breakdown, compared, clips), draw_cities)
