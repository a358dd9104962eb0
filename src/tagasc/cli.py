"""The command ``tagasc``: what can be asked without running the workflow."""

import argparse
import csv
import io
import json
import os
import sys
from collections.abc import Sequence
from typing import Any, Literal

from tagasc import __version__, paper
from tagasc.cells import CELLS, tables_of_cell
from tagasc.config import Network, Scenes
from tagasc.config_file import config_schema, config_yaml
from tagasc.errors import InputError
from tagasc.writing import written_whole

_COLUMNS = ("cell", "tables", "parameters", "macs", "paper_accuracy")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0, or 1 after an `InputError`'s line on stderr."""
    arguments = _parser().parse_args(argv)
    try:
        sys.stdout.write(arguments.run(arguments))
        sys.stdout.flush()
    except InputError as error:
        print(f"tagasc: error: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # The reader (say, head) has had enough; without this the interpreter would complain when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tagasc",
        description="Acoustic scene classification using audio tagging: the paper's grid and its configuration.",
        epilog="The experiments themselves are run by snakemake, in the folder with the Snakefile: 'snakemake -n' "
        "shows the paper's, 'snakemake --profile demo' runs a miniature of it.",
    )
    parser.add_argument("--version", action="version", version=f"tagasc {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    cells = commands.add_parser(
        "cells",
        help="list the 56 cells of Tables 2-5",
        description="List the cells of Tables 2-5: name, the tables that show it, trainable parameters, "
        "multiply-accumulates per clip, and the accuracy that the paper prints (%). Counts are for the paper's sizes: "
        "80 tags, 10 scenes, 2 channels, 480,000 samples.",
    )
    cells.add_argument(
        "--architecture",
        choices=("table1", "table6"),
        default="table1",
        help="the scene network as the paper's Table 1 prints it (default), or as its Table 6 counts it",
    )
    cells.add_argument(
        "--format",
        choices=tuple(_FORMATS),
        default="table",
        help="how to print the list (default: table, aligned for the terminal)",
    )
    cells.set_defaults(run=_cells)

    config = commands.add_parser(
        "config",
        help="print the configuration's defaults, or its schema",
        description="Print config.yaml: every key with its default, and how to choose it.",
    )
    config.add_argument("--schema", action="store_true", help="print the JSON schema for editors instead")
    config.set_defaults(run=lambda arguments: config_schema() if arguments.schema else config_yaml())

    audit = commands.add_parser(
        "audit",
        help="check the paper's own arithmetic",
        description="Check the numbers that the paper prints against each other, in Markdown: which accuracies are "
        "possible on which test list, parameter counts, slips, and what noise alone would do. Needs no data.",
    )
    audit.add_argument("--output", metavar="FILE", help="write into FILE instead of printing")
    audit.set_defaults(run=_audit)
    return parser


def _cells(arguments: argparse.Namespace) -> str:
    return _FORMATS[arguments.format](_rows(arguments.architecture))


def _audit(arguments: argparse.Namespace) -> str:
    from tagasc.audit import report  # noqa: PLC0415 - brings scipy, which the other commands do without

    text = report()
    if arguments.output is None:
        return text
    try:
        with written_whole(arguments.output) as partial:
            partial.write_text(text, encoding="utf-8")
    except OSError as error:
        reason = error.strerror or error
        raise InputError(f"--output {arguments.output}: cannot be written ({reason}); name another file") from None
    return ""


def _rows(architecture: Literal["table1", "table6"]) -> list[dict[str, Any]]:
    """Return a row a cell, in the order of the tables."""
    from tagasc.frontend.cost import cost  # noqa: PLC0415 - brings torch, which takes seconds

    network, scenes = Network(architecture=architecture), Scenes()
    rows = []
    for name, cell in CELLS.items():
        counted = cost(cell, network, 80, 10, scenes.channels, scenes.samples)
        values = (name, tables_of_cell(name), counted.parameters, counted.macs, paper.ACCURACY[name])
        rows.append(dict(zip(_COLUMNS, values, strict=True)))
    return rows


def _texts(rows: list[dict[str, Any]], group: str = "") -> list[list[str]]:
    """Return the rows as texts, with ``group`` between thousands."""
    return [
        [
            row["cell"],
            " ".join(str(number) for number in row["tables"]),
            f"{row['parameters']:{group}}",
            f"{row['macs']:{group}}",
            f"{row['paper_accuracy']:.2f}",
        ]
        for row in rows
    ]


def _as_table(rows: list[dict[str, Any]]) -> str:
    lines = [list(_COLUMNS), *_texts(rows, ",")]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_COLUMNS))]
    return "".join(
        f"{line[0]:<{widths[0]}}  "
        + "  ".join(f"{text:>{width}}" for text, width in zip(line[1:], widths[1:], strict=True))
        + "\n"
        for line in lines
    )


def _as_csv(rows: list[dict[str, Any]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([_COLUMNS, *_texts(rows)])
    return text.getvalue()


def _as_markdown(rows: list[dict[str, Any]]) -> str:
    lines = [_COLUMNS, (":--", "--:", "--:", "--:", "--:"), *_texts(rows, ",")]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def _as_json(rows: list[dict[str, Any]]) -> str:
    return json.dumps(rows, indent=2) + "\n"


_FORMATS = {"table": _as_table, "csv": _as_csv, "markdown": _as_markdown, "json": _as_json}
