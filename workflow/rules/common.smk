# What several rules ask: the experiment, its folders, and which files belong together.

import os
import sys
from pathlib import Path

SRC = str(Path(workflow.basedir) / "src")
sys.path.insert(0, SRC)
# Jobs find the package here too, in whichever environment they run.
os.environ.update(PYTHONPATH=os.pathsep.join(filter(None, [SRC, os.environ.get("PYTHONPATH")])))

try:
    from tagasc import cells as grid
    from tagasc.config_loading import load
    from tagasc.corpora.archives import EVENT_ARCHIVES, SCENE_ARCHIVES
    from tagasc.errors import InputError

    if not workflow.deployment_settings.deployment_method:  # or else every rule has an environment of its own
        import soundfile  # stands for all that jobs need and Snakemake alone has not
except ModuleNotFoundError as error:
    sys.exit(f"tagasc: error: Python's module {error.name} is missing; run 'make install', then '. .venv/bin/activate'")

try:
    EXPERIMENT = load(config)
except InputError as error:
    sys.exit(f"tagasc: error: {error}")

CELLS = [cell.name for cell in EXPERIMENT.selected_cells]
SEEDS = list(dict.fromkeys(EXPERIMENT.seeds))

RECEIPTS = f"{EXPERIMENT.data}/archives"
SCENES_DATA = EXPERIMENT.scenes_folder
EVENTS_DATA = EXPERIMENT.events_folder
SCENES = f"results/corpora/{EXPERIMENT.scenes.name}"
EVENTS = f"results/corpora/{EXPERIMENT.events.name}"
TAGGER = f"results/taggers/{EXPERIMENT.tagger.name}"
TAGS = f"results/tags/{EXPERIMENT.tagger.name}"
TAG_CACHE = f"{TAGS}/{EXPERIMENT.scenes.name}.npz"
TELLING_TAGS = f"{TAGS}/{EXPERIMENT.scenes.name}-telling_tags"
RESULTS = f"results/experiments/{EXPERIMENT.name}"
CELL = f"{RESULTS}/cells/{{cell}}/seed{{seed}}"

workflow.register_resource("downloads", EXPERIMENT.download.at_once)

# Protocol best_on_test takes the codes of many epochs, which go when they are scored unless they are to be kept.
CODES_BY_EPOCH, NEW_CODES_BY_EPOCH = {}, {}
if "best_on_test" in EXPERIMENT.backend.protocols:
    path = f"{CELL}/codes-every{EXPERIMENT.backend.code_every}.npy"
    CODES_BY_EPOCH["codes_by_epoch"] = path
    NEW_CODES_BY_EPOCH["codes_by_epoch"] = path if EXPERIMENT.backend.keep_codes else temp(path)

SCENE_LISTS = [
    SCENES_DATA / "meta.csv",
    SCENES_DATA / "evaluation_setup/fold1_train.csv",
    SCENES_DATA / "evaluation_setup/fold1_evaluate.csv",
]
EVENT_LISTS = [
    EVENTS_DATA / f"FSDKaggle2019.meta/{subset}_post_competition.csv"
    for subset in ("train_curated", "train_noisy", "test")
]


def stop_without(path, key, remedy):
    """End with one line if a file that the user names is not there, before anything is planned."""
    if not Path(path).is_file():
        sys.exit(f"tagasc: error: {key}: {path} does not exist; {remedy}")


if EXPERIMENT.scenes.source in ("copy", "folder"):
    for path in SCENE_LISTS:
        stop_without(path, "scenes.folder", "name a folder in TAU 2019's layout, or set scenes.source: download")
if EXPERIMENT.tagger.kind == "file":
    stop_without(EXPERIMENT.tagger.path, "tagger.path", "name a csv, parquet or npz file with tag vectors")
elif EXPERIMENT.events.source in ("copy", "folder"):
    for path in EVENT_LISTS:
        stop_without(path, "events.folder", "name a folder in FSDKaggle2019's layout, or set events.source: download")
    if workflow.is_main_process:  # once a run, and not again in each job
        from tagasc.corpora.events import count_curated
        from tagasc.tagger.folds import check_folds

        try:
            check_folds(count_curated(EXPERIMENT.events, EVENTS_DATA), EXPERIMENT.tagger.folds)
        except InputError as error:
            sys.exit(f"tagasc: error: {error}")


def keys(section, *names):
    """The named keys of a section, as a rule's params: a change of any other key re-runs nothing."""
    return section.model_dump(mode="json", include=set(names))


def keys_but(section, *names):
    """All keys of a section but these, as a rule's params."""
    return section.model_dump(mode="json", exclude=set(names))


def get_snapshots(stage, fold):
    """The weights that a fold's network leaves, one file at the end of each cycle."""
    cycles = EXPERIMENT.tagger.stage1_cycles if stage == "stage1" else EXPERIMENT.tagger.stage2_cycles
    return [f"{TAGGER}/{stage}/fold{fold}/snapshot{cycle}.safetensors" for cycle in range(1, cycles + 1)]


def get_all_stage1_snapshots(wildcards):
    """Every snapshot of every fold: together they make the soft labels."""
    folds = range(EXPERIMENT.tagger.folds)
    return [path for fold in folds for path in get_snapshots("stage1", fold)]


def get_tagging_snapshots(wildcards):
    """The last snapshot of each fold, which make the tag vectors."""
    folds = range(EXPERIMENT.tagger.folds)
    return [get_snapshots(EXPERIMENT.tagger.tag_with, fold)[-1] for fold in folds]


def get_cell_files(name, cells=None):
    """A file of every cell, or of those of the given ones that are selected, with every seed."""
    chosen = [cell for cell in CELLS if cells is None or cell in cells]
    return expand(f"{CELL}/{name}", cell=chosen, seed=SEEDS)


def get_tables(number):
    """The files of a table, for each protocol and test list."""
    combinations = [(protocol, test_list) for protocol in EXPERIMENT.backend.protocols for test_list in grid.TEST_LISTS]
    names = [grid.table_name(number, *combination) for combination in combinations]
    return [f"{RESULTS}/tables/{name}.{suffix}" for name in names for suffix in ("csv", "md", "tex")]


def get_tables_beside(number):
    """Those of other combinations than the headline, which have the table's plain name."""
    return [path for path in get_tables(number) if Path(path).stem != f"table{number}"]


def get_code_epochs(wildcards, output):
    """The epochs whose codes a training leaves. As it follows from the outputs, to ask for less re-runs nothing."""
    return EXPERIMENT.code_epochs if "codes_by_epoch" in output.keys() else []


def get_table_scores(number):
    """The scores of the cells that a table shows."""
    return get_cell_files("scores.csv", grid.cells_of_table(number))


def get_control_codes(wildcards):
    """The codes that a control appends tags to: the baseline's, or none."""
    if wildcards.control == "tags_alone":
        return {}
    return {"codes": f"{RESULTS}/cells/baseline/seed{wildcards.seed}/codes.npy"}


def get_all_predictions():
    """The predictions that are compared: of all cells, and of the controls that take no training."""
    controls = ["tags_alone", *(["baseline_with_tags"] if "baseline" in CELLS else [])]
    scored = expand(f"{RESULTS}/controls/{{control}}/seed{{seed}}/predictions.csv", control=controls, seed=SEEDS)
    return get_cell_files("predictions.csv") + scored


def get_all_results(wildcards):
    """What an experiment leaves behind."""
    return [
        f"{RESULTS}/config.yaml",
        *([f"{TAGGER}/lwlrap.md"] if EXPERIMENT.tagger.kind == "multitask" else []),
        f"{TELLING_TAGS}.csv",
        f"{TELLING_TAGS}.svg",
        f"{RESULTS}/scores.csv",
        f"{RESULTS}/comparisons.csv",
        f"{RESULTS}/classwise.csv",
        f"{RESULTS}/learning.csv",
        *get_cell_files("model.safetensors"),
        *[path for number in range(2, 7) for path in get_tables(number)],
    ]
