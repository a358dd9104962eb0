# A run on SLURM: somebody who watches the cluster, and an end that leaves no job in its queue.

from snakemake.exceptions import WorkflowError

from tagasc.cluster import ClusterWatch, cancel_left_over


def get_slurm_executor():
    """SLURM's executor, or None where jobs run on this machine."""
    executor = workflow.scheduler._executor
    return executor if workflow.executor_plugin.name == "slurm" else None


def watch_cluster(executor):
    """Watch the cluster for less time than the executor keeps asking, which then forgets its jobs."""
    settings, remote = workflow.executor_settings, workflow.remote_execution_settings
    patience = 0.8 * settings.status_attempts / remote.max_status_checks_per_second

    def get_waiting():
        # sacct keeps what squeue forgets, so only squeue's answers say that a job is lost.
        if settings.status_command != "squeue":
            return set()
        return {job.external_jobid for job in list(executor.active_jobs)}

    def give_up(line):
        workflow.scheduler.executor_error_callback(WorkflowError(line))

    ClusterWatch(executor.run_uuid, patience, get_waiting, give_up).start()


onstart:
    if (executor := get_slurm_executor()) is not None:
        watch_cluster(executor)


onerror:
    if (executor := get_slurm_executor()) is not None:
        cancel_left_over(executor.run_uuid)
