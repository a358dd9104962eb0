"""Sentences about a comparison of experiments: what was found, and how far to trust it."""

from collections.abc import Iterator, Sequence
from math import isnan

import pandas as pd

from tagasc.tables.overview.compare_experiments import PAIRED, SAME, common_clips, has_same_clips
from tagasc.tables.overview.experiments import FinishedExperiment
from tagasc.tables.overview.wording import counted, listed, one_or_more, points


def findings(experiments: Sequence[FinishedExperiment], table: pd.DataFrame) -> list[str]:
    """Return a paragraph per further experiment: how many differences there are, and the largest one.

    Parameters
    ----------
    experiments
        What is compared.
    table
        What `compare_experiments` returns for them.
    """
    first, *others = experiments
    return [_finding(first, other, _of(other, table)) for other in others]


def _finding(first: FinishedExperiment, other: FinishedExperiment, rows: pd.DataFrame) -> str:
    if rows.empty:
        return f"{other.name} is tested on other clips than {first.name}, so there are no differences."
    common = f"{systems(len(rows))} that {other.name} and {first.name} both have"
    different = rows[rows["comparison"] != SAME]
    if different.empty:
        return f"All predictions of the {common} are the same."
    largest = different.iloc[int(different["difference"].abs().argmax())]
    return (
        f"{_about_found(different, common, other.name)} The largest difference is {points(largest['difference'])} "
        f"points{_interval(largest)}, of {largest['system']}."
    )


def _about_found(different: pd.DataFrame, common: str, name: str) -> str:
    """Return the sentence that counts differences."""
    if different["difference_low"].isna().all():
        return f"There are no intervals for the {common}."
    if different["p"].notna().any():
        found, criterion = different[different["p_holm"] < 0.05], "with an adjusted p-value below 0.05"
    else:
        excludes_zero = (different["difference_low"] > 0) | (different["difference_high"] < 0)
        found, criterion = different[excludes_zero], "by an interval that excludes zero"
    if found.empty:
        return f"Of the {common}, none differs {criterion}."
    n, more = len(found), int((found["difference"] > 0).sum())
    differ = one_or_more(n, "differs", "differ")
    return f"Of the {common}, {n} {differ} {criterion}: {more} more accurate in {name}, {n - more} less."


def trust(experiments: Sequence[FinishedExperiment], table: pd.DataFrame, differing_keys: int) -> list[str]:
    """Return paragraphs that say how far to trust a comparison.

    Parameters
    ----------
    experiments, table
        As in `findings`.
    differing_keys
        Number of keys in which the configurations differ.
    """
    first, *others = experiments
    return [
        *_about_clips(first, others),
        _about_protocol(first.evaluation.protocol),
        _about_seeds(experiments, table),
        *(_about_missing(experiment) for experiment in experiments if experiment.missing),
        *(text for other in others for text in _about_differences(first, other, _of(other, table))),
        *_about_selection(table),
        f"The configurations differ in {counted(differing_keys, 'key')}."
        + " A difference can come from any of them." * (differing_keys > 1),
    ]


def _about_clips(first: FinishedExperiment, others: Sequence[FinishedExperiment]) -> Iterator[str]:
    clips = first.evaluation.clips
    locations = clips["location"].nunique()
    same = [other.name for other in others if has_same_clips(first.evaluation, other.evaluation)]
    if same:
        yield (
            f"{listed([first.name, *same])} are tested on the same {counted(len(clips), 'clip')} from "
            f"{counted(locations, 'location')}."
        )
    for other in others:
        if other.name not in same:
            n_common, n_clips = common_clips(first.evaluation, other.evaluation), len(other.evaluation.clips)
            yield (
                f"{other.name} is tested on other clips than {first.name}: of its {counted(n_clips, 'clip')}, "
                f"{n_common or 'none'} {'is' if n_common < 2 else 'are'} among the {len(clips):,} of {first.name} with "
                "the same scene and location. The clips would cause part of a difference, so none is shown."
            )
    if same and locations == 1:
        yield "With one location, there are no intervals and no tests."


def _about_protocol(protocol: str) -> str:
    if protocol == "last":
        return "All accuracies are of protocol last on the official test list: nothing was chosen on the test clips."
    return (
        f"All accuracies are of protocol {protocol} on the official test list: epoch and kernel were chosen on the "
        "test clips, which favours every cell."
    )


def _about_seeds(experiments: Sequence[FinishedExperiment], table: pd.DataFrame) -> str:
    seeds = {it.name: table.loc[table["experiment"] == it.name, "seeds"] for it in experiments}
    who = listed([f"{name} has {_seeds(int(its.min()), int(its.max()))}" for name, its in seeds.items()])
    if min(int(its.min()) for its in seeds.values()) > 1:
        return f"{who}. Intervals cover the choice of locations and chance between trainings."
    return (
        f"{who}. If one of two experiments has one seed, the interval of a difference covers the choice of "
        "locations alone, and there is no p-value. Controls without training need no further seed."
    )


def _seeds(fewest: int, most: int) -> str:
    return counted(most, "seed") if fewest == most else f"{fewest} to {most} seeds"


def _about_missing(experiment: FinishedExperiment) -> str:
    runs = counted(experiment.missing, "configured run")
    have = one_or_more(experiment.missing, "has", "have")
    return f"{runs} of {experiment.name} {have} no predictions, so the accuracies are those of the others."


def _about_differences(first: FinishedExperiment, other: FinishedExperiment, rows: pd.DataFrame) -> Iterator[str]:
    both = f"{other.name} and {first.name}"
    same, paired = (int((rows["comparison"] == kind).sum()) for kind in (SAME, PAIRED))
    if same:
        yield (
            f"{systems(same)} {one_or_more(same, 'has', 'have')} the same predictions in {both}, in all seeds that "
            "both have. Such a difference is zero, and it is not tested."
        )
    if paired:
        why = f"{both} score the same trainings"
        if first.trainings != other.trainings:
            why = f"The baselines of {both} have the same predictions, so controls on their codes share trainings"
        yield f"{why}. {systems(paired)} {_is(paired)} compared training by training, over the seeds that both have."
    reach = float(((rows["difference_high"] - rows["difference_low"]) / 2).median())
    if not isnan(reach):
        yield (
            f"Half of the 95 % intervals of differences between {both} reach {100 * reach:.2f} points or more to each "
            "side. Smaller differences can remain unseen."
        )
    if tested := int(rows["p"].notna().sum()):
        below = int((rows["p_holm"] < 0.05).sum())
        yield (
            f"{counted(tested, 'difference')} between {both} {_is(tested)} tested. p-values are adjusted for their "
            f"number by Holm's procedure: {below or 'none'} {_is(below or 1)} below 0.05."
        )


def _about_selection(table: pd.DataFrame) -> Iterator[str]:
    if table["difference"].notna().sum() > 1:
        yield "The largest of several differences was selected on these same clips, which exaggerates it."


def _interval(row: "pd.Series") -> str:
    if isnan(row["difference_low"]):
        return ""
    return f" (95 % interval {points(row['difference_low'])} to {points(row['difference_high'])})"


def _of(other: FinishedExperiment, table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of an experiment that have a difference."""
    return table[(table["experiment"] == other.name) & (table["comparison"] != "")]


def systems(number: int) -> str:
    """Return a number of cells and controls.

    >>> systems(1), systems(57)
    ('1 cell or control', '57 cells and controls')
    """
    return "1 cell or control" if number == 1 else f"{number} cells and controls"


def _is(number: int) -> str:
    return one_or_more(number, "is", "are")
