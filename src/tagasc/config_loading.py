"""A given configuration becomes an experiment, or is refused in one line, before any work is done."""

from typing import Any

from pydantic import ValidationError

from tagasc.config import Experiment
from tagasc.errors import InputError, nearest


def load(given: dict[str, Any]) -> Experiment:
    """Return the experiment of a configuration as Snakemake merges it from files and the command line.

    Raises
    ------
    InputError
        For an unknown key, a value of the wrong type, or a combination that cannot run: one line that names the key.
    """
    try:
        experiment = Experiment.model_validate(given)
    except ValidationError as error:
        raise InputError(_one_line(error)) from None
    _check_network(experiment)
    _check_protocols(experiment)
    _check_tagger(experiment)
    return experiment


def _one_line(error: ValidationError) -> str:
    """Put pydantic's first finding in one line that names the key."""
    # Of a union's alternatives the first names what was expected; pydantic adds the alternative's name to the key.
    first = error.errors()[0]
    path = [str(part) for part in first["loc"] if not (isinstance(part, str) and ("[" in part or "(" in part))]
    key = ".".join(path)
    if first["type"] == "extra_forbidden":
        return f"configuration: unknown key '{key}'{nearest(path[-1], _keys(path[:-1]))}"
    message = first["msg"][0].lower() + first["msg"][1:]
    if key == "cells":
        message += " or a list of cells"
    return f"configuration: {key}: {message}, got {first['input']!r}"


def _keys(path: list[str]) -> list[str]:
    """Return the keys that are known in the section at a path."""
    section: Any = Experiment
    for part in path:
        section = section.model_fields[part].annotation
    return list(section.model_fields)


def _check_network(experiment: Experiment) -> None:
    """Raise InputError if the network cannot be built, or leaves nothing of a clip."""
    network = experiment.frontend.network
    for cell in experiment.selected_cells:
        if cell.heads and network.filters % cell.heads:
            raise InputError(
                f"cells: {cell.name}: {cell.heads} heads do not divide frontend.network.filters = "
                f"{network.filters}; choose filters that are a multiple of {cell.heads}, or other cells"
            )
    if network.architecture == "table1" and network.attention_site == "before_last_conv":
        raise InputError(
            "frontend.network.attention_site: before_last_conv needs architecture: table6; table1 has no "
            "convolution after its blocks"
        )
    if network.architecture == "table6" and network.filters % 2:
        raise InputError(
            f"frontend.network.filters: table6 halves them, and {network.filters} is odd; take an even number"
        )
    seconds = min(experiment.frontend.training.crop or experiment.scenes.duration, experiment.scenes.duration)
    frames = (round(seconds * experiment.scenes.sample_rate) - 1) // 12 // 3**network.blocks
    if frames < 1:
        raise InputError(
            f"frontend.network.blocks: {network.blocks} blocks leave no frame of {seconds:g} s at "
            f"{experiment.scenes.sample_rate} Hz; take fewer blocks or longer clips"
        )


def _check_protocols(experiment: Experiment) -> None:
    """Raise InputError if the tables have nothing to print."""
    if "last" not in experiment.backend.protocols:
        raise InputError(
            "backend.protocols: the tables' headline rests on last; take [last, best_on_test] to have both"
        )


def _check_tagger(experiment: Experiment) -> None:
    """Raise InputError if mel bands, masks or the tagger's source cannot be."""
    events = experiment.events
    if events.mel.n_fft % 2:
        raise InputError(f"events.mel.n_fft: {events.mel.n_fft} is odd; take an even number, best a multiple of 64")
    if events.mel.high > events.sample_rate / 2:
        raise InputError(
            f"events.mel.high: {events.mel.high:g} Hz is above half of events.sample_rate, "
            f"{events.sample_rate / 2:g} Hz"
        )
    if events.mel.low >= events.mel.high:
        raise InputError(f"events.mel.low: {events.mel.low:g} Hz is not below events.mel.high ({events.mel.high:g} Hz)")
    if experiment.tagger.kind == "file" and experiment.tagger.path is None:
        raise InputError("tagger.path: kind: file needs the path of a csv, parquet or npz file with tag vectors")
    if experiment.tagger.mask_half_width[0] > experiment.tagger.mask_half_width[1]:
        raise InputError("tagger.mask_half_width: the first value must not be above the second")
