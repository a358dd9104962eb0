# What happens before the first job and after a failed run: folders are checked; on SLURM, a watch reports when the
# cluster stops answering, and no job is left in its queue.

from snakemake.exceptions import WorkflowError

from tagasc.runtime.cluster import ClusterWatch, cancel_remaining_jobs
from tagasc.runtime.folders import check_outputs
from tagasc.runtime.limits import check_memory
from tagasc.runtime.runs import note_queue
from tagasc.runtime.snakemake_internals import planned_folders, planned_memory, slurm_run


onstart:
    with one_line_exit():
        check_outputs(planned_folders(workflow))
        check_memory(planned_memory(workflow))
    if (run := slurm_run(workflow, WorkflowError)) is not None:
        note_queue(run.name)
        ClusterWatch(run.name, run.patience, run.waiting_for, run.give_up).start()


onerror:
    if (run := slurm_run(workflow, WorkflowError)) is not None:
        cancel_remaining_jobs(run.name)
