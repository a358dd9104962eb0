"""Rules table2 to table6: the files of one table."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd

from tagasc.artifacts.scenes import read_clips
from tagasc.artifacts.scores import read_scores
from tagasc.artifacts.tables import TABLE
from tagasc.artifacts.tags import read_tags
from tagasc.config import CompareWithPaper, Frontend
from tagasc.paper.grid import TABLES, test_lists
from tagasc.tables.cell_tables import cell_table
from tagasc.tables.render import PrintedTable, latex, markdown
from tagasc.tables.summary import shows_paper
from tagasc.tables.table6 import InputSizes, table6

LayOut = Callable[[str, str], tuple[PrintedTable, pd.DataFrame]]
"""Lays out a table for a protocol and a test list."""


def write_cell_table(
    number: int,
    protocols: Sequence[str],
    compare_with_paper: CompareWithPaper,
    *,
    score_paths: Sequence[Path],
    clips_path: Path,
    folder: Path,
) -> None:
    """Write one of Tables 2-5 for each protocol and each test list of the clips, as csv, Markdown and LaTeX.

    Parameters
    ----------
    number
        2 to 5.
    protocols
        The protocols by which the cells were scored.
    compare_with_paper
        Whether to show the paper's numbers; see `tagasc.tables.summary.shows_paper`.
    score_paths
        The scores of the table's cells, one file per cell and seed. Other cells are ignored, and cells without a file
        are shown as a dash.
    clips_path
        The clips of the scenes.
    folder
        Where to write the files, which are named by `tagasc.paper.grid.table_name`.

    Raises
    ------
    InputError
        If a file is missing, damaged or foreign, or if the files do not belong together.
    """
    scores, clips = read_scores(score_paths), read_clips(clips_path)
    with_paper = shows_paper(compare_with_paper, clips)

    def lay_out(protocol: str, test_list: str) -> tuple[PrintedTable, pd.DataFrame]:
        return cell_table(TABLES[number], scores, protocol, test_list, with_paper=with_paper)

    _write(lay_out, protocols, test_lists(clips["split"]), folder)


def write_table6(
    protocols: Sequence[str],
    compare_with_paper: CompareWithPaper,
    frontend: Frontend,
    channels: int,
    *,
    score_paths: Sequence[Path],
    tags_path: Path,
    clips_path: Path,
    folder: Path,
) -> None:
    """Write Table 6 for each protocol and each test list of the clips, as csv, Markdown and LaTeX.

    Parameters
    ----------
    protocols, compare_with_paper, score_paths, folder
        See `write_cell_table`; the scores are those of Table 5's cells, of cells that follow Jung et al. (2019) [22]
        and, without the paper, of the baseline.
    frontend, channels
        How networks were trained, and the channels of their clips.
    tags_path, clips_path
        The tag vectors and the clips that it was trained on: tags and scenes are counted.

    Raises
    ------
    InputError
        If a file is missing, damaged or foreign, or if the files do not belong together.
    """
    scores, clips = read_scores(score_paths), read_clips(clips_path)
    sizes = InputSizes(
        tags=len(read_tags(tags_path, clips["filename"].tolist()).labels),
        classes=clips["scene"].nunique(),
        channels=channels,
    )
    with_paper = shows_paper(compare_with_paper, clips)

    def lay_out(protocol: str, test_list: str) -> tuple[PrintedTable, pd.DataFrame]:
        return table6(scores, protocol, test_list, frontend, sizes, with_paper=with_paper)

    _write(lay_out, protocols, test_lists(clips["split"]), folder)


def _write(lay_out: LayOut, protocols: Sequence[str], lists: Sequence[str], folder: Path) -> None:
    """Write a table for each protocol and test list."""
    for protocol in protocols:
        for test_list in lists:
            printed, plain = lay_out(protocol, test_list)
            contents = {"csv": plain.to_csv(index=False), "md": markdown(printed), "tex": latex(printed)}
            for suffix, text in contents.items():
                TABLE.write_text(folder / f"{printed.name}.{suffix}", text)
