"""Memory of jobs with a GPU, and what a run writes to the disk."""

from collections import Counter
from collections.abc import Iterable, Sequence

from tagasc.config import Experiment
from tagasc.corpora import fsdkaggle2019, tau2019
from tagasc.costs.counts import Corpora, SceneCounts
from tagasc.costs.work import TAGS, crop_samples
from tagasc.frontend.operations import kept_bytes, network_layers
from tagasc.paper.grid import Cell, parse
from tagasc.runtime.plan import PlannedJob
from tagasc.runtime.resources import training_mb
from tagasc.tagger import operations as tagger_operations

_OVERHEAD = 1 << 30
"""Bytes on the GPU for CUDA itself, the libraries' workspace and gradients in passing."""


def cell_memory(cell: Cell, experiment: Experiment, corpora: Corpora) -> tuple[float, float]:
    """Return the bytes of host memory and of GPU memory of a training, without the clips on the GPU."""
    recipe = experiment.frontend.recipe(cell)
    kept = kept_bytes(recipe.network, crop_samples(cell, experiment, corpora.scenes))
    on_gpu = recipe.training.batch_size * kept + _OVERHEAD
    return _host_bytes(corpora.scenes.packed_bytes), on_gpu


def tagger_memory(stage: int, experiment: Experiment, corpora: Corpora) -> tuple[float, float]:
    """Return the bytes of host memory and of GPU memory of a fold's training in stage 1 or 2."""
    tagger, bands = experiment.tagger, corpora.events.bands
    on_gpu = tagger_operations.training_bytes(tagger.network, tagger.training, TAGS, bands, stage + 1)
    return _host_bytes(corpora.events.packed_bytes), on_gpu


def disk_bytes(jobs: Sequence[PlannedJob], experiment: Experiment, corpora: Corpora) -> dict[str, float]:
    """Return the bytes that jobs will leave, by what they are; without tables, figures and logs."""
    rules = Counter(job.rule for job in jobs)
    tagger = experiment.tagger
    recordings = packed = 0.0
    if rules["unpack_scenes"]:
        recordings += 3 / 2 * corpora.scenes.packed_bytes  # 24 instead of 16 bits
    if rules["unpack_events"]:
        recordings += 2 * 44_100 * 3600 * sum(fsdkaggle2019.HOURS.values())
    if rules["pack_scenes"]:
        packed += corpora.scenes.packed_bytes
    if rules["pack_events"]:
        packed += corpora.events.packed_bytes
    snapshots = rules["train_stage1"] * tagger.stage1_cycles + rules["train_stage2"] * tagger.stage2_cycles
    return {
        "archives": downloaded_bytes(jobs),
        "recordings": recordings,
        "packed corpora": packed,
        "weights of the tagger": snapshots * 4.0 * tagger_operations.count_parameters(tagger.network, TAGS),
        "weights and codes of cells": sum(
            _cell_bytes(parse(job.wildcards["cell"]), experiment, corpora.scenes)
            for job in jobs
            if job.rule == "train_cell"
        ),
    }


def downloaded_bytes(jobs: Iterable[PlannedJob]) -> float:
    """Return the bytes of the archives that jobs download."""
    archives = [job.wildcards["archive"] for job in jobs if job.rule == "download_archive"]
    scenes = sum(tau2019.ARCHIVES[name][0] for name in archives if name in tau2019.ARCHIVES)
    events = sum(name in fsdkaggle2019.ARCHIVES for name in archives) / len(fsdkaggle2019.ARCHIVES)
    return scenes + 1e9 * fsdkaggle2019.ARCHIVES_GB * events


def _cell_bytes(cell: Cell, experiment: Experiment, scenes: SceneCounts) -> float:
    """Return the bytes of a cell's weights and codes; codes of further epochs count while they are kept."""
    network = experiment.frontend.recipe(cell).network
    layers = network_layers(cell, network, TAGS, scenes.scenes, scenes.channels, scenes.samples - 1)
    clips = scenes.clips + (scenes.train if experiment.backend.train_codes == "crops" else 0)
    epochs = len(experiment.code_epochs(cell)) if experiment.backend.keep_codes else 1
    return 4 * sum(layer.weights for layer in layers) + 2 * epochs * clips * network.code_dimensions


def _host_bytes(packed: int) -> float:
    return training_mb(packed / (1 << 20)) * (1 << 20)
