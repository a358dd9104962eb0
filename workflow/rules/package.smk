# The package. The Snakefile of a clone includes this file before it reads config.yaml, to check that file first.

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
    from tagasc.runtime.key_files import check_key_files
    from tagasc.runtime.snakemake_internals import (
        configuration_files,
        is_main_process,
        limit_resource,
        uses_software_deployment,
    )
    from tagasc.runtime.system_errors import one_line_exit

    if not uses_software_deployment(workflow):  # otherwise, every rule has an environment of its own
        import soundfile  # stands for everything that jobs need beyond Snakemake
except ImportError as error:
    if isinstance(error, ModuleNotFoundError) and not error.name.startswith("tagasc."):
        problem = f"the Python module {error.name} is missing"
    else:
        problem = f"the Snakefile and the package tagasc are of different versions ({error})"
    sys.exit(
        f"tagasc: error: {problem}; in a clone, run 'make install', then '. .venv/bin/activate'; elsewhere, install "
        "tagasc into the environment of Snakemake"
    )


def check_configuration_files(*paths):
    """Check files of keys, if they exist, once per run and before their content is used."""
    if is_main_process(workflow):
        with one_line_exit():
            check_key_files(path for path in paths if path.exists())
