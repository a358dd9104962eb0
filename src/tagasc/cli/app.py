"""The application ``tagasc``, to which the other modules of this package add their commands."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from tagasc import __version__
from tagasc.runtime.system_errors import as_input_error

app = typer.Typer(
    help="Acoustic scene classification using audio tagging (Jung et al., 2020).\n\n"
    "Experiments are run by snakemake in the folder with the Snakefile: 'snakemake -n' shows the paper's, "
    "'snakemake --profile demo' runs it in miniature. These commands tell more about them, and use what was trained.",
    epilog="Example: 'tagasc cells --format markdown' lists the paper's cells as a Markdown table.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0, or 1 after one line on stderr."""
    try:
        app(arguments, prog_name="tagasc")
    except SystemExit as end:
        return int(end.code or 0)
    except Exception as error:
        if (refused := as_input_error(error, Path(f"standard output or a file in {Path.cwd()}"))) is None:
            raise
        print(f"tagasc: error: {refused}", file=sys.stderr)
        return 1
    return 0


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"tagasc {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Take the options that stand before a command. The application has the help text."""
