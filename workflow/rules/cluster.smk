# A run on SLURM: a watch that reports when the cluster stops answering, and an end that leaves no job in its queue.

from snakemake.exceptions import WorkflowError

from tagasc.runtime.cluster import ClusterWatch, cancel_remaining_jobs
from tagasc.runtime.snakemake_internals import slurm_run


onstart:
    if (run := slurm_run(workflow, WorkflowError)) is not None:
        ClusterWatch(run.name, run.patience, run.waiting_for, run.give_up).start()


onerror:
    if (run := slurm_run(workflow, WorkflowError)) is not None:
        cancel_remaining_jobs(run.name)
