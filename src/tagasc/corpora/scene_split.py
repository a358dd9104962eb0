"""Whether a fold of scenes can be learned from and tested: errors, and what would weaken the results."""

from pathlib import Path

import pandas as pd

from tagasc.runtime.errors import InputError, Report, likewise, nearest

MAX_IMBALANCE = 5
"""Ratio of the most and the least frequent scene's training clips above which it weakens the results."""


def check_split(clips: pd.DataFrame, train_list: Path, report: Report) -> None:
    """Check that each scene can be learned from the training clips, and that evaluation has other locations.

    Parameters
    ----------
    clips
        Columns filename, scene, location and split.
    train_list
        Path of the training list, for messages.
    report
        Takes the errors: training and evaluation share a location, there is one scene or one training location, or a
        scene has fewer than two training clips.
    """

    def problem(text: str, others: int = 0, what: str = "") -> None:
        report(InputError(f"{train_list}: {text}{likewise(others, what)}"))

    train, evaluate = (clips[clips["split"] == split] for split in ("train", "evaluate"))
    shared = evaluate[evaluate["location"].isin(train["location"])].drop_duplicates("location")
    for row in shared[:1].itertuples():
        other = train.loc[train["location"] == row.location, "filename"].iloc[0]
        text = (
            f"location {row.location} is in both lists ({other} in train, {row.filename} in evaluate), which must not "
            f"share one; move all its clips to one list"
        )
        problem(text, len(shared) - 1, "location")
    # Clips in neither list are scored too, on the test list of all clips that were not trained on.
    unknown = clips[~clips["scene"].isin(train["scene"])].drop_duplicates("scene")
    for row in unknown[:1].itertuples():
        text = (
            f"no clip has the scene '{row.scene}' of {row.filename}"
            f"{nearest(str(row.scene), train['scene'].unique())}; add training clips, or remove the scene"
        )
        problem(text, len(unknown) - 1, "scene")
    single = train[~train["scene"].duplicated(keep=False)]
    for row in single[:1].itertuples():
        text = (
            f"{row.filename} is the only clip of scene '{row.scene}', too few to learn it from; add training clips, or "
            f"remove the scene"
        )
        problem(text, len(single) - 1, "scene")
    if len(train["scene"].unique()) == 1:
        problem(
            f"all clips have the scene '{train['scene'].iloc[0]}', so there is nothing to classify; add clips of "
            f"another scene"
        )
    # The kernel is chosen, and differences are tested, by leaving out whole locations.
    if len(train["location"].unique()) == 1:
        problem(
            f"all clips come from location {train['location'].iloc[0]}, which says nothing about other locations; add "
            f"clips of another location"
        )


def city_problem(clips: pd.DataFrame, meta: Path) -> str | None:
    """Return what is wrong if nearly every city has a single location, as if identifiers named no city; else None."""
    places = clips.drop_duplicates("location")
    alone = places[~places["city"].duplicated(keep=False)]
    cities = places["city"].nunique()
    if cities < 3 or len(alone) < 0.9 * cities:
        return None
    identifier = max(alone["location"], key=lambda place: place.count("-"))
    city, _, location = identifier.rpartition("-")
    return (
        f"{meta}: {len(alone)} of {cities} cities have a single location; identifiers are split at their last hyphen, "
        f"so that '{identifier}' is location {location} of the city {city}; write them as city-location, or disregard "
        f"results by city"
    )


def split_weaknesses(clips: pd.DataFrame, train_list: Path, evaluate_list: Path) -> list[str]:
    """Return what in a sound split weakens the results: scenes at a single location, without evaluation, or unequal."""
    train, evaluate = (clips[clips["split"] == split] for split in ("train", "evaluate"))
    problems = []
    for path, part, meaning in (
        (train_list, train, "a network may learn the place instead of the scene"),
        (evaluate_list, evaluate, "their accuracy says little about other places"),
    ):
        places = part.groupby("scene")["location"].nunique()
        if single := sorted(places.index[places == 1]):
            problems.append(f"{path}: one location only for {', '.join(single)}; {meaning}; record at more locations")
    if untested := sorted(set(train["scene"]) - set(evaluate["scene"])):
        problems.append(f"{evaluate_list}: no clip of {', '.join(untested)}; add clips, or their accuracy is unknown")
    counts = train["scene"].value_counts()
    if len(counts) > 1 and counts.iloc[0] > MAX_IMBALANCE * counts.iloc[-1]:
        problems.append(
            f"{train_list}: {counts.index[0]} has {counts.iloc[0]} clips and {counts.index[-1]} has {counts.iloc[-1]}; "
            f"look at class-averaged accuracy, because overall accuracy favours frequent scenes"
        )
    return problems
