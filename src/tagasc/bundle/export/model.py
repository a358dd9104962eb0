"""Writing the graph as an ONNX file."""

import json
import warnings
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch

from tagasc import __version__
from tagasc.bundle.export.graph import ExportedSystem
from tagasc.bundle.system import System
from tagasc.runtime.errors import InputError

FORMAT = 1
"""Version of inputs, outputs and metadata. It rises whenever a program for an earlier one could not use a file."""

MODEL = "model.onnx"

_PACKAGES = ("onnx", "onnxscript", "onnxruntime")
_LARGEST = 1_900_000_000
"""Bytes of weights in a single file. Its format, protobuf, ends at 2 GiB."""


def check_packages() -> None:
    """Check that the packages that only an export needs are installed.

    Raises
    ------
    InputError
        If not.
    """
    if missing := [name for name in _PACKAGES if find_spec(name) is None]:
        raise InputError(
            f"an export needs {' and '.join(missing)}, which {'is' if len(missing) == 1 else 'are'} not installed; run "
            f"'pip install {' '.join(_PACKAGES)}'"
        )


def metadata(system: System) -> dict[str, str]:
    """Return what the file says about itself: texts, numbers as text, and lists of labels as JSON."""
    manifest = system.manifest
    return {
        "format": str(FORMAT),
        "version": __version__,
        "experiment": manifest.experiment,
        "cell": manifest.cell,
        "seed": str(manifest.seed),
        "licence": manifest.licence,
        "sample_rate": str(manifest.audio.sample_rate),
        "channels": str(manifest.audio.channels),
        "samples": str(manifest.audio.samples),
        "scenes": json.dumps(system.machine.scenes, ensure_ascii=False),
        "tags": json.dumps(manifest.tags, ensure_ascii=False),
        "tagger": manifest.tagger_name,
        "kernel": manifest.kernel,
    }


def write_model(path: Path, system: System, graph: ExportedSystem) -> None:
    """Write the graph of a system as an ONNX file, with its metadata.

    Weights of more than 1.9 GB are written into a second file, with the suffix ``.data``.
    """
    with torch.no_grad(), warnings.catch_warnings():
        # The exporter warns of its own deprecated calls, and that both inputs name their first axis "batch".
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            graph,
            example_inputs(system, graph, windows=2),
            dynamo=True,
            dynamic_shapes=tuple({0: "batch"} for _ in graph.input_names),
            input_names=graph.input_names,
            output_names=graph.output_names,
            verbose=False,
        )
    assert program is not None
    model: Any = program.model
    for node in model.graph.all_nodes():  # the lines of source code that it stems from, with the names of folders
        node.metadata_props.clear()
        node.doc_string = None
    model.metadata_props.update(metadata(system))
    weights = sum(initializer.const_value.nbytes for initializer in model.graph.initializers.values())
    program.save(path, external_data=weights > _LARGEST)


def example_inputs(system: System, graph: ExportedSystem, windows: int, seed: int = 0) -> tuple[torch.Tensor, ...]:
    """Return inputs of a graph: noise, from full scale to 60 dB below, and random tag vectors if they are an input."""
    audio, generator = system.manifest.audio, torch.Generator().manual_seed(seed)
    noise = torch.rand(windows, audio.channels, audio.samples, generator=generator) * 2 - 1
    level = 10 ** (-3 * torch.rand(windows, 1, 1, generator=generator))
    tags = torch.rand(windows, len(system.manifest.tags), generator=generator)
    return (noise * level, tags)[: len(graph.input_names)]
