"""Sentences that say how far the numbers of an experiment can be trusted, computed from its comparisons and clips."""

from collections.abc import Callable, Hashable, Iterator, Mapping
from math import isnan
from typing import Any

import pandas as pd

from tagasc.artifacts.controls import CONTROLS
from tagasc.paper.grid import HEADLINE, TEST_LISTS, parse
from tagasc.paper.numbers import ACCURACY
from tagasc.tables.estimates import BASELINE
from tagasc.tables.figures.families import SHUFFLED, family, headline
from tagasc.tables.overview.wording import counted, listed, one_or_more, per_cent, points

_MOST_NAMED = 3
"""Number of cells with shuffled tags up to which a sentence names each of them."""
_WITHOUT_NETWORK = {
    "tags_alone": "a support vector machine on tags alone reaches {}",
    "tuned_tags": "a tuned one {}",
    BASELINE: "the baseline, which has no tags, {}",
}
"""What the accuracies of these systems are called."""


def trust(comparisons: pd.DataFrame, clips: pd.DataFrame, *, with_paper: bool) -> list[str]:
    """Return paragraphs about seeds, intervals, controls, protocol, selection, clips, cities and the paper.

    Parameters
    ----------
    comparisons
        The table `tagasc.artifacts.comparisons.COMPARISONS`. All paragraphs but the paper's are about its headline.
    clips
        The table of all clips.
    with_paper
        Whether to compare with the paper's numbers.
    """
    rows = headline(comparisons)
    controls = rows[rows["cell"].isin(list(CONTROLS))]
    cells = rows[[name not in CONTROLS and parse(name).takes_own_tags for name in rows["cell"]]]
    tested = clips[clips["split"].isin(TEST_LISTS[HEADLINE[1]])]
    return [
        _about_clips(rows, tested),
        _about_seeds(rows),
        *_about_intervals(rows, cells),
        _about_controls(cells, controls),
        _about_shuffled(rows),
        _about_tags_alone(rows, tested),
        _about_protocol(str(rows["protocol"].iloc[0])),
        *_about_cities(cells),
        *(_about_paper(comparisons) if with_paper else ()),
    ]


def _about_clips(rows: pd.DataFrame, tested: pd.DataFrame) -> str:
    clips, locations = counted(len(tested), "test clip"), int(rows["locations"].iloc[0])
    cities = counted(tested["city"].nunique(), "city")
    if locations == 1:
        return f"All {clips} come from one location, so there are no intervals and no p-values."
    return (
        f"The {clips} were recorded at {locations:,} locations in {cities}. Clips of one location are alike, so "
        "intervals depend on the number of locations more than on that of clips."
    )


def _about_seeds(rows: pd.DataFrame) -> str:
    fewest, most = int(rows["seeds"].min()), int(rows["seeds"].max())
    if most == 1:
        return (
            "There is one seed per cell. Intervals cover the choice of locations alone, chance between trainings is "
            "unknown, and there are no p-values."
        )
    seeds = counted(most, "seed") if fewest == most else f"{fewest} to {most} seeds"
    return f"There are {seeds} per cell. Intervals cover the choice of locations and chance between trainings."


def _about_intervals(rows: pd.DataFrame, cells: pd.DataFrame) -> Iterator[str]:
    """Yield how wide intervals are, and how many cells differ from the baseline."""
    reach = (rows["high"] - rows["low"]).median() / 2
    if isnan(reach):
        return
    text = f"Half of the 95 % intervals of accuracies reach {100 * reach:.2f} points or more to each side"
    reach = (rows["difference_high"] - rows["difference_low"]).median() / 2
    if isnan(reach):
        missing = "the baseline was not scored" if BASELINE not in rows["cell"].tolist() else "nothing else was scored"
        yield f"{text}. There are no differences from the baseline, because {missing}."
        return
    yield (
        f"{text}; those of differences from the baseline, {100 * reach:.2f} points or more. Smaller differences can "
        "remain unseen."
    )
    if len(cells):
        yield " ".join(_about_differences(cells))


def _about_differences(cells: pd.DataFrame) -> Iterator[str]:
    more, less = int((cells["difference_low"] > 0).sum()), int((cells["difference_high"] < 0).sum())
    # With one seed, intervals ignore chance between trainings, so zero is excluded more often.
    by_chance = f"{'more than' if cells['seeds'].min() == 1 else 'about'} {0.05 * len(cells):.1f}"
    found = more + less
    sides = f": {more} above it, {less} below" if found else ""
    yield (
        f"Of {counted(len(cells), 'cell')} with tags, {found or 'none'} {one_or_more(found or 1, 'has', 'have')} an "
        f"interval of the difference from the baseline that excludes zero{sides}. If no cell differed, {by_chance} "
        "would, by chance."
    )
    if cells["p_holm"].notna().any():
        below = int((cells["p_holm"] < 0.05).sum())
        yield (
            f"{below or 'None'} {one_or_more(below or 1, 'has', 'have')} a p-value below 0.05 after Holm's adjustment "
            "for the cells of a table."
        )


def _about_controls(cells: pd.DataFrame, controls: pd.DataFrame) -> str:
    if cells.empty or controls.empty:
        return "There is no cell with tags, or no control, so nothing shows what networks add to tags as features."
    cell, control = _best(cells), _best(controls)
    difference = cell["accuracy"] - control["accuracy"]
    selected = "Both were selected on the clips that they are tested on, which favours the larger family."
    if len(cells) == 1:
        selected = "The control was selected on the clips that it is tested on, which favours it."
    return (
        f"Controls have no network that takes tags. The best of {len(controls)}, {control['cell']}, reaches "
        f"{per_cent(control['accuracy'])}; the {f'best of {len(cells)} cells' if len(cells) > 1 else 'only cell'} "
        f"with tags, {cell['cell']}, {per_cent(cell['accuracy'])}: a difference of {points(difference)} points. "
        f"{selected}"
    )


def _about_shuffled(rows: pd.DataFrame) -> str:
    shuffled = rows[[family(name) == SHUFFLED for name in rows["cell"]]]
    if shuffled.empty:
        return (
            "No cell with shuffled tags was trained. It would show what a network gains from tags that say nothing "
            "about the clip."
        )
    found = shuffled.dropna(subset="difference")
    if found.empty:
        return f"With the tags of other clips, cells reach {_range(shuffled['accuracy'], per_cent)}."
    if len(found) > _MOST_NAMED:
        differences = f"{_range(found['difference'], points)} points ({counted(len(found), 'cell')})"
    else:
        differences = listed([_difference(row) for row in found.to_dict("records")])
    return (
        f"With the tags of other clips, the difference from the baseline is {differences}. What is gained there does "
        "not come from what the tags say."
    )


def _difference(row: Mapping[Hashable, Any]) -> str:
    low, high = row["difference_low"], row["difference_high"]
    interval = "" if isnan(low) else f", 95 % interval {points(low)} to {points(high)}"
    return f"{points(row['difference'])} points ({row['cell']}{interval})"


def _range(values: "pd.Series[float]", wording: Callable[[float], str]) -> str:
    return " to ".join(dict.fromkeys([wording(values.min()), wording(values.max())]))


def _about_tags_alone(rows: pd.DataFrame, tested: pd.DataFrame) -> str:
    accuracies = rows.set_index("cell")["accuracy"]
    chance = float(tested["scene"].value_counts(normalize=True).max())
    parts = [text.format(per_cent(accuracies[name])) for name, text in _WITHOUT_NETWORK.items() if name in accuracies]
    return _capitalised(listed([*parts, f"naming the most frequent scene every time reaches {per_cent(chance)}"])) + "."


def _about_protocol(protocol: str) -> str:
    if protocol == "last":
        return (
            "Protocol last: nothing was chosen on the test clips. Codes are of the last epoch, and cross-validation on "
            "training clips chose the kernel."
        )
    return f"Protocol {protocol}: epoch and kernel were chosen on the test clips, which favours every cell."


def _about_cities(cells: pd.DataFrame) -> Iterator[str]:
    if cells.empty:
        return
    cell = _best(cells)
    seen, unseen = cell["accuracy_seen"], cell["accuracy_unseen"]
    if isnan(unseen):
        yield "All test clips come from cities that also have training clips, so new cities remain untested."
    elif isnan(seen):
        yield "No test clip comes from a city that has training clips."
    else:
        yield (
            f"In cities with training clips, the best cell reaches {per_cent(seen)}; in cities without, "
            f"{per_cent(unseen)}."
        )


def _about_paper(comparisons: pd.DataFrame) -> Iterator[str]:
    """Yield how many intervals hold the paper's number, in each protocol."""
    shown = comparisons[(comparisons["test_list"] == HEADLINE[1]) & comparisons["cell"].isin(list(ACCURACY))]
    counts = list(filter(None, (_inside(rows, "") for _, rows in shown.groupby("protocol", sort=False))))
    if counts:
        yield (
            f"The 95 % interval of a cell's accuracy holds the paper's number for {listed(counts)}. On the "
            "paper's clips, the choice of locations is the same, so it widens these intervals but explains no "
            "difference. The paper does not name its protocol; it probably used best_on_test."
        )
    if further := _inside(shown, "further_"):
        yield f"The 95 % prediction interval of one further run holds the paper's number for {further}."


def _inside(rows: pd.DataFrame, prefix: str) -> str:
    """Return how many of the intervals in these columns hold the paper's number; an empty text if there are none."""
    rows = rows[rows[f"{prefix}low"].notna()]
    if rows.empty:
        return ""
    paper = rows["cell"].map(ACCURACY).astype(float) / 100
    inside = int(((rows[f"{prefix}low"] <= paper) & (paper <= rows[f"{prefix}high"])).sum())
    return f"{inside} of {counted(len(rows), 'cell')} under protocol {rows['protocol'].iloc[0]}"


def _best(rows: pd.DataFrame) -> dict[Hashable, Any]:
    """Return the most accurate row; the first one of equals."""
    return rows.to_dict("records")[int(rows["accuracy"].argmax())]


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]
