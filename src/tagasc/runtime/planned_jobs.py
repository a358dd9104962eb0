"""The jobs that Snakemake plans, and why it would run each of them."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tagasc.runtime.changed_keys import changed_keys
from tagasc.runtime.plan import Cause, PlannedJob
from tagasc.runtime.snakemake_internals import gpus_at_a_time, read_graph


class Planned(NamedTuple):
    """What a command line of Snakemake would do.

    Parameters
    ----------
    jobs
        The jobs of the graph, in the order of the rules. Rules that only collect targets are left out.
    experiment
        The experiment of the workflow; None if it has none.
    gpus
        Number of jobs with a GPU at the same time; see `gpus_at_a_time`.
    """

    jobs: list[PlannedJob]
    experiment: Any
    gpus: int


def plan_jobs(arguments: Sequence[str]) -> Planned | None:
    """Return what a command line of Snakemake would do; nothing is run.

    Parameters
    ----------
    arguments
        What follows the word ``snakemake``: targets and options.

    Returns
    -------
    Planned or None
        None if the arguments make Snakemake print something else, such as ``--help``.

    Raises
    ------
    InputError
        If Snakemake or the workflow refuses the arguments or the configuration.
    """
    return read_graph(arguments, _planned)


def _planned(workflow: Any, incomplete: frozenset[str]) -> Planned:
    order = [rule.name for rule in workflow.rules]
    jobs = [job for job in workflow.dag.jobs if not job.rule.norun]
    jobs.sort(key=lambda job: order.index(job.rule.name))
    places = {job: place for place, job in enumerate(jobs)}
    experiments = (getattr(rule, "module_globals", {}).get("EXPERIMENT") for rule in workflow.rules)
    return Planned(
        [_planned_job(workflow, incomplete, job, places) for job in jobs],
        next(filter(None, experiments), None),
        gpus_at_a_time(workflow),
    )


def _planned_job(workflow: Any, incomplete: frozenset[str], job: Any, places: Mapping[Any, int]) -> PlannedJob:
    if not workflow.dag.needrun(job):
        causes: list[Cause] = []
    elif not any(Path(file).exists() or workflow.persistence.metadata(file) for file in job.output):
        causes = [Cause("never run")]
    elif incomplete.intersection(job.output):
        causes = [Cause("incomplete from an interrupted run")]
    else:
        causes = list(_causes(workflow, job)) or _lesser_causes(workflow.dag.reason(job))
    before = (places[other] for other in workflow.dag.dependencies[job] if workflow.dag.needrun(other))
    minutes = job.resources.get("runtime")
    return PlannedJob(
        job.rule.name,
        tuple(causes),
        dict(job.wildcards_dict),
        tuple(sorted(before)),
        minutes if isinstance(minutes, int) else None,
    )


def _causes(workflow: Any, job: Any) -> Iterator[Cause]:
    """Yield why a job will run again: what Snakemake says, what its records say, and the rules that it waits for."""
    dag, records, reason = workflow.dag, workflow.persistence, workflow.dag.reason(job)
    if reason.forced:
        yield Cause("forced")
    for file in sorted(reason.missing_output - job.temp_output):
        yield Cause("output missing", file)
    for file in sorted(reason.updated_input - reason.updated_input_run):
        yield Cause("input changed", file)
    if reason.code_changed:
        yield Cause("script changed", Path(job.rule.script).name) if job.rule.script else Cause("command changed")
    if reason.software_stack_changed:
        yield Cause("software environment changed")
    # Snakemake does not look at the records of a job that waits for others.
    if records.has_metadata(job) and not records.has_outdated_metadata(job):
        yield from _changed_params(job, records.params_changed(job))
        yield from _changed_inputs(job, records)
    running = [
        dependency
        for dependency, files in dag.dependencies[job].items()
        if dag.needrun(dependency) and not all(file.is_ancient for file in files)
    ]
    last = {one.rule.name for one in running if not any(one in dag.dependencies[other] for other in running)}
    if last:
        yield Cause(f"after {' and '.join(sorted(last)) if len(last) < 3 else f'{len(last)} other rules'}")


def _lesser_causes(reason: Any) -> list[Cause]:
    """Return why a job runs for which nothing has changed."""
    needed_again = [Cause("temporary output needed again", file) for file in sorted(reason.missing_output)]
    return needed_again or [Cause(str(reason))]


def _changed_params(job: Any, change: Any) -> Iterator[Cause]:
    """Yield the configuration keys that have changed."""
    current = {name: value for name, value in job.params.items() if repr(value) in change.only_new}
    experiment = job.rule.module_globals.get("EXPERIMENT")  # rules that users add around the workflow have none
    configuration = experiment.model_dump(mode="json") if experiment else {}
    for key in changed_keys(job.rule.name, change.only_old, current, configuration):
        yield Cause(key)


def _changed_inputs(job: Any, records: Any) -> Iterator[Cause]:
    """Yield the files that have joined or left the inputs."""
    former = {file for output in job.output for file in records.input(output)}
    current = set(map(str, job.input))
    yield from (Cause("inputs added", file) for file in sorted(current - former))
    yield from (Cause("inputs removed", file) for file in sorted(former - current))
