"""Table 6: the best system of this run, next to the paper's and those that it cites, or to its own baseline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean, stdev
from typing import get_args

import pandas as pd

from tagasc.config import Architecture, Frontend, Network
from tagasc.paper.grid import cells_of_table, parse, table_name
from tagasc.paper.numbers import TABLE6_CITED, TABLE6_OURS, accuracies
from tagasc.tables.render import DASH, Entry, Panel, PrintedTable, two_decimals
from tagasc.tables.summary import CONCLUSION, Accuracy, provenance, select_scores, summarise

ARCHITECTURES: tuple[Architecture, ...] = get_args(Architecture)


@dataclass(frozen=True)
class InputSizes:
    """Sizes of a network's inputs and outputs, on which its number of parameters depends.

    Length of a tag vector, number of scenes, and channels of a clip.
    """

    tags: int
    classes: int
    channels: int


@dataclass(frozen=True)
class _Row:
    system: str
    parameters: str  # as printed in the paper, or an exact count
    source: str
    accuracy: Accuracy | None = None
    macro: Accuracy | None = None


def table6(
    scores: pd.DataFrame, protocol: str, test_list: str, frontend: Frontend, sizes: InputSizes, *, with_paper: bool
) -> tuple[PrintedTable, pd.DataFrame]:
    """Lay out Table 6.

    As in the paper, ours is the cell of Table 5 with the best mean accuracy. Its parameters are counted for both
    architectures, because the paper's own count fits only one of them. The accuracy is that of the trained one. Cells
    that follow Jung et al. (2019) [22] have a row each.

    Parameters
    ----------
    scores
        Scores as `tagasc.artifacts.scores.read_scores` returns them.
    protocol, test_list
        Which of the scores to show.
    frontend
        The networks that were trained, and which clips chose the scenes of specialists.
    sizes
        What it was trained on.
    with_paper
        Whether to show the paper's system and those that it cites; otherwise, the run's baseline is shown.

    Returns
    -------
    PrintedTable
        The table to read.
    DataFrame
        The table for programs, with exact counts; standard deviations and number of seeds if there are several.
    """
    names = cells_of_table(5) if with_paper else ["baseline", *cells_of_table(5)]
    shown = select_scores(scores, protocol, test_list)
    following = [name for name in shown["cell"].unique() if parse(name).follows_jung2019]
    following.sort(key=lambda name: parse(name).variant != "jung2019")  # its own cells come first
    shown = shown[shown["cell"].isin([*names, *following])]
    ours, macro = summarise(shown), summarise(shown, "macro_accuracy")
    means = {name: ours[name].mean for name in cells_of_table(5) if name in ours}
    best = max(means, key=lambda name: means[name], default=None)  # of equals the table's first
    rows = [*(_cited() if with_paper else []), *_following(following, ours, macro, frontend, sizes)]
    for name in [*([] if with_paper else ["baseline"]), *([best] if best else [])]:
        for architecture in ARCHITECTURES:
            system = f"{'Ours, ' if with_paper else ''}{name}, {architecture}"
            count = str(_count_parameters(name, frontend.network, architecture, sizes))
            scored = name in ours and architecture == frontend.network.architecture
            found = (ours[name], macro[name]) if scored else ()
            rows.append(_Row(system, count, "this run" if scored else "counted only", *found))
    notes = (
        provenance(shown, with_paper=with_paper),
        _selection_note(list(means.values()), with_paper=with_paper),
        f"{'-: not reported. ' if with_paper else ''}{DASH}: not trained.",
        CONCLUSION,
    )
    return _printed(rows, table_name(6, protocol, test_list), " ".join(notes)), _plain(rows)


def _cited() -> list[_Row]:
    """Return the rows of the systems that the paper cites, and of its own."""
    return [
        _Row(system.name, system.parameters or "-", source, Accuracy(system.accuracy, None, 1))
        for system, source in [*((cited, "cited") for cited in TABLE6_CITED), (TABLE6_OURS, "paper")]
    ]


def _following(
    names: Sequence[str],
    accuracies: Mapping[str, Accuracy],
    macro: Mapping[str, Accuracy],
    frontend: Frontend,
    sizes: InputSizes,
) -> list[_Row]:
    """Return the rows of cells that follow Jung et al. (2019) [22]: its baseline, its system, and other students."""
    titles = {"jung2019": "Jung et al. [22], baseline, trained here", "jung2019-kd": "Jung et al. [22], trained here"}
    rows = []
    for name in names:
        network = frontend.recipe(parse(name)).network
        count = str(_count_parameters(name, network, network.architecture, sizes))
        source = "this run"
        if parse(name).is_student and frontend.distillation.confusion_of == "test":
            source = "this run, specialists chosen on test clips"
        title = titles.get(name, f"{name}, {network.architecture}")
        rows.append(_Row(title, count, source, accuracies[name], macro[name]))
    return rows


def _count_parameters(name: str, network: Network, architecture: Architecture, sizes: InputSizes) -> int:
    """Count the trainable parameters of the cell in an architecture, which need not be the trained one."""
    from tagasc.frontend.cost import count_parameters  # noqa: PLC0415 - imports torch, which only this table needs

    changes: dict[str, str] = {"architecture": architecture}
    if architecture == "table1":
        changes["attention_site"] = "before_pooling"  # its only one; the site changes no count
    other = network.model_copy(update=changes)
    return count_parameters(parse(name), other, sizes.tags, sizes.classes, sizes.channels)


def _selection_note(means: Sequence[float], *, with_paper: bool) -> str:
    """Return the sentence that says how far the best of several cells can be trusted."""
    if not means:
        return "No cell of Table 5 is scored."
    among = f", which have {_spread(means)}" if len(means) > 1 else ""
    paper = accuracies(5)
    as_paper = f", as the paper's {max(paper):.2f} is the maximum of {len(paper)} with {_spread(paper)}"
    return (
        f"{'Ours' if with_paper else 'The best cell'} is the maximum of {len(means)} of Table 5's cells{among}. It was "
        f"selected on the test clips{as_paper if with_paper else ''}, so it favours "
        f"{'ours over the cited systems' if with_paper else 'the best cell over the baseline'}."
    )


def _spread(values: Sequence[float]) -> str:
    return f"mean {mean(values):.2f} and standard deviation {stdev(values):.2f}"


def _printed(rows: Sequence[_Row], name: str, note: str) -> PrintedTable:
    """Return the table to read."""
    best, best_macro = _best([row.accuracy for row in rows]), _best([row.macro for row in rows])
    entries = []
    for row in rows:
        count = f"{int(row.parameters):,}" if row.parameters.isdecimal() else row.parameters
        missing = "-" if row.source in ("cited", "paper") else DASH
        columns = (_entry(row.accuracy, best, missing), _entry(row.macro, best_macro, missing))
        entries.append((Entry(row.system), Entry(count), *columns, Entry(row.source)))
    several = any(row.accuracy and row.accuracy.n > 1 for row in rows)
    means = " (of this run: mean ± standard deviation [number of seeds])" if several else ""
    return PrintedTable(
        number=6,
        name=name,
        caption=f"The best system and others on raw waveforms: trainable parameters, and accuracy in %{means}, overall "
        "and class-averaged (mean over scenes, DCASE's metric).",
        titles=("System", "# Param", "Acc (%)", "Class-averaged (%)", "Source"),
        alignment="lrrrl",
        panels=(Panel(tuple(entries)),),
        note=note,
    )


def _best(shown: Sequence[Accuracy | None]) -> float | None:
    """Return the best of a column; None if nothing is compared."""
    means = [accuracy.mean for accuracy in shown if accuracy]
    return max(means) if len(means) > 1 else None


def _entry(accuracy: Accuracy | None, best: float | None, missing: str) -> Entry:
    if accuracy is None:
        return Entry(missing)
    text = two_decimals(accuracy.mean)
    suffix = "" if accuracy.sd is None else f" ± {two_decimals(accuracy.sd)} [{accuracy.n}]"
    return Entry(text, text == two_decimals(best), suffix)


def _plain(rows: Sequence[_Row]) -> pd.DataFrame:
    """Return the table for programs."""
    several = any(row.accuracy and row.accuracy.n > 1 for row in rows)
    lines = []
    for row in rows:
        accuracy, macro = row.accuracy, row.macro
        line = {"System": row.system, "# Param": row.parameters}
        line["Acc (%)"] = two_decimals(accuracy.mean if accuracy else None)
        if several:
            line["Acc sd"] = two_decimals(accuracy.sd if accuracy else None)
            line["Acc n"] = str(accuracy.n) if accuracy and row.source.startswith("this run") else ""
        line["Class-averaged (%)"] = two_decimals(macro.mean if macro else None)
        if several:
            line["Class-averaged sd"] = two_decimals(macro.sd if macro else None)
        lines.append(line | {"Source": row.source})
    return pd.DataFrame(lines)
