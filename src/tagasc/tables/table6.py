"""Table 6: the best system of this run, the paper's, and the systems that the paper cites."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean, stdev
from typing import get_args

import pandas as pd

from tagasc.config import Architecture, Network
from tagasc.paper.grid import CELLS, cells_of_table, table_name
from tagasc.paper.numbers import TABLE6_CITED, TABLE6_OURS, accuracies
from tagasc.tables.render import DASH, Entry, PrintedTable, two_decimals
from tagasc.tables.summary import Accuracy, provenance, select_scores, summarise

ARCHITECTURES: tuple[Architecture, ...] = get_args(Architecture)


@dataclass(frozen=True)
class InputSizes:
    """Sizes of a network's inputs and outputs, on which its number of parameters depends.

    Length of a tag vector, number of scenes, and channels and samples of a clip.
    """

    tags: int
    classes: int
    channels: int
    samples: int


@dataclass(frozen=True)
class _Row:
    system: str
    parameters: str  # as printed in the paper, or an exact count; empty where there is none
    accuracy: Accuracy | None
    source: str


def table6(
    scores: pd.DataFrame, protocol: str, test_list: str, network: Network, sizes: InputSizes
) -> tuple[PrintedTable, pd.DataFrame]:
    """Lay out Table 6.

    As in the paper, ours is the cell of Table 5 with the best mean accuracy. Its parameters are counted for both
    architectures, because the paper's own count fits only one of them. The accuracy is that of the trained one.

    Parameters
    ----------
    scores
        Scores as `tagasc.artifacts.scores.read_scores` returns them.
    protocol, test_list
        Which of the scores to show.
    network
        The network that was trained.
    sizes
        What it was trained on.

    Returns
    -------
    PrintedTable
        The table to read.
    DataFrame
        The table for programs, with exact counts; standard deviation and number of seeds if there are several.
    """
    shown = select_scores(scores, protocol, test_list)
    shown = shown[shown["cell"].isin(cells_of_table(5))]
    ours = summarise(shown)
    rows = [
        _Row(system.name, system.parameters or "-", Accuracy(system.accuracy, None, 1), source)
        for system, source in [*((cited, "cited") for cited in TABLE6_CITED), (TABLE6_OURS, "paper")]
    ]
    best = max(ours, key=lambda name: ours[name].mean, default=None)  # of equals the table's first
    for architecture in ARCHITECTURES:
        trained = architecture == network.architecture
        source = "this run" if trained else "counted only"
        if best is None:
            rows.append(_Row(f"Ours, {architecture}", "", None, source))
            continue
        count = _count_parameters(best, network, architecture, sizes)
        rows.append(_Row(f"Ours, {best}, {architecture}", str(count), ours[best] if trained else None, source))
    note = f"{provenance(shown)} {_selection_note([accuracy.mean for accuracy in ours.values()])}"
    return _printed(rows, table_name(6, protocol, test_list), note), _plain(rows)


def _count_parameters(name: str, network: Network, architecture: Architecture, sizes: InputSizes) -> int:
    """Count the trainable parameters of the cell in an architecture, which need not be the trained one."""
    from tagasc.frontend.cost import cost  # noqa: PLC0415 - imports torch, which only this table needs

    changes: dict[str, str] = {"architecture": architecture}
    if architecture == "table1":
        changes["attention_site"] = "before_pooling"  # its only one; the site changes no count
    other = network.model_copy(update=changes)
    return cost(CELLS[name], other, sizes.tags, sizes.classes, sizes.channels, sizes.samples).parameters


def _selection_note(means: Sequence[float]) -> str:
    """Return the sentence that says how far the best of several cells can be trusted."""
    if not means:
        return f"{DASH}: no cell of Table 5 is scored."
    among = f", which have {_spread(means)}" if len(means) > 1 else ""
    paper = accuracies(5)
    return (
        f"Ours is the maximum of {len(means)} of Table 5's cells{among}. It was selected on the test clips, as the "
        f"paper's {max(paper):.2f} is the maximum of {len(paper)} with {_spread(paper)}, so it favours ours over the "
        f"cited systems. -: not reported. {DASH}: not trained."
    )


def _spread(values: Sequence[float]) -> str:
    return f"mean {mean(values):.2f} and standard deviation {stdev(values):.2f}"


def _printed(rows: Sequence[_Row], name: str, note: str) -> PrintedTable:
    """Return the table to read."""
    best = max(row.accuracy.mean for row in rows if row.accuracy)
    entries = []
    for row in rows:
        count = f"{int(row.parameters):,}" if row.parameters.isdecimal() else row.parameters or DASH
        accuracy = Entry(DASH)
        if row.accuracy:
            text = two_decimals(row.accuracy.mean)
            sd = row.accuracy.sd
            suffix = "" if sd is None else f" ± {two_decimals(sd)} [{row.accuracy.n}]"
            accuracy = Entry(text, text == two_decimals(best), suffix)
        entries.append((Entry(row.system), Entry(count), accuracy, Entry(row.source)))
    several = any(row.accuracy and row.accuracy.n > 1 for row in rows)
    means = " (for ours: mean ± standard deviation [number of seeds])" if several else ""
    return PrintedTable(
        number=6,
        name=name,
        caption=f"The best system and others on raw waveforms: trainable parameters, and accuracy in %{means}.",
        titles=("System", "# Param", "Acc (%)", "Source"),
        alignment="lrrl",
        rows=tuple(entries),
        note=note,
    )


def _plain(rows: Sequence[_Row]) -> pd.DataFrame:
    """Return the table for programs."""
    several = any(row.accuracy and row.accuracy.n > 1 for row in rows)
    titles = ["System", "# Param", "Acc (%)", *(["Acc sd", "Acc n"] if several else []), "Source"]
    lines = []
    for row in rows:
        accuracy = row.accuracy
        ours = accuracy is not None and row.source == "this run"
        spread = [two_decimals(accuracy.sd), str(accuracy.n)] if accuracy and ours else ["", ""]
        text = two_decimals(accuracy.mean) if accuracy else ""
        lines.append([row.system, row.parameters, text, *(spread if several else []), row.source])
    return pd.DataFrame(lines, columns=titles)
