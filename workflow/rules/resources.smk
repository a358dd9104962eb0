# Resources that jobs request: computed from input sizes and multiplied by the attempt number.

from tagasc.runtime.resources import (
    BASE_MB,
    cell_minutes,
    packing_mb,
    packing_minutes,
    per_attempt,
    tagger_minutes,
    tagging_minutes,
    training_mb,
    unpacking_minutes,
)


def get_training_mem(wildcards, input, attempt):
    return training_mb(input.size_mb) * attempt


def get_packing_mem(wildcards, threads, attempt):
    return packing_mb(threads) * attempt


def get_cell_minutes(wildcards, input, attempt):
    cell = get_cell(wildcards)
    epochs = EXPERIMENT.frontend.recipe(cell).training.epochs
    if cell.is_student:
        # Each teacher hears every clip joined with another one: two forward passes, each a third of a training step.
        epochs *= 1 + len(input.teachers) * 2 / 3
    # Computing codes after an epoch takes half as long as the epoch, and those of crops a third.
    share = 1 / 2 + (1 / 3 if CROP_CODES else 0)
    epochs += (len(EXPERIMENT.code_epochs(cell)) - 1) * share
    return cell_minutes(input.size_gb, epochs) * attempt


def get_scoring_minutes(wildcards, attempt):
    return (19 + len(EXPERIMENT.code_epochs(get_cell(wildcards)))) * attempt


def get_stage1_minutes(wildcards, input, attempt):
    epochs = EXPERIMENT.tagger.training.cycle_epochs * EXPERIMENT.tagger.stage1_cycles
    return tagger_minutes(input.size_gb, epochs) * attempt


def get_stage2_minutes(wildcards, input, attempt):
    epochs = EXPERIMENT.tagger.training.cycle_epochs * EXPERIMENT.tagger.stage2_cycles
    return tagger_minutes(input.size_gb, epochs) * attempt


def get_tagging_minutes(wildcards, input, attempt):
    return tagging_minutes(input.size_gb, len(input.snapshots)) * attempt


def get_scene_packing_minutes(wildcards, attempt):
    return packing_minutes(tau2019.list_paths(EXPERIMENT.scenes_folder), sum(tau2019.CLIPS.values())) * attempt


def get_event_packing_minutes(wildcards, attempt):
    lists = fsdkaggle2019.list_paths(EXPERIMENT.events_folder)
    return packing_minutes(lists, sum(fsdkaggle2019.CLIPS.values())) * attempt
