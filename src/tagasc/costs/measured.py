"""Speeds of finished trainings, from their histories."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from statistics import median
from typing import Any

import yaml
from pydantic import ValidationError

from tagasc.artifacts.history import CELL_HISTORY, TAGGER_HISTORY, HistoryFile, read_history
from tagasc.config import Experiment
from tagasc.costs.counts import Corpora
from tagasc.costs.speeds import DataSheet, Measured
from tagasc.costs.work import clip_operations, crop_samples, job_work
from tagasc.paper.grid import parse
from tagasc.runtime.errors import InputError
from tagasc.runtime.gpus import gpu_of_device


def find_measured(experiment: Experiment, results: Path) -> list[Measured]:
    """Return the speed of each device on which the experiment's networks were trained, the most frequent device first.

    Scene networks count if they were trained with the same section ``frontend.network``, in any experiment. The tagger
    counts if it has the experiment's name for it. What cannot be read tells nothing; jobs that need it report it.
    """
    rates: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for network, found in (
        ("scenes", _scene_rates(experiment, results)),
        ("events", _tagger_rates(experiment, results)),
    ):
        for device, rate in found:
            rates[device][network].append(rate)
    speeds = []
    for device, by_network in rates.items():
        gpu = gpu_of_device(device)
        medians = {network: median(values) for network, values in by_network.items()}
        count = sum(map(len, by_network.values()))
        speeds.append(Measured(device, medians, count, None if gpu is None else DataSheet(gpu)))
    return sorted(speeds, key=lambda speed: -speed.trainings)


def _scene_rates(experiment: Experiment, results: Path) -> Iterator[tuple[str, float]]:
    """Yield the device of each training of a cell, and its operations per second."""
    for folder in sorted((results / "experiments").glob("*")):
        other = _read_experiment(folder / "config.yaml", experiment if folder.name == experiment.name else None)
        if other is None or other.frontend.network != experiment.frontend.network:
            continue
        corpora = Corpora(other, results)
        for path in sorted(folder.glob("cells/*/seed*/history.jsonl")):
            rows = _read(CELL_HISTORY, path)
            # A student's seconds include those of its teachers, and a specialist's epoch is short.
            if rows and not (cell := parse(rows[0]["cell"])).role and "device" in rows[0]:
                with suppress(InputError):  # the recordings may be gone
                    samples = crop_samples(cell, other, corpora.scenes)
                    operations = 3 * clip_operations(cell, other, corpora.scenes, samples)
                    yield rows[0]["device"], operations * _typical(rows, "clips_per_second")


def _tagger_rates(experiment: Experiment, results: Path) -> Iterator[tuple[str, float]]:
    """Yield the device of each training of the tagger, and its operations per second."""
    corpora = Corpora(experiment, results)
    for stage in ("stage1", "stage2"):
        for path in sorted((results / "taggers" / experiment.tagger.name).glob(f"{stage}/fold*/history.jsonl")):
            rows = _read(TAGGER_HISTORY, path)
            if rows and "device" in rows[0]:
                with suppress(InputError):
                    work = job_work(f"train_{stage}", "", experiment, corpora)
                    yield rows[0]["device"], work.operations / len(rows) / _typical(rows, "seconds")


def _read(artifact: HistoryFile, path: Path) -> list[dict[str, Any]]:
    """Return the rows of a history; none if it cannot be read."""
    try:
        return read_history(artifact, path)
    except InputError:
        return []


def _read_experiment(path: Path, default: Experiment | None) -> Experiment | None:
    """Return the experiment whose configuration was written at the start of a run; ``default`` if there is none."""
    try:
        return Experiment.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return default
    except (OSError, ValueError, ValidationError, yaml.YAMLError):  # damaged, or of another version
        return None


def _typical(rows: list[dict[str, Any]], key: str) -> float:
    """Return the median over the epochs; the first one, which is slower, counts only if it is the only one."""
    return max(median(float(row[key]) for row in rows[1:] or rows), 1e-6)
