from pathlib import Path

from tagasc.config import Tagger
from tagasc.job import job
from tagasc.tagger.training import train_fold

with job(snakemake):
    train_fold(
        int(snakemake.wildcards.fold),
        Tagger(**snakemake.params.tagger),
        snapshots=[Path(path) for path in snakemake.output.snapshots],
        history=Path(snakemake.output.history),
        threads=snakemake.threads,
        **{name: Path(path) for name, path in snakemake.input.items()},
    )
