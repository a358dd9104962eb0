"""Rule draw_learning: losses and accuracies of all trainings, as a table and as a figure."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from tagasc.artifacts.figure import write_figure
from tagasc.artifacts.history import CELL_HISTORY, read_history
from tagasc.artifacts.learning import FIGURE, LEARNING
from tagasc.paper.grid import VARIANTS, parse, table_order


def draw_learning(history_paths: Sequence[Path], *, table_path: Path, figure_path: Path) -> None:
    """Write the histories of all trainings as one csv file, and their losses as a figure.

    Parameters
    ----------
    history_paths
        The histories of all cells and seeds.
    table_path
        Where to write the table.
    figure_path
        Where to write the figure, as svg: training loss over epochs, averaged over seeds, with one panel per variant
        and one line per cell.

    Raises
    ------
    InputError
        If a history is missing, damaged or foreign.
    """
    rows = [row for path in history_paths for row in read_history(CELL_HISTORY, path)]
    learning = pd.DataFrame(rows).reindex(columns=LEARNING.names)
    learning = learning.sort_values("cell", key=lambda cells: cells.map(table_order), kind="stable")
    LEARNING.write(table_path, learning)
    write_figure(FIGURE, figure_path, _draw_panels(learning))


def _draw_panels(learning: pd.DataFrame) -> Figure:
    """Draw the losses of all cells, with one panel per variant."""
    losses = learning.pivot_table("loss", "epoch", "cell", sort=False)
    variant = {name: parse(name).variant for name in losses.columns}
    shown = [name for name in VARIANTS if name in variant.values()] or ["none"]
    figure = Figure(figsize=(3.2 * len(shown), 2.8), layout="constrained")
    panels = figure.subplots(1, len(shown), sharey=True, squeeze=False)[0]
    for panel, name in zip(panels, shown, strict=True):
        panel.set(title=name, xlabel="epoch", yscale="log")
        cells = [cell for cell in losses.columns if variant[cell] == name]
        for cell in cells:
            panel.plot(losses.index, losses[cell], label=cell.removeprefix(f"{name}-"), linewidth=1)
        if 1 < len(cells) <= 8:
            panel.legend(fontsize="x-small")
    panels[0].set_ylabel("training loss")
    return figure
