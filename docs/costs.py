"""What the paper's run costs, for the page on clusters: the estimate of `tagasc plan`, and the requested resources."""

import contextlib
import tempfile
from pathlib import Path

from tagasc.config import Experiment
from tagasc.costs.counts import Corpora
from tagasc.costs.estimate import estimate
from tagasc.costs.speeds import DataSheet
from tagasc.costs.work import job_work
from tagasc.runtime.gpus import COMMON, GPUS
from tagasc.runtime.planned_jobs import plan_jobs
from tagasc.runtime.resources import gpu_minutes, training_mb

ROOT = Path(__file__).parents[1]
BEGIN, END = "<!-- printed by make generated -->\n", "<!-- end of what is printed -->\n"


def cluster_page(page: str) -> str:
    """Return the page on clusters with the paper's costs between the two comments."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{paper_costs()}\n\n{END}{after}"


def paper_costs() -> str:
    """Return the costs of the paper's experiment in Markdown, planned in an empty folder."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        planned = plan_jobs(["-s", str(ROOT / "Snakefile")])
        assert planned is not None
        experiment, results = Experiment(), Path("results")
        corpora = Corpora(experiment, results)
        costs = estimate(planned.jobs, experiment, corpora, [DataSheet(GPUS[name]) for name in COMMON], [1, 8, 40])
        assert costs is not None
        return f"{costs.markdown()}\n* {_requests(experiment, corpora)}"


def _requests(experiment: Experiment, corpora: Corpora) -> str:
    parts = []
    for rule in ("train_stage1", "train_stage2", "train_cell"):
        work = job_work(rule, "baseline", experiment, corpora)
        minutes, mb = gpu_minutes(rule, work.operations, work.input_bytes), training_mb(work.input_bytes / 2**20)
        parts.append(f"{rule} {minutes} minutes and {mb / 1024:.0f} GiB")
    return f"Requested per job, with one GPU and 4 CPUs: {', '.join(parts)}."
