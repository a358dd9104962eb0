"""Commands that use what was trained."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from tagasc.cli.app import app
from tagasc.runtime.errors import InputError

if TYPE_CHECKING:
    from tagasc.bundle.recordings import Recordings
    from tagasc.bundle.system import System

# ruff: noqa: PLC0415 - these commands import torch, which takes seconds

_Bundle = Annotated[Path, typer.Argument(metavar="BUNDLE", help="Folder that 'tagasc bundle' has written.")]
_Places = Annotated[list[Path], typer.Argument(metavar="PATH", help="Audio files, and folders of them.")]
_Hop = Annotated[
    float | None, typer.Option(metavar="SECONDS", help="From one window to the next. Default: a window's length.")
]
_Device = Annotated[Literal["auto", "cpu"], typer.Option(help="auto takes a GPU if torch sees one.")]
_Threads = Annotated[int | None, typer.Option(min=1, help="Threads on a CPU. Default: all cores.")]


@app.command(short_help="Collect a trained system in a folder that can be given away.")
def bundle(
    experiment: Annotated[str, typer.Argument(metavar="EXPERIMENT", help="Name of a finished one.")],
    cell: Annotated[str, typer.Argument(metavar="CELL", help="One of its cells.")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FOLDER", help="The folder to write.")],
    seed: Annotated[int | None, typer.Option(help="Seed of the training. Default: the experiment's first one.")] = None,
    licence: Annotated[
        str, typer.Option(metavar="TEXT", help="Licence under which you give it away, for its model card.")
    ] = "not stated",
) -> None:
    """Collect a trained system: scene network, tagger, support vector machine, keys, scores and a model card.

    The folder holds no pickles, and SHA256SUMS has its checksums. The support vector machine is fitted again, and must
    predict what it has predicted in the run. Run it in the folder of results/: 'tagasc bundle demo codecat -o codecat'.
    EXPERIMENT/WIDE is the experiment with backend.name WIDE.
    """
    from tagasc.bundle.write_bundle import write_bundle

    manifest = write_bundle(experiment, cell, seed, output, licence)
    size = sum(path.stat().st_size for path in output.rglob("*") if path.is_file())
    typer.echo(
        f"{output}: {manifest.cell}, seed {manifest.seed}: {len(manifest.scenes)} scenes, {len(manifest.tags)} tags, "
        f"{100 * manifest.scores.accuracy:.2f} % of {manifest.scores.clips} test clips; {size / 1e6:,.1f} MB"
    )


@app.command(short_help="Name the scenes of recordings, with a trained system.")
def predict(
    folder: _Bundle,
    places: _Places,
    style: Annotated[
        Literal["table", "csv", "jsonl", "audacity"],
        typer.Option("--format", help="table, csv, JSON lines, or label tracks for Audacity."),
    ] = "table",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="File to write; a folder for label tracks.")
    ] = None,
    windows: Annotated[bool, typer.Option("--windows", help="Also tell the windows, not only whole files.")] = False,
    tags: Annotated[int, typer.Option("--top", min=0, help="Tags to show in table and csv.")] = 3,
    hop: _Hop = None,
    tag_vectors: Annotated[
        Path | None,
        typer.Option("--tags", metavar="FILE", help="Tag vectors from elsewhere, if the bundle has no tagger."),
    ] = None,
    device: _Device = "auto",
    threads: _Threads = None,
) -> None:
    """Name the scene of each recording, and the sound events in it.

    Recordings can have any length, and any format, rate and number of channels that libsndfile reads. They are heard in
    windows as long as a training clip, and a recording's result is the mean over its windows. The margin of a scene is
    the smallest decision value against any other scene: near 0, the decision is arbitrary; 1 is the margin of the
    support vector machine. It is no probability.

    A recording that cannot be read is named and skipped, and the exit status is then 1.
    """
    from tagasc.bundle.predict import given_tags
    from tagasc.bundle.predict import predict as predict_all

    system, recordings = _prepare(folder, places, hop, device, threads)
    given = None if tag_vectors is None else given_tags(tag_vectors, system, recordings)
    predict_all(system, recordings, style, output, windows=windows, count=tags, tags=given)
    _end(recordings)


@app.command(short_help="Write tag vectors of recordings, with a trained system.")
def tag(
    folder: _Bundle,
    places: _Places,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="csv or npz file to write. Default: csv is printed."),
    ] = None,
    relative_to: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Write filenames relative to FOLDER, as in its meta.csv."),
    ] = None,
    hop: _Hop = None,
    device: _Device = "auto",
    threads: _Threads = None,
) -> None:
    """Write the tag vector of each recording, in the format that 'tagger.kind: file' reads.

    The tag vector of a recording is the mean over its windows, which are as long as a training clip. A recording that
    cannot be read is named and skipped, and the exit status is then 1.
    """
    from tagasc.bundle.tag import write_tag_file

    system, recordings = _prepare(folder, places, hop, device, threads)
    write_tag_file(system, recordings, output, relative_to)
    _end(recordings)


@app.command(short_help="Write a trained system as one ONNX file.")
def export(
    folder: _Bundle,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FOLDER", help="The folder to write; it must be new or empty.")
    ],
) -> None:
    """Write a trained system as one ONNX file, which ONNX Runtime runs without tagasc and PyTorch.

    Its input is the waveform of windows. Its outputs are tags, code, margins, the predicted scene and the probabilities
    of the network's output layer. The file is run and compared with PyTorch before FOLDER gets its name. It needs
    'pip install onnx onnxscript onnxruntime'. The page docs/export.md has a program that classifies a recording.
    """
    import torch

    from tagasc.bundle.export.model import check_packages
    from tagasc.bundle.export.write_export import write_export
    from tagasc.bundle.system import System

    check_packages()
    for line in write_export(System.load(folder, torch.device("cpu")), output):
        typer.echo(line)


def _prepare(
    folder: Path, places: list[Path], hop: float | None, device: str, threads: int | None
) -> tuple["System", "Recordings"]:
    """Return the system of a bundle and the recordings."""
    import torch

    from tagasc.bundle.recordings import Recordings
    from tagasc.bundle.system import System
    from tagasc.runtime.device import choose_device

    count = threads or len(os.sched_getaffinity(0))
    if device == "cpu":
        torch.set_num_threads(count)
    system = System.load(folder, torch.device("cpu") if device == "cpu" else choose_device(count))
    return system, Recordings.find(places, system.window_format(hop))


def _end(recordings: "Recordings") -> None:
    """End with status 1 if a recording was skipped."""
    if skipped := len(recordings.skipped):
        total = skipped + len(recordings.usable)
        print(f"tagasc: {skipped} of {total} recordings could not be read and were skipped", file=sys.stderr)
        raise typer.Exit(1)
    if not recordings.usable:
        raise InputError("no recordings: name files or folders")
