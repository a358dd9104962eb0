# Resources that jobs request: computed from input sizes and multiplied by the attempt number.

import functools

from tagasc.costs.counts import Corpora
from tagasc.costs.work import job_work
from tagasc.runtime.resources import (
    BASE_MB,
    gpu_minutes,
    packing_mb,
    packing_minutes,
    per_attempt,
    training_mb,
    unpacking_minutes,
)


def get_training_mem(wildcards, input, attempt):
    return training_mb(input.size_mb) * attempt


def get_packing_mem(wildcards, threads, attempt):
    return packing_mb(threads) * attempt


@functools.cache
def get_packed():
    """Return the sizes of both corpora; they are read after packing."""
    return Corpora(EXPERIMENT, Path("results"))


@functools.cache
def get_gpu_minutes(rule, cell=""):
    """Return the minutes of a job with a GPU, from its operations."""
    with one_line_exit():
        work = job_work(rule, cell, EXPERIMENT, get_packed())
    return gpu_minutes(rule, work.operations, work.input_bytes)


def minutes_of(rule):
    """Return the function that requests time for the jobs of a rule with a GPU."""

    def get_minutes(wildcards, input, attempt):
        input.size  # raises as long as the corpus is not packed; Snakemake then asks again before the job starts
        return get_gpu_minutes(rule, wildcards.get("cell", "")) * attempt

    return get_minutes


def get_scoring_minutes(wildcards, attempt):
    return (19 + len(EXPERIMENT.code_epochs(get_cell(wildcards)))) * attempt


def get_scene_packing_minutes(wildcards, attempt):
    return packing_minutes(tau2019.list_paths(EXPERIMENT.scenes_folder), sum(tau2019.CLIPS.values())) * attempt


def get_event_packing_minutes(wildcards, attempt):
    lists = fsdkaggle2019.list_paths(EXPERIMENT.events_folder)
    return packing_minutes(lists, sum(fsdkaggle2019.CLIPS.values())) * attempt
