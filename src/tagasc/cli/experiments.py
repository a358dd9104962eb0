"""Commands about experiments: what can be asked without running the workflow."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from tagasc.cli.app import app
from tagasc.runtime.files import atomic_write


@app.command(short_help="List the 56 cells of Tables 2-5.")
def cells(
    architecture: Annotated[
        Literal["table1", "table6"],
        typer.Option(help="The scene network as the paper's Table 1 prints it, or as its Table 6 counts it."),
    ] = "table1",
    style: Annotated[
        Literal["table", "csv", "markdown", "json"], typer.Option("--format", help="How to print the list.")
    ] = "table",
) -> None:
    """List the 56 cells of Tables 2-5, with parameters, MACs and the paper's accuracy.

    Columns: name, the tables that show the cell, trainable parameters, multiply-accumulate operations per clip, and the
    accuracy that the paper prints (%). Counts are for the paper's sizes: 80 tags, 10 scenes, 2 channels, 480,000
    samples.
    """
    from tagasc.tables.list_cells import format_cells, list_cells  # noqa: PLC0415 - imports torch, which takes seconds

    typer.echo(format_cells(list_cells(architecture), style), nl=False)


@app.command(short_help="Print all configuration keys with their defaults.")
def config(
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON schema for editors instead.")] = False,
) -> None:
    """Print config.yaml: every key with its default, and how to choose its value."""
    from tagasc.config.export import config_schema, config_yaml  # noqa: PLC0415 - no command imports more than it needs

    typer.echo(config_schema() if schema else config_yaml(), nl=False)


@app.command(short_help="Check recordings before a run: what stops it, and what weakens its results.")
def check(
    configfile: Annotated[
        list[Path] | None, typer.Option("--configfile", metavar="FILE", help="Configuration file; may be repeated.")
    ] = None,
    pairs: Annotated[
        list[str] | None, typer.Option("--config", "-C", metavar="KEY=VALUE", help="Change one key; may be repeated.")
    ] = None,
    more: Annotated[list[str] | None, typer.Argument(metavar="FILE|KEY=VALUE", hidden=True)] = None,
) -> None:
    """Check recordings, their lists and tags before a run.

    Lists and headers are read, which takes seconds; audio is not decoded. A table shows what there is. Then come all
    problems that will stop a run, and what weakens its results. The exit status is 1 if something will stop a run.
    The options are those of snakemake: 'tagasc check --configfile my.yaml --config data=my-data'.
    """
    from tagasc.config.loading import load_files  # noqa: PLC0415 - no command imports more than it needs
    from tagasc.corpora.check import check_events, check_scenes  # noqa: PLC0415
    from tagasc.tagger.import_tags import check_tags  # noqa: PLC0415

    # As with snakemake, one option can be followed by several values.
    words = more or []
    files = [*(configfile or []), *(Path(word) for word in words if "=" not in word)]
    experiment = load_files(files, [*(pairs or []), *(word for word in words if "=" in word)])
    found, clips = check_scenes(experiment)
    if experiment.tagger.kind == "file":
        assert experiment.tagger.path is not None
        found += check_tags(Path(experiment.tagger.path), [] if clips is None else clips["filename"].tolist())
    else:
        found += check_events(experiment)
    typer.echo("\n".join(found.lines()))
    if found.stops:
        raise typer.Exit(1)


@app.command(short_help="Explain the files that a run leaves in results/.")
def results() -> None:
    """Explain the files that a run leaves in results/."""
    from tagasc.artifacts.readme import results_readme  # noqa: PLC0415 - imports torch, which takes seconds

    typer.echo(results_readme(), nl=False)


@app.command(
    short_help="Show what a run will do, and why.",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
def plan(
    gpu: Annotated[
        str | None,
        typer.Option(
            metavar="CARD",
            help="GPU to estimate the time for: h100, a100, rtx4090 and others, or the TFLOP/s that it sustains. "
            "Without it, devices of finished trainings, those in benchmarks/RECORD.md, or three common cards.",
        ),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(
            metavar="N", help="Number of GPUs. Without it, what the arguments of snakemake allow, for instance -j 40."
        ),
    ] = None,
    arguments: Annotated[
        list[str] | None,
        typer.Argument(metavar="ARGUMENTS", help="What would follow 'snakemake': targets and options."),
    ] = None,
) -> None:
    """Show what 'snakemake' would do with the same arguments, why, and what it costs. Nothing is run.

    One line per rule tells the number of its jobs, and which key, file or script has changed. Then come the time on
    GPUs, memory and disk space that these jobs need, and how sure these numbers are. 'tagasc plan --profile demo
    table3' plans what 'snakemake --profile demo table3' would run. --gpu and --jobs precede the arguments of snakemake.
    """
    from tagasc.costs.plan import plan_lines  # noqa: PLC0415 - no command imports more than it needs

    for line in plan_lines(arguments or [], gpu, jobs, Path("results")):
        typer.echo(line)


@app.command(short_help="Find results that have changed since they were written.")
def verify(
    experiment: Annotated[str, typer.Argument(metavar="EXPERIMENT", help="Name of a finished or interrupted one.")],
) -> None:
    """Compare all files of an experiment with the digests that were recorded when they were written.

    This covers its corpora, tagger and tags, too. Any changed byte is found. Each line names a file, what is wrong with
    it, and which rule writes it again. The exit status is 1 if there is such a file. Run it in the folder of results/.
    """
    from tagasc.artifacts.verification import find_files  # noqa: PLC0415 - no command imports more than it needs
    from tagasc.artifacts.verification import verify as verify_files  # noqa: PLC0415

    files = find_files(experiment, Path("results"))
    problems = list(verify_files(files))
    size = sum(path.stat().st_size for path, _ in files if path.is_file())
    for problem in problems:
        typer.echo(problem)
    typer.echo(f"{len(files)} files, {size / 1e6:,.1f} MB: {len(problems) or 'none'} changed since they were written.")
    if problems:
        raise typer.Exit(1)


@app.command(short_help="Write a page that shows several experiments side by side.")
def compare(
    experiments: Annotated[
        list[str],
        typer.Argument(metavar="EXPERIMENT", help="Names of two or more; the first is the reference."),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="PAGE", help="The page to write.")] = Path(
        "comparison.html"
    ),
) -> None:
    """Write a page that shows several experiments side by side: another tagger or another recipe, for instance.

    For each cell and control, it has the accuracy in every experiment and the difference from the first experiment,
    with intervals and p-values. It also lists in which keys the configurations differ. Differences need the same test
    clips. Run it in the folder of results/. EXPERIMENT is the name of a folder in results/experiments, and NAME/WIDE is
    the experiment NAME with backend.name WIDE. Only a page of this command is overwritten.
    """
    from tagasc.tables.overview.write_comparison import write_comparison  # noqa: PLC0415 - imports scipy and matplotlib

    for line in write_comparison(experiments, results=Path("results"), output=output):
        typer.echo(line)


@app.command(short_help="Check the paper's own arithmetic.")
def audit(
    output: Annotated[Path | None, typer.Option(metavar="FILE", help="Write into FILE instead of printing.")] = None,
) -> None:
    """Check the paper's own arithmetic: possible accuracies, parameter counts, slips, and noise.

    The numbers that the paper prints are checked against each other: which accuracies are possible on which test list,
    parameter counts, slips, and what noise alone would give. The output is Markdown. No data is needed.
    """
    from tagasc.tables.audit import report  # noqa: PLC0415 - imports scipy and torch, which take seconds

    text = report()
    if output is None:
        typer.echo(text, nl=False)
        return
    with atomic_write(output) as partial:
        partial.write_text(text, encoding="utf-8")
