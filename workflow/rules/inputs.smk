# Inputs that several rules share, input and parameter functions, and outputs that the report shows.

import functools
from tempfile import TemporaryDirectory

from tagasc.artifacts.bundle import CHECKSUMS
from tagasc.artifacts.digest import file_digest
from tagasc.artifacts.pictures import PICTURES
from tagasc.config import WRITTEN_SOURCES
from tagasc.corpora.preflight import check_events, check_scenes, check_tags
from tagasc.corpora.receipts import check_claim
from tagasc.corpora.repacking import plan_revision, planned_revision
from tagasc.frontend.start import check_start
from tagasc.paper import grid
from tagasc.tagger.import_tags import import_tags

# Large files do not decide whether a job runs again: a small digest of their content does.
SCENE_CLIPS = {"clips": ancient(f"{SCENES}/clips.csv"), "scenes_digest": f"{SCENES}/digest.txt"}
PACKED_SCENES = {**SCENE_CLIPS, "waveforms": ancient(f"{SCENES}/waveforms.npy")}
EVENT_LABELS = {"labels": ancient(f"{EVENTS}/labels.csv"), "events_digest": f"{EVENTS}/digest.txt"}
PACKED_EVENTS = {
    **EVENT_LABELS,
    "clips": ancient(f"{EVENTS}/clips.csv"),
    "mel_power": ancient(f"{EVENTS}/mel_power.npy"),
}
SCENE_TAGS = {"tags": ancient(TREE.tag_cache), "tags_digest": TREE.tags_digest}

# Support vector machines are fitted on codes of whole training clips or, as in Jung et al. (2019) [22], of crops.
CROP_CODES = {"crop_codes": TREE.crop_codes} if EXPERIMENT.backend.train_codes == "crops" else {}

# Protocol best_on_test needs the codes of many epochs. They are deleted after scoring unless the user keeps them.
CODES_BY_EPOCH = {}
if "best_on_test" in EXPERIMENT.backend.protocols:
    CODES_BY_EPOCH["codes_by_epoch"] = TREE.codes_by_epoch
    if CROP_CODES:
        CODES_BY_EPOCH["crop_codes_by_epoch"] = TREE.crop_codes_by_epoch
NEW_CODES_BY_EPOCH = {
    name: path if EXPERIMENT.backend.keep_codes else temp(path) for name, path in CODES_BY_EPOCH.items()
}

# Figures, each with the table that it is drawn from.
FIGURES = f"{SCORED}/figures"

# Table 6 compares the best cell with what the paper cites. Without the paper's numbers, the run's baseline is needed.
TABLE6_BASELINE = [] if EXPECTED.shows_paper else TREE.cell_files("scores.csv", ["baseline"])


@functools.cache
def get_revision(section):
    """Return the number of the recordings' content; the process that plans finds it, and all jobs take it over."""
    if not is_main_process(workflow):
        return planned_revision(EXPERIMENT, section, Path("results"))
    with one_line_exit():
        {"scenes": check_scenes, "events": check_events}[section](EXPERIMENT)
        return plan_revision(EXPERIMENT, section, Path("results"))


def get_scenes_revision(wildcards):
    """Return the number of the scene recordings' content: other recordings are packed again, wherever they are."""
    return get_revision("scenes")


def get_events_revision(wildcards):
    """Return the number of the event recordings' content."""
    return get_revision("events")


def get_scenes_receipt(wildcards):
    """Return the receipt of the scene recordings, if a rule writes or has written them; check them first."""
    get_revision("scenes")
    receipt = f"{SCENES}/unpacked.txt"
    return [receipt] if EXPERIMENT.scenes.source in WRITTEN_SOURCES or Path(receipt).exists() else []


def get_events_receipt(wildcards):
    """Return the receipt of the event recordings, if a rule writes or has written them; check them first."""
    get_revision("events")
    receipt = f"{EVENTS}/unpacked.txt"
    return [receipt] if EXPERIMENT.events.source in WRITTEN_SOURCES or Path(receipt).exists() else []


def get_scene_archives(wildcards):
    """Return the receipts of the scenes' archives, after checking that no folder of a user's is overwritten."""
    if is_main_process(workflow) and not Path(SCENES, "unpacked.txt").exists():
        with one_line_exit():
            check_claim(EXPERIMENT.scenes_folder)
    return expand(f"{DOWNLOADS}/{{archive}}.md5", archive=tau2019.ARCHIVES)


def get_event_archives(wildcards):
    """Return the receipts of the events' archives, after checking that no folder of a user's is overwritten."""
    if is_main_process(workflow) and not Path(EVENTS, "unpacked.txt").exists():
        with one_line_exit():
            check_claim(EXPERIMENT.events_folder)
    return expand(f"{DOWNLOADS}/{{archive}}.md5", archive=fsdkaggle2019.ARCHIVES)


@functools.cache
def get_imported_digest():
    """Return the digest of the file of tag vectors; the process that plans checks it if it will be imported."""
    if not is_main_process(workflow):
        return file_digest(Path(EXPERIMENT.tagger.path))
    with one_line_exit():
        digest, is_new = check_tags(EXPERIMENT, Path("results"))
        meta = tau2019.list_paths(EXPERIMENT.scenes_folder)[0]
        if is_new and meta.exists():
            with TemporaryDirectory() as folder:
                import_tags(Path(EXPERIMENT.tagger.path), meta, Path(folder, "tags.npz"))
    return digest


def get_tags_digest(wildcards):
    """Return a digest of the file of tag vectors: another content is imported again, wherever the file is."""
    return get_imported_digest()


def get_import_receipt(wildcards):
    """Return the receipt of the scene recordings, whose lists are read, after checking the file of tag vectors."""
    get_imported_digest()
    return get_scenes_receipt(wildcards)


def get_cell(wildcards):
    """Return the cell of a path; a misspelt name ends the run."""
    with one_line_exit():
        return grid.parse(wildcards.cell)


def get_training_inputs(wildcards):
    """Return the packed scenes, tag vectors if the cell uses tags, and what a specialist or student starts from."""
    cell = get_cell(wildcards)
    given = PACKED_SCENES | (SCENE_TAGS if cell.uses_tags else {})
    if cell.role:
        folders = [TREE.cell.format(cell=each.name, seed=wildcards.seed) for each in EXPERIMENT.teachers(cell)]
        given["teachers"] = [f"{folder}/model.safetensors" for folder in folders]
    if cell.specialist is not None:
        given["confused_scenes"] = f"{folders[0]}/confused_scenes.csv"
    return given


def get_frontend(wildcards):
    """Return the keys of section frontend that a cell uses; the others have their defaults."""
    return get_frontend_params(EXPERIMENT.frontend.used_by(get_cell(wildcards)))


@functools.cache
def find_start_digest():
    """Return the digest of the bundle from which trainings begin; the process that plans checks it."""
    if not is_main_process(workflow):
        return file_digest(Path(EXPERIMENT.frontend.training.start, CHECKSUMS))
    with one_line_exit():
        return check_start(EXPERIMENT)


def get_start_digest(wildcards):
    """Return the digest of the bundle from which a training begins; specialists and students begin from none."""
    return "" if get_cell(wildcards).role else find_start_digest()


# Without a bundle, the rule has the parameters that it has always had.
START_DIGEST = {} if EXPERIMENT.frontend.training.start is None else {"start": get_start_digest}


def get_table6_frontend(wildcards):
    """Return the keys of section frontend on which Table 6 depends; the others have their defaults."""
    return get_params(EXPERIMENT.frontend.for_table6)


def get_code_epochs(wildcards, output):
    """Return the epochs whose codes a training leaves. They follow from the outputs: fewer of them re-run nothing."""
    return EXPERIMENT.code_epochs(get_cell(wildcards)) if "codes_by_epoch" in output.keys() else []


def get_scored_epochs(wildcards):
    """Return the epochs whose codes can be scored."""
    return EXPERIMENT.code_epochs(get_cell(wildcards))


def get_control_features(wildcards):
    """Return what a control classifies: tag vectors, codes of the baseline, or both."""
    codes = {"codes": f"{TREE.cell}/codes.npy"} | CROP_CODES
    codes = {name: path.format(cell="baseline", seed=wildcards.seed) for name, path in codes.items()}
    features = CONTROLS[wildcards.control].features
    return (SCENE_TAGS if "tags" in features else {}) | (codes if "codes" in features else {})


def get_control_params(wildcards):
    """Return the keys of section backend that a control depends on."""
    control = CONTROLS[wildcards.control]
    backend = EXPERIMENT.backend if "codes" in control.features else EXPERIMENT.backend.without_codes
    return get_params(backend.of_tuned_controls if control.tuned else backend.of_cells)


def get_soft_label_snapshots(wildcards):
    """Return the weights that predict the soft labels."""
    return TREE.soft_label_snapshots()


def get_tagging_snapshots(wildcards):
    """Return the weights that compute the tag vectors."""
    return TREE.tagging_snapshots()


def get_all_results(wildcards):
    """Return everything that an experiment leaves behind."""
    return TREE.all_files()


def figures_of(rule_name, suffix):
    """Return the figures of a rule, as svg or csv files for Snakemake's report."""
    return [reported(picture, suffix) for picture in PICTURES.values() if picture.rule == rule_name]


def reported(picture, suffix):
    """Return a file of a figure with its place and caption in Snakemake's report."""
    labels = {"question": picture.question, "file": f"{picture.name}.{suffix}"}
    caption = f"../report/figures/{picture.name}.rst"
    return report(f"{FIGURES}/{picture.name}.{suffix}", category="Figures", labels=labels, caption=caption)


def get_benchmark_folders():
    """Return the folders of benchmark files that belong to the experiment, with their stages."""
    folders = [("corpora", DOWNLOADS)] if "download" in (EXPERIMENT.scenes.source, EXPERIMENT.events.source) else []
    folders.append(("corpora", SCENES))
    if EXPERIMENT.tagger.kind == "multitask":
        folders += [("corpora", EVENTS), ("tagger", TAGGER)]
    folders += [("tags", TAGS), ("experiment", RESULTS), *([("experiment", SCORED)] if SCORED != RESULTS else [])]
    return [(stage, f"{folder}/benchmarks") for stage, folder in folders]
