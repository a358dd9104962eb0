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
    from tagasc.artifacts.controls import CONTROLS
    from tagasc.artifacts.tree import ResultsTree
    from tagasc.config.loading import load
    from tagasc.corpora import fsdkaggle2019, tau2019
    from tagasc.corpora.expected import expect
    from tagasc.runtime.errors import one_line_exit
    from tagasc.runtime.snakemake_internals import limit_resource, uses_software_deployment

    if not uses_software_deployment(workflow):  # otherwise, every rule has an environment of its own
        import soundfile  # stands for everything that jobs need beyond Snakemake
except ModuleNotFoundError as error:
    sys.exit(
        f"tagasc: error: the Python module {error.name} is missing; in a clone, run 'make install', then "
        f"'. .venv/bin/activate'; elsewhere, install tagasc into the environment of Snakemake"
    )

with one_line_exit():
    EXPERIMENT = load(config)

EXPECTED = expect(EXPERIMENT)
TEST_LISTS = EXPECTED.test_lists
TREE = ResultsTree(EXPERIMENT, TEST_LISTS)
SCENES, EVENTS, TAGGER, TAGS = TREE.scenes, TREE.events, TREE.tagger, TREE.tags
RESULTS, CELL = TREE.experiment, TREE.cell
SCORED, SCORED_CELL, CONTROL = TREE.scored, TREE.scored_cell, TREE.control
DOWNLOADS = "results/downloads"

limit_resource(workflow, "downloads", EXPERIMENT.download.parallel_downloads)


def get_params(section):
    """Return a whole section of the configuration as a rule's parameter: a changed key re-runs the rule."""
    return section.model_dump(mode="json")
