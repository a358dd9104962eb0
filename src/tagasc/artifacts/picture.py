"""A figure of an experiment: the picture, and the tidy table that it is drawn from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from tagasc.artifacts.artifact import Artifact
from tagasc.artifacts.figure import write_figure
from tagasc.artifacts.table import Column, TableFile

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A figure that answers one question, in the folder ``figures`` of an experiment.

    Parameters
    ----------
    name
        Name of the files, without suffix.
    rule
        The rule that writes it.
    question
        What it answers, as its title.
    reading
        How to read it, in one or two sentences, in plain text.
    rows
        What a row of its table is.
    columns
        The columns of its table.
    """

    name: str
    rule: str
    question: str
    reading: str
    rows: str
    columns: Sequence[Column]

    @property
    def image(self) -> Artifact:
        """The picture as a file of the results tree."""
        return Artifact(
            path=f"experiments/<name>/figures/{self.name}.svg",
            rule=self.rule,
            meaning=f"{self.question} {self.reading}",
        )

    @property
    def table(self) -> TableFile:
        """The table as a file of the results tree. It has no rows if there is nothing to show."""
        return TableFile(
            path=f"experiments/<name>/figures/{self.name}.csv",
            rule=self.rule,
            meaning=f"The numbers of {self.name}.svg: {self.rows}",
            columns=self.columns,
            may_be_empty=True,
        )

    def write(self, folder: Path, table: pd.DataFrame, draw: Callable[[pd.DataFrame], "Figure"]) -> None:
        """Write the table, and draw the picture from what the file says.

        ``folder`` is the folder ``figures`` of an experiment.
        """
        path = folder / f"{self.name}.csv"
        self.table.write(path, table)
        stored = self.table.read(path)
        write_figure(self.image, folder / f"{self.name}.svg", lambda: draw(stored))
