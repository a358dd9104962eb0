"""The files of one table."""

from collections.abc import Sequence
from pathlib import Path

from tagasc.cells import TABLES, TEST_LISTS, table_name
from tagasc.config import Network
from tagasc.tables.collect import read_scores
from tagasc.tables.grid import grid
from tagasc.tables.render import latex, markdown
from tagasc.tables.rivals import Sizes, comparison
from tagasc.writing import written_whole


def write_tables(
    number: int,
    score_paths: Sequence[str | Path],
    folder: str | Path,
    protocols: Sequence[str],
    *,
    network: Network | None = None,
    sizes: Sizes | None = None,
) -> None:
    """Write one of Tables 2-6 for each protocol and test list: as csv for programs, as Markdown and as LaTeX.

    Parameters
    ----------
    number
        2 to 6.
    score_paths
        scores.csv of the table's cells, a file a cell and seed; cells of other tables are left out, and a dash stands
        for the table's cells that have none.
    folder
        Where ``table<number>.csv`` and the others go, called as `tagasc.cells.table_name` says.
    protocols
        Those by which the cells were scored.
    network, sizes
        For Table 6, which counts parameters: the network that was trained, and on what.

    Raises
    ------
    InputError
        If score files do not fit together (see `tagasc.tables.collect.read_scores`).
    """
    scores = read_scores(score_paths)
    for protocol in protocols:
        for test_list in TEST_LISTS:
            if number == 6:
                if network is None or sizes is None:
                    raise TypeError("Table 6 counts parameters: it needs network and sizes")
                table, frame = comparison(scores, protocol, test_list, network, sizes)
            else:
                table, frame = grid(TABLES[number], scores, protocol, test_list)
            stem = Path(folder) / table_name(number, protocol, test_list)
            with written_whole(stem.with_suffix(".csv")) as path:
                frame.to_csv(path, index=False)
            with written_whole(stem.with_suffix(".md")) as path:
                path.write_text(markdown(table), encoding="utf-8")
            with written_whole(stem.with_suffix(".tex")) as path:
                path.write_text(latex(table), encoding="utf-8")
