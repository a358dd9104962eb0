from pathlib import Path

from tagasc.config import Frontend
from tagasc.corpora.staging import staged
from tagasc.frontend.training import train_cell
from tagasc.job import job

with job(snakemake):
    paths = {name: Path(path) for name, path in [*snakemake.input.items(), *snakemake.output.items()]}
    # Not one of the rule's params: where a file is read decides nothing, so a change must not repeat a training.
    paths["waveforms"] = staged(paths["waveforms"], snakemake.config["staging"])
    train_cell(
        snakemake.wildcards.cell,
        int(snakemake.wildcards.seed),
        Frontend(**snakemake.params.frontend),
        snakemake.params.sample_rate,
        code_epochs=snakemake.params.code_epochs,
        threads=snakemake.threads,
        **paths,
    )
