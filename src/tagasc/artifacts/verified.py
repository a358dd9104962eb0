"""What was counted in a data set folder before packing."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from tagasc.artifacts.table import Column, TableFile

VERIFIED = TableFile(
    path="corpora/<corpus>/verified.csv",
    rule="pack_scenes or pack_events",
    meaning="What was counted in the data set's folder before packing, next to the published counts.",
    columns=[
        Column("what", str, "what was counted"),
        Column("found", int, "how many there are"),
        Column("published", int, "how many there should be; empty for your own recordings", optional=True),
    ],
)


class Count(NamedTuple):
    """How many there are of something; ``published`` is None for recordings whose counts nobody has published.

    >>> Count("clips in train", 9_180, 9_185).difference
    'clips in train: found 9180, expected 9185'
    """

    what: str
    found: int
    published: int | None

    @property
    def difference(self) -> str | None:
        """What differs, in words; None if nothing does."""
        if self.published in (None, self.found):
            return None
        return f"{self.what}: found {self.found}, expected {self.published}"


def write_verified(path: Path, counts: Sequence[Count]) -> None:
    """Write what was counted.

    >>> write_verified(folder / "verified.csv", [Count("clips", 3, None)])
    >>> VERIFIED.read(folder / "verified.csv")["found"].tolist()
    [3]
    """
    VERIFIED.write(path, pd.DataFrame(counts).astype({"published": "Int64"}))
