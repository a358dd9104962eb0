"""The table of gained clips on the page."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from tagasc.artifacts.pictures import GAINED_CLIPS
from tagasc.tables.overview.page_table import PageTable

_MOST = 40
_PLACES = (1, 2, 3)


def gained_table(clips: pd.DataFrame) -> PageTable | None:
    """Return the table of the first clips that the best cell gains; None if it gains none.

    Parameters
    ----------
    clips
        The table of the figure gained_clips.
    """
    gained = clips[clips["change"] == "gained"]
    if gained.empty:
        return None
    rows = gained.head(_MOST).to_dict("records")
    every = f"the {len(gained)} clips" if len(gained) > 1 else "the only clip"
    which = every if len(gained) <= _MOST else f"the first {_MOST} of {len(gained):,} clips"
    more = f" The others are in figures/{GAINED_CLIPS.name}.csv." if len(gained) > _MOST else ""
    return PageTable(
        id="gained_clips",
        caption=f"Here are {which} that {gained['cell'].iloc[0]} gets right and the baseline wrong.{more}",
        headings=[(title, False) for title in ("Clip", "Scene", "The baseline predicts", "Strongest tags")],
        rows=[[row["filename"], row["scene"], row["baseline_predicted"], _tags(row)] for row in rows],
    )


def _tags(row: Mapping[Hashable, Any]) -> str:
    """Return the strongest tags of a clip with their values."""
    return ", ".join(f"{row[f'tag{place}']} {row[f'value{place}']:.2f}" for place in _PLACES if row[f"tag{place}"])
