# The experiment and the folders of its files, for all rules.

import inspect
import os
import sys
from pathlib import Path

# The package next to this file goes before an installed one, here and in all jobs, so that both are of one version.
SRC = Path(inspect.currentframe().f_code.co_filename).resolve().parents[2] / "src"
if (SRC / "tagasc").is_dir():
    sys.path.insert(0, str(SRC))
    os.environ.update(PYTHONPATH=os.pathsep.join(filter(None, [str(SRC), os.environ.get("PYTHONPATH")])))

try:
    from tagasc.artifacts.tree import CONTROLS, ResultsTree
    from tagasc.config.loading import load
    from tagasc.corpora import fsdkaggle2019, tau2019
    from tagasc.runtime.errors import InputError
    from tagasc.runtime.snakemake_internals import limit_resource, uses_software_deployment

    if not uses_software_deployment(workflow):  # otherwise, every rule has an environment of its own
        import soundfile  # stands for everything that jobs need beyond Snakemake
except ModuleNotFoundError as error:
    sys.exit(
        f"tagasc: error: the Python module {error.name} is missing; in a clone, run 'make install', then "
        f"'. .venv/bin/activate'; elsewhere, install tagasc into the environment of Snakemake"
    )

try:
    EXPERIMENT = load(config)
except InputError as error:
    sys.exit(f"tagasc: error: {error}")

TREE = ResultsTree(EXPERIMENT)
SCENES, EVENTS, TAGGER, TAGS = TREE.scenes, TREE.events, TREE.tagger, TREE.tags
RESULTS, CELL = TREE.experiment, TREE.cell
SCORED, SCORED_CELL, CONTROL = TREE.scored, TREE.scored_cell, TREE.control
RECEIPTS = f"{EXPERIMENT.data}/archives"
SCENE_LISTS = tau2019.list_paths(EXPERIMENT.scenes_folder)
EVENT_LISTS = fsdkaggle2019.list_paths(EXPERIMENT.events_folder)

limit_resource(workflow, "downloads", EXPERIMENT.download.parallel_downloads)


def get_params(section):
    """Return a whole section of the configuration as a rule's parameter: a changed key re-runs the rule."""
    return section.model_dump(mode="json")
