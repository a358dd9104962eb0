from pathlib import Path

from tagasc.config import Experiment, Frontend
from tagasc.frontend.train_cell import train_cell
from tagasc.paper.grid import parse
from tagasc.runtime.job import job

with job(snakemake):
    experiment, cell = Experiment(**snakemake.config), parse(snakemake.wildcards.cell)
    start = experiment.frontend.training.start
    given = {name: path for name, path in snakemake.input.items() if not name.endswith("_digest")}
    teachers = [Path(path) for path in given.pop("teachers", [])]
    paths = {name: Path(path) for name, path in (given | dict(snakemake.output.items())).items()}
    train_cell(
        cell,
        int(snakemake.wildcards.seed),
        Frontend(**snakemake.params.frontend),
        snakemake.params.sample_rate,
        code_epochs=snakemake.params.code_epochs,
        threads=snakemake.threads,
        # No parameters of the rule: where files are read changes no result, so it must not repeat a training.
        staging=experiment.staging,
        start=None if start is None or cell.role else Path(start),
        teachers=teachers,
        **paths,
    )
