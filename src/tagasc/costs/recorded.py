"""Speeds of GPUs that the project has measured: rows of ``python -m benchmarks.gpu --record`` in its record."""

import re
from collections import defaultdict
from pathlib import Path

from tagasc.config import Experiment
from tagasc.costs.speeds import DataSheet, Measured
from tagasc.costs.work import TAGS
from tagasc.frontend.operations import network_layers as scene_layers
from tagasc.paper.grid import parse
from tagasc.runtime.gpus import gpu_of_device
from tagasc.tagger.operations import network_layers as tagger_layers

RECORD = Path(__file__).parents[3] / "benchmarks/RECORD.md"
"""In a clone of the repository. An installed package has none."""

_SCENES = re.compile(r"gpu table\d \| (?P<architecture>table\d) (?P<cell>\S+): (?P<rate>[\d.]+) clips/s in")
_TAGGER = re.compile(r"gpu tagger \| stage (?P<stage>\d), (?P<slices>\d+) clips of each kind: (?P<step>[\d.]+) ms per")
_STEP = 3 * 2
"""Operations of a training step per multiplication with an addition of a forward pass."""


def find_recorded(experiment: Experiment, record: Path = RECORD) -> list[Measured]:
    """Return the speed of each GPU in the record, the one that was measured last first.

    Trainings of scene networks count if they have the experiment's architecture. They have the paper's sizes.
    """
    rates: dict[str, dict[str, float]] = defaultdict(dict)
    days: dict[str, str] = {}
    for line in record.read_text(encoding="utf-8").splitlines() if record.exists() else ():
        day, device = line[2:12], line.split(" | ")[-2].partition(";")[0] if line.count(" | ") > 3 else ""
        if gpu_of_device(device) is None:
            continue
        if (row := _SCENES.search(line)) and row["architecture"] == experiment.frontend.network.architecture:
            rates[device]["scenes"] = float(row["rate"]) * _scene_operations(row["architecture"], row["cell"])
        elif row := _TAGGER.search(line):
            slices = (1 + int(row["stage"])) * int(row["slices"])
            rates[device]["events"] = slices * _slice_operations() / (float(row["step"]) / 1e3)
        else:
            continue
        days[device] = day
    return [
        Measured(device, rates[device], 0, DataSheet(gpu), f"measured on {days[device]}, see benchmarks/RECORD.md")
        for device in sorted(days, key=days.__getitem__, reverse=True)
        if (gpu := gpu_of_device(device)) is not None
    ]


def _scene_operations(architecture: str, cell: str) -> int:
    """Return the operations of a training step per clip of the paper's size."""
    frontend = Experiment.model_validate({"frontend": {"network": {"architecture": architecture}}}).frontend
    samples = frontend.training.crop_samples(480_000, 48_000) or 479_999
    return _STEP * sum(layer.macs for layer in scene_layers(parse(cell), frontend.network, TAGS, 10, 2, samples))


def _slice_operations() -> int:
    """Return the operations of a training step per slice of the paper's size."""
    tagger, mel = Experiment().tagger, Experiment().events.mel
    layers = tagger_layers(tagger.network, TAGS, mel.n_mels, tagger.training.slice_frames)
    return _STEP * sum(layer.macs for layer in layers)
