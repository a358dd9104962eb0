"""The command that prepares a run on a user's own recordings."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from tagasc.cli.app import app


@app.command(short_help="Turn a plain folder of your recordings into a data set and a file of keys.")
def init(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Your recordings: FOLDER/scene/location/file.")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="New folder to write.")],
    name: Annotated[str | None, typer.Option(help="Name of the experiment.  [default: the name of DIR]")] = None,
    size: Annotated[
        Literal["small", "paper"],
        typer.Option(help="Networks and trainings of the demo's size, for a first look, or of the paper's."),
    ] = "small",
    clip: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS",
            help="Length of clips. Longer recordings are cut.  [default: 10, or the most frequent length of recordings "
            "that are all shorter]",
        ),
    ] = None,
    evaluate: Annotated[
        float, typer.Option(metavar="FRACTION", help="Share of each scene's locations to evaluate on.")
    ] = 0.3,
    evaluate_on: Annotated[
        list[str] | None,
        typer.Option(metavar="LOCATION", help="Evaluate on this location; may be repeated. Then none is drawn."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Another seed draws other locations.")] = 0,
    cells: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CELL", help="A cell to train, or all; may be repeated.  [default: five cells and a control]"
        ),
    ] = None,
    events: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Train the tagger on these events, in the layout of FSDKaggle2019."),
    ] = None,
    bundle: Annotated[
        Path | None,
        typer.Option(
            metavar="BUNDLE", help="Take network, tags and the start of the trainings from what 'tagasc bundle' wrote."
        ),
    ] = None,
    tags: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Take the tags of another tagger from this csv, parquet or npz file."),
    ] = None,
) -> None:
    """Turn a plain folder of your recordings into a data set and a file of keys.

    Recordings are FOLDER/scene/location/file in any format that libsndfile reads. They are split into training and
    evaluation by location. Those longer than a clip are cut; for all others, DIR has links. DIR/experiment.yaml is for
    'tagasc check' and 'snakemake'. FOLDER is not changed. Example: 'tagasc init my-recordings -o my-data'.
    """
    from tagasc.recordings.init import Options, init_recordings  # noqa: PLC0415 - no command imports more than it needs
    from tagasc.recordings.sizes import CELLS  # noqa: PLC0415

    options = Options(
        name=name,
        size=size,
        clip=clip,
        evaluate=evaluate,
        seed=seed,
        evaluate_on=evaluate_on or [],
        events=events,
        tags=tags,
        bundle=bundle,
        cells=cells or CELLS,
    )
    init_recordings(folder, output, options, typer.echo)
