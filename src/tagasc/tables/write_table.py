"""Rules table2 to table6: the files of one table."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd

from tagasc.artifacts.scenes import read_clips
from tagasc.artifacts.scores import read_scores
from tagasc.artifacts.tags import read_tags
from tagasc.config import Audio, Network
from tagasc.paper.grid import TABLES, TEST_LISTS
from tagasc.runtime.files import atomic_write
from tagasc.tables.cell_tables import cell_table
from tagasc.tables.render import PrintedTable, latex, markdown
from tagasc.tables.table6 import InputSizes, table6

LayOut = Callable[[str, str], tuple[PrintedTable, pd.DataFrame]]
"""Lays out a table for a protocol and a test list."""


def write_cell_table(number: int, protocols: Sequence[str], *, score_paths: Sequence[Path], folder: Path) -> None:
    """Write one of Tables 2-5 for each protocol and test list, as csv, Markdown and LaTeX.

    Parameters
    ----------
    number
        2 to 5.
    protocols
        The protocols by which the cells were scored.
    score_paths
        The scores of the table's cells, one file per cell and seed. Other cells are ignored, and cells without a file
        are shown as a dash.
    folder
        Where to write the files, which are named by `tagasc.paper.grid.table_name`.

    Raises
    ------
    InputError
        If a file is missing, damaged or foreign, or if the files do not belong together.
    """
    scores = read_scores(score_paths)
    _write(lambda protocol, test_list: cell_table(TABLES[number], scores, protocol, test_list), protocols, folder)


def write_table6(
    protocols: Sequence[str],
    network: Network,
    audio: Audio,
    *,
    score_paths: Sequence[Path],
    tags_path: Path,
    clips_path: Path,
    folder: Path,
) -> None:
    """Write Table 6 for each protocol and test list, as csv, Markdown and LaTeX.

    Parameters
    ----------
    protocols, score_paths, folder
        See `write_cell_table`; the scores are those of Table 5's cells.
    network, audio
        The network that was trained, and the format of its clips.
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
        channels=audio.channels,
        samples=audio.samples,
    )
    _write(lambda protocol, test_list: table6(scores, protocol, test_list, network, sizes), protocols, folder)


def _write(lay_out: LayOut, protocols: Sequence[str], folder: Path) -> None:
    """Write a table for each protocol and test list."""
    for protocol in protocols:
        for test_list in TEST_LISTS:
            printed, plain = lay_out(protocol, test_list)
            contents = {"csv": plain.to_csv(index=False), "md": markdown(printed), "tex": latex(printed)}
            for suffix, text in contents.items():
                with atomic_write(folder / f"{printed.name}.{suffix}") as partial:
                    partial.write_text(text, encoding="utf-8")
