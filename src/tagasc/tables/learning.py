"""What the trainings of an experiment learned, epoch by epoch: one tidy table, and a picture with a panel a variant."""

import json
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from tagasc.cells import VARIANTS, parse, place_in_tables
from tagasc.figures import write_figure
from tagasc.tables.collect import training_of
from tagasc.writing import written_whole

LEARNING_COLUMNS = ["cell", "seed", "epoch", "loss", "train_accuracy", "evaluate_accuracy"]


def write_learning(history_paths: Sequence[str | Path], table_path: str | Path, figure_path: str | Path) -> None:
    """Write the histories of all trainings as one csv file, and their losses as a figure.

    Parameters
    ----------
    history_paths
        history.jsonl of all cells and seeds; their folders say which: ``…/<cell>/seed<k>/history.jsonl``.
    table_path
        Written with a row a training and epoch and the columns `LEARNING_COLUMNS`; accuracies are fractions of the
        output layer, and that on the evaluation clips is there for some epochs only.
    figure_path
        Written as svg: training loss over epochs, a line a cell (its mean over seeds), a panel a variant.

    Raises
    ------
    InputError
        If a path does not name cell and seed.
    """
    frames = [pd.DataFrame(columns=LEARNING_COLUMNS)]
    for path in history_paths:
        cell, seed = training_of(path)
        rows = [json.loads(line) for line in Path(path).read_text().splitlines()]
        frames.append(pd.DataFrame(rows).reindex(columns=LEARNING_COLUMNS).assign(cell=cell, seed=seed))
    learning = pd.concat([frame for frame in frames if len(frame)] or frames[:1], ignore_index=True)
    learning = learning.sort_values("cell", key=lambda cells: cells.map(place_in_tables), kind="stable")
    with written_whole(table_path) as partial:
        learning.to_csv(partial, index=False)
    write_figure(_panels(learning), figure_path)


def _panels(learning: pd.DataFrame) -> Figure:
    """Draw the losses of all cells, a panel a variant."""
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
