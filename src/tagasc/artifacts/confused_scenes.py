"""Pairs of scenes that a trained cell confuses, from which its specialists take theirs."""

from pathlib import Path

from tagasc.artifacts.table import Column, TableFile

CONFUSED_SCENES = TableFile(
    path="experiments/<name>/cells/<cell>/seed<k>/confused_scenes.csv",
    rule="find_confused_scenes",
    meaning="Every pair of scenes, the most confused one first. Specialist n of the cell takes the pair of rank n.",
    columns=[
        Column("rank", int, "rank of the pair, from 1"),
        Column("scene", str, "one of the two scenes"),
        Column("other", str, "the other one"),
        Column("confused", int, "clips of either scene that are classified as the other one"),
        Column("distance", float, "distance between the mean training codes of both scenes, which decides ties"),
    ],
)


def read_pair(path: Path, rank: int) -> tuple[str, str]:
    """Return the two scenes of a rank.

    Raises
    ------
    InputError
        If the file is missing or damaged, or if it has fewer pairs.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame([(1, "bus", "tram", 7, 0.5)], columns=CONFUSED_SCENES.names)
    >>> CONFUSED_SCENES.write(folder / "confused_scenes.csv", rows)
    >>> read_pair(folder / "confused_scenes.csv", 1)
    ('bus', 'tram')
    """
    pairs = CONFUSED_SCENES.read(path)
    found = pairs[pairs["rank"] == rank]
    if len(found) != 1:
        raise CONFUSED_SCENES.error(path, f"has {len(found)} pairs of rank {rank}, expected one")
    scene, other = found[["scene", "other"]].iloc[0]
    return str(scene), str(other)
