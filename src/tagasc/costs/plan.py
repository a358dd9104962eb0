"""The command ``tagasc plan``: what a run will do, why, and what it costs."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from tagasc.config import Experiment
from tagasc.costs.choose import choose_speeds, read_card
from tagasc.costs.counts import Corpora
from tagasc.costs.estimate import estimate
from tagasc.runtime.errors import InputError
from tagasc.runtime.plan import format_plan
from tagasc.runtime.planned_jobs import plan_jobs


def plan_lines(arguments: Sequence[str], gpu: str | None, gpus: int | None, results: Path) -> Iterator[str]:
    """Yield the jobs that a command line of Snakemake would run, with their reasons, and then what they cost.

    Parameters
    ----------
    arguments
        What follows the word ``snakemake``.
    gpu
        Name of a card, or TFLOP/s; see `choose_speeds`.
    gpus
        Number of GPUs; None for what the arguments allow.
    results
        The results tree.

    Raises
    ------
    InputError
        If the card is not known, if there is no GPU, or as `plan_jobs` and `estimate`.
    """
    if gpus is not None and gpus < 1:
        raise InputError(f"--jobs {gpus}: expected the number of GPUs, at least 1")
    if gpu is not None:
        read_card(gpu)  # a misspelt name ends the command before Snakemake is started
    for argument in arguments:
        if argument.partition("=")[0] == "--gpu":
            raise InputError(f"{argument}: write it in front of the arguments of snakemake: tagasc plan --gpu CARD ...")
    if (planned := plan_jobs(arguments)) is None:
        return
    yield format_plan(planned.jobs)
    if isinstance(planned.experiment, Experiment):
        speeds = choose_speeds(gpu, planned.experiment, results)
        corpora = Corpora(planned.experiment, results, {job.rule for job in planned.jobs if job.causes})
        costs = estimate(planned.jobs, planned.experiment, corpora, speeds, [gpus or planned.gpus])
        if costs is not None:
            yield ""
            yield costs.text()
