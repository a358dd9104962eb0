# Checks before planning. What only some rules need is checked by their input functions, if these rules are planned.

from tagasc.artifacts.settings import check_shared
from tagasc.corpora.receipts import update_receipt
from tagasc.runtime.snakemake_internals import is_main_process

if is_main_process(workflow):  # once per run, not again in each job
    with one_line_exit():
        check_shared(EXPERIMENT, Path("results"))
        TREE.check_codes()
    update_receipt(EXPERIMENT.scenes, EXPERIMENT.scenes_folder, Path(SCENES, "unpacked.txt"))
    update_receipt(EXPERIMENT.events, EXPERIMENT.events_folder, Path(EVENTS, "unpacked.txt"))
