"""The files of one table."""

from collections.abc import Sequence
from pathlib import Path

from tagasc.cells import TABLES
from tagasc.config import Network
from tagasc.tables.collect import read_scores
from tagasc.tables.grid import grid
from tagasc.tables.render import latex, markdown
from tagasc.tables.rivals import Sizes, comparison
from tagasc.writing import written_whole


def write_table(
    number: int,
    score_paths: Sequence[str | Path],
    csv_path: str | Path,
    markdown_path: str | Path,
    latex_path: str | Path,
    *,
    network: Network | None = None,
    tags: int | None = None,
    classes: int | None = None,
    channels: int | None = None,
    samples: int | None = None,
) -> None:
    """Write one of Tables 2-6 three times: as csv for programs, as Markdown and as LaTeX.

    Parameters
    ----------
    number
        2 to 6.
    score_paths
        scores.csv of the table's cells, a file a cell and seed; cells of other tables are left out, and a dash stands
        for the table's cells that have none.
    network
        The network that was trained, whose parameters Table 6 counts. It and the next are for Table 6 only.
    tags, classes, channels, samples
        Length of a tag vector, number of scenes, channels and samples of a clip.

    Raises
    ------
    InputError
        If score files do not fit together (see `tagasc.tables.collect.read_scores`).
    """
    scores = read_scores(score_paths)
    if number == 6:
        if network is None or tags is None or classes is None or channels is None or samples is None:
            raise TypeError("Table 6 counts parameters: it needs network, tags, classes, channels and samples")
        table, frame = comparison(scores, network, Sizes(tags, classes, channels, samples))
    else:
        table, frame = grid(TABLES[number], scores)
    with written_whole(csv_path) as path:
        frame.to_csv(path, index=False)
    with written_whole(markdown_path) as path:
        path.write_text(markdown(table), encoding="utf-8")
    with written_whole(latex_path) as path:
        path.write_text(latex(table), encoding="utf-8")
