# Checks before planning: what the user has named exists and can be used.

from tagasc.corpora.preflight import check_inputs
from tagasc.runtime.snakemake_internals import is_main_process

if is_main_process(workflow):  # once per run, not again in each job
    try:
        check_inputs(EXPERIMENT)
    except InputError as error:
        sys.exit(f"tagasc: error: {error}")
