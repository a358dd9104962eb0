"""The list of the paper's cells: the tables that show them, what they cost, and the paper's accuracy."""

import json
from typing import Literal

import pandas as pd

from tagasc.artifacts.markdown import markdown_table
from tagasc.config import Architecture, Audio, Network
from tagasc.frontend.cost import cost
from tagasc.paper.grid import CELLS, tables_of_cell
from tagasc.paper.numbers import ACCURACY

Format = Literal["table", "csv", "markdown", "json"]


def list_cells(architecture: Architecture) -> pd.DataFrame:
    """Return one row per cell of Tables 2-5: cell, tables, parameters, macs, paper_accuracy (per cent).

    Counts are for the paper's sizes: 80 tags, 10 scenes, 2 channels, 480,000 samples.
    """
    network, audio = Network(architecture=architecture), Audio()
    rows = []
    for name, cell in CELLS.items():
        counted = cost(cell, network, 80, 10, audio.channels, audio.samples)
        rows.append((name, tables_of_cell(name), counted.parameters, counted.macs, ACCURACY[name]))
    return pd.DataFrame(rows, columns=["cell", "tables", "parameters", "macs", "paper_accuracy"])


def format_cells(cells: pd.DataFrame, style: Format) -> str:
    """Return the list as text; numbers have thousands separators where people read them."""
    if style == "json":
        return json.dumps(cells.to_dict("records"), indent=2) + "\n"
    text = cells.assign(tables=[" ".join(map(str, numbers)) for numbers in cells["tables"]])
    if style == "csv":
        return str(text.to_csv(index=False, float_format="%.2f", lineterminator="\n"))
    for column in ("parameters", "macs"):
        text[column] = [f"{count:,}" for count in cells[column]]
    text["paper_accuracy"] = [f"{accuracy:.2f}" for accuracy in cells["paper_accuracy"]]
    if style == "markdown":
        return markdown_table(list(text.columns), text.to_numpy().tolist(), "lrrrr") + "\n"
    width = text["cell"].str.len().max()
    return str(text.to_string(index=False, formatters={"cell": f"{{:<{width}}}".format})) + "\n"
