"""What a job with a GPU has to compute, counted from the configuration and from the sizes of the corpora.

A training step takes three times the operations of a forward pass, and a multiplication with an addition counts as two.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from tagasc.config import Experiment, Precision
from tagasc.costs.counts import Corpora, EventCounts, SceneCounts
from tagasc.frontend.operations import network_layers as scene_layers
from tagasc.frontend.operations import step_bytes
from tagasc.paper.grid import Cell, parse
from tagasc.tagger import operations as tagger_operations

TAGS = 80
"""Labels of FSDKaggle2019. Another number changes the operations of a cell by less than a thousandth."""
GPU_RULES = ("train_stage1", "make_soft_labels", "train_stage2", "score_tagger", "tag_scenes", "train_cell")
"""Rules whose jobs keep a GPU busy. Rule pack_events uses one where there is one, but waits for files."""

_FORWARD = 2
_STEP_SECONDS = 2e-3
"""Time that the host takes per step of the tagger's training, measured on one core of an AMD EPYC with AVX2."""


@dataclass(frozen=True)
class Work:
    """What a job has to compute.

    Parameters
    ----------
    network
        Whether it is that of the scenes or that of the events, the tagger's.
    operations
        Floating-point operations.
    moved
        Bytes that the GPU reads from its memory and writes to it.
    precision
        In which it computes; auto counts as bfloat16.
    host_seconds
        Time of the host, which draws batches and starts the GPU's work.
    input_bytes
        Size of the packed corpus that it reads first.
    """

    network: Literal["scenes", "events"]
    operations: float
    moved: float
    precision: Precision
    host_seconds: float
    input_bytes: int


def job_work(rule: str, cell: str, experiment: Experiment, corpora: Corpora) -> Work:
    """Return what a job of one of `GPU_RULES` has to compute.

    Parameters
    ----------
    rule, cell
        Its rule and, for train_cell, the name of its cell.
    experiment, corpora
        The experiment, and the sizes of its corpora.
    """
    if rule == "train_cell":
        return _cell_work(parse(cell), experiment, corpora.scenes)
    if rule == "tag_scenes":
        return _tagging_work(experiment, corpora.scenes)
    if rule in ("train_stage1", "train_stage2"):
        return _fold_work(rule, experiment, corpora.events)
    if rule == "make_soft_labels":
        snapshots = experiment.tagger.folds.n_splits * experiment.tagger.stage1_cycles
        return _events_work(experiment, corpora.events, {"noisy": snapshots})
    return _events_work(experiment, corpora.events, {"curated": 1, "test": experiment.tagger.folds.n_splits})


def epoch_clips(cell: Cell, experiment: Experiment, train: int, scenes: int) -> int:
    """Return the number of clips that pass in an epoch of a cell's training: whole batches only.

    A specialist passes the clips of its two scenes once, with as many others.

    >>> epoch_clips(Cell("baseline"), Experiment(), 9185, 10)
    9168
    """
    size = experiment.frontend.recipe(cell).training.batch_size
    if cell.specialist is None:
        return train // size * size
    pair = 2 * train // scenes
    return min(pair // (size // 2), (train - pair) // (size - size // 2)) * size


def clip_operations(cell: Cell, experiment: Experiment, scenes: SceneCounts, samples: int) -> int:
    """Return the operations of a forward pass of a clip of a length in pre-emphasised samples."""
    network = experiment.frontend.recipe(cell).network
    layers = scene_layers(cell, network, TAGS, scenes.scenes, scenes.channels, samples)
    return _FORWARD * sum(layer.macs for layer in layers)


def crop_samples(cell: Cell, experiment: Experiment, scenes: SceneCounts) -> int:
    """Return the length in pre-emphasised samples of the clips that a cell's training sees."""
    training = experiment.frontend.recipe(cell).training
    return training.crop_samples(scenes.samples, experiment.scenes.audio.sample_rate) or scenes.samples - 1


def _cell_work(cell: Cell, experiment: Experiment, scenes: SceneCounts) -> Work:
    recipe = experiment.frontend.recipe(cell)
    network = recipe.network
    whole, crop = scenes.samples - 1, crop_samples(cell, experiment, scenes)
    passed = recipe.training.epochs * epoch_clips(cell, experiment, scenes.train, scenes.scenes)
    evaluations = len(experiment.code_epochs(cell))
    heard = [(evaluations * scenes.clips, whole)]
    if experiment.backend.train_codes == "crops":
        heard.append((evaluations * scenes.train, crop))
    if cell.is_student:  # each teacher hears every clip joined with another one
        heard.append((passed * len(experiment.teachers(cell)), 2 * whole))
    operations = 3.0 * passed * clip_operations(cell, experiment, scenes, crop)
    moved = float(passed * step_bytes(network, scenes.channels, crop))
    for clips, samples in heard:
        operations += clips * clip_operations(cell, experiment, scenes, samples)
        moved += clips * step_bytes(network, scenes.channels, samples) / 3
    return Work(
        "scenes",
        operations,
        moved,
        precision=network.precision,
        host_seconds=0,
        input_bytes=scenes.packed_bytes,
    )


def _fold_work(rule: str, experiment: Experiment, events: EventCounts) -> Work:
    tagger, training = experiment.tagger, experiment.tagger.training
    cycles, others = (tagger.stage1_cycles, 1) if rule == "train_stage1" else (tagger.stage2_cycles, 2)
    held_out = events.clips["curated"] // tagger.folds.n_splits
    curated = events.clips["curated"] - held_out
    steps = -(-max(curated - 1, 1) // training.batch_size)
    passes = cycles * training.cycle_epochs
    drawn = {"curated": passes * curated, "noisy": passes * others * steps * training.batch_size}
    slices = sum(drawn.values())
    operations, moved = _tagger_pass(experiment, events.bands, training.slice_frames)
    heard = _tagger_pass(experiment, events.bands, events.mean_frames("curated"))
    return Work(
        "events",
        3 * slices * operations + held_out * heard[0],
        3 * slices * moved + held_out * heard[1],
        precision=experiment.tagger.network.precision,
        host_seconds=passes * steps * _STEP_SECONDS,
        input_bytes=events.packed_bytes,
    )


def _events_work(experiment: Experiment, events: EventCounts, networks: Mapping[str, int]) -> Work:
    """Return the work of tagging whole events, each subset with a number of networks."""
    tagger = experiment.tagger
    padding = {"curated": 0, "noisy": tagger.soft_labels.padding, "test": tagger.tagging.padding}
    operations = moved = 0.0
    for subset, number in networks.items():
        one = _tagger_pass(experiment, events.bands, events.mean_frames(subset) + 2 * padding[subset])
        operations += number * events.clips[subset] * one[0]
        moved += number * events.clips[subset] * one[1]
    return Work(
        "events",
        operations,
        moved,
        precision=experiment.tagger.network.precision,
        host_seconds=0,
        input_bytes=events.packed_bytes,
    )


def _tagging_work(experiment: Experiment, scenes: SceneCounts) -> Work:
    mel, tagger = experiment.events.mel, experiment.tagger
    resampled = scenes.samples * mel.sample_rate // experiment.scenes.audio.sample_rate
    frames = 1 + resampled // mel.hop_length + 2 * tagger.tagging.padding
    operations, moved = _tagger_pass(experiment, mel.n_mels, frames)
    clips = tagger.folds.n_splits * scenes.clips
    return Work(
        "events",
        clips * operations,
        clips * moved,
        precision=experiment.tagger.network.precision,
        host_seconds=0,
        input_bytes=scenes.packed_bytes,
    )


def _tagger_pass(experiment: Experiment, bands: int, frames: int) -> tuple[int, float]:
    """Return the operations of a forward pass of the tagger's network for one clip, and the bytes that it moves."""
    network = experiment.tagger.network
    layers = tagger_operations.network_layers(network, TAGS, bands, frames)
    moved = tagger_operations.step_bytes(network, bands, frames) / 3
    return _FORWARD * sum(layer.macs for layer in layers), moved
