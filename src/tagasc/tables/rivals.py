"""Table 6: the best system of this run beside the paper's, and beside those that the paper cites."""

from dataclasses import dataclass
from statistics import mean, stdev
from typing import Literal

import pandas as pd

from tagasc.cells import CELLS, cells_of_table, table_name
from tagasc.config import Network
from tagasc.paper import TABLE6_OURS, TABLE6_RIVALS
from tagasc.tables.collect import Accuracy, provenance, scores_under, summary
from tagasc.tables.render import DASH, Entry, Printed, two_decimals

Architecture = Literal["table1", "table6"]
ARCHITECTURES: tuple[Architecture, ...] = ("table1", "table6")


@dataclass(frozen=True)
class Sizes:
    """What the size of a network depends on besides its configuration.

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


def comparison(
    scores: pd.DataFrame, protocol: str, test_list: str, network: Network, sizes: Sizes
) -> tuple[Printed, pd.DataFrame]:
    """Lay out Table 6.

    Ours is the cell of Table 5 with the best mean accuracy among those that are scored, as in the paper. Its parameters
    are counted for both architectures, because the paper's own count fits only one of them; the accuracy stands with
    the one that was trained.

    Parameters
    ----------
    scores
        Scores as `tagasc.tables.collect.read_scores` returns them.
    protocol, test_list
        Which of them to show.
    network
        The network that was trained.
    sizes
        What it was trained on.

    Returns
    -------
    Printed
        The table for people.
    DataFrame
        The table for programs, with exact counts; sd and n where there are several seeds.
    """
    shown = scores_under(scores, protocol, test_list)
    shown = shown[shown["cell"].isin(cells_of_table(5))]
    accuracies = summary(shown)
    rows = [_Row(r.name, r.parameters or "-", Accuracy(r.accuracy, None, 1), "cited") for r in TABLE6_RIVALS]
    paper = Accuracy(TABLE6_OURS.accuracy, None, 1)
    rows.append(_Row(TABLE6_OURS.name, TABLE6_OURS.parameters or "-", paper, "paper"))
    best = max(accuracies, key=lambda name: accuracies[name].mean, default=None)  # of equals the table's first
    for architecture in ARCHITECTURES:
        trained = architecture == network.architecture
        source = "this run" if trained else "counted only"
        if best is None:
            rows.append(_Row(f"Ours, {architecture}", "", None, source))
            continue
        count = _parameters(best, network, architecture, sizes)
        accuracy = accuracies[best] if trained else None
        rows.append(_Row(f"Ours, {best}, {architecture}", str(count), accuracy, source))
    note = f"{provenance(shown)} {_choice(list(accuracies.values()))}"
    return _printed(rows, table_name(6, protocol, test_list), note), _plain(rows)


def _parameters(name: str, network: Network, architecture: Architecture, sizes: Sizes) -> int:
    """Count the trainable parameters that the cell has in an architecture, be it the trained one or the other."""
    from tagasc.frontend.cost import cost  # noqa: PLC0415 - brings torch, which only this table needs

    changes: dict[str, str] = {"architecture": architecture}
    if architecture == "table1":
        changes["attention_site"] = "before_pooling"  # its only one; the site changes no count
    other = network.model_copy(update=changes)
    return cost(CELLS[name], other, sizes.tags, sizes.classes, sizes.channels, sizes.samples).parameters


def _choice(accuracies: list[Accuracy]) -> str:
    """Say how far the best of several cells can be trusted."""
    means = [accuracy.mean for accuracy in accuracies]
    if not means:
        return f"{DASH}: no cell of Table 5 is scored."
    among = ""
    if len(means) > 1:
        among = f", which have mean {mean(means):.2f} and standard deviation {stdev(means):.2f}"
    return (
        f"Ours is the maximum of {len(means)} of Table 5's cells{among}: a choice made on the test clips, as the "
        "paper's 76.75 is of 20 with mean 75.80 and standard deviation 0.44, so it favours ours over the cited "
        f"systems. -: not reported. {DASH}: not trained."
    )


def _printed(rows: list[_Row], name: str, note: str) -> Printed:
    best = max(row.accuracy.mean for row in rows if row.accuracy)
    entries = []
    for row in rows:
        count = f"{int(row.parameters):,}" if row.parameters.isdecimal() else row.parameters or DASH
        accuracy = Entry(DASH)
        if row.accuracy:
            text = two_decimals(row.accuracy.mean)
            sd = row.accuracy.sd
            beside = "" if sd is None else f" ± {two_decimals(sd)} [{row.accuracy.n}]"
            accuracy = Entry(text, text == two_decimals(best), beside)
        entries.append((Entry(row.system), Entry(count), accuracy, Entry(row.source)))
    several = any(row.accuracy and row.accuracy.n > 1 for row in rows)
    means = "; of ours mean ± standard deviation [number of seeds]" if several else ""
    return Printed(
        number=6,
        name=name,
        caption=f"The best system beside others on raw waveforms: trainable parameters and accuracy in %{means}.",
        titles=("System", "# Param", "Acc (%)", "Source"),
        align="lrrl",
        rows=tuple(entries),
        note=note,
    )


def _plain(rows: list[_Row]) -> pd.DataFrame:
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
