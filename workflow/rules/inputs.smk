# Input and parameter functions of the rules.

# Protocol best_on_test needs the codes of many epochs. They are deleted after scoring unless the user keeps them.
CODES_BY_EPOCH, NEW_CODES_BY_EPOCH = {}, {}
if "best_on_test" in EXPERIMENT.backend.protocols:
    path = TREE.codes_by_epoch
    CODES_BY_EPOCH["codes_by_epoch"] = path
    NEW_CODES_BY_EPOCH["codes_by_epoch"] = path if EXPERIMENT.backend.keep_codes else temp(path)


def get_scenes_folder(wildcards):
    """Return the folder of the raw scene recordings."""
    return str(EXPERIMENT.scenes_folder)


def get_events_folder(wildcards):
    """Return the folder of the raw event recordings."""
    return str(EXPERIMENT.events_folder)


def get_code_epochs(wildcards, output):
    """Return the epochs whose codes a training leaves. They follow from the outputs: fewer of them re-run nothing."""
    return EXPERIMENT.code_epochs if "codes_by_epoch" in output.keys() else []


def get_control_codes(wildcards):
    """Return the codes to which a control appends tags: the baseline's, or none."""
    if wildcards.control == "tags_alone":
        return {}
    return {"codes": f"{RESULTS}/cells/baseline/seed{wildcards.seed}/codes.npy"}


def get_soft_label_snapshots(wildcards):
    """Return the weights that predict the soft labels."""
    return TREE.soft_label_snapshots()


def get_tagging_snapshots(wildcards):
    """Return the weights that compute the tag vectors."""
    return TREE.tagging_snapshots()


def get_all_results(wildcards):
    """Return everything that an experiment leaves behind."""
    return TREE.all_files()
