from pathlib import Path

from tagasc.config import Frontend
from tagasc.frontend.training import train_cell
from tagasc.job import job

with job(snakemake):
    train_cell(
        snakemake.wildcards.cell,
        int(snakemake.wildcards.seed),
        Frontend(**snakemake.params.frontend),
        snakemake.params.sample_rate,
        code_epochs=snakemake.params.code_epochs,
        threads=snakemake.threads,
        **{name: Path(path) for name, path in [*snakemake.input.items(), *snakemake.output.items()]},
    )
