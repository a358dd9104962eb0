# Checks before planning. What only some rules need is checked by their input functions, if these rules are planned.

from tagasc.artifacts.settings import check_shared
from tagasc.corpora.receipts import update_receipt
from tagasc.runtime.command import check_commands, end_with_the_pipe
from tagasc.runtime.command_line import checked
from tagasc.runtime.folders import check_records
from tagasc.runtime.limits import check_limits

if is_main_process(workflow):  # once per run, not again in each job
    check_commands(workflow, checked)
    end_with_the_pipe(workflow)
    with one_line_exit():
        check_limits()
        check_records()
        check_shared(EXPERIMENT, Path("results"))
        TREE.check_codes()
        TREE.check_digests()
        update_receipt(EXPERIMENT.scenes, EXPERIMENT.scenes_folder, Path(SCENES, "unpacked.txt"))
        update_receipt(EXPERIMENT.events, EXPERIMENT.events_folder, Path(EVENTS, "unpacked.txt"))
