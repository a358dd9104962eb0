from pathlib import Path

from tagasc.config import Tagger
from tagasc.job import job
from tagasc.tagger.soft_labels import write_soft_labels

with job(snakemake):
    write_soft_labels(
        Tagger(**snakemake.params.tagger),
        clips=Path(snakemake.input.clips),
        labels=Path(snakemake.input.labels),
        mel=Path(snakemake.input.mel),
        snapshots=[Path(path) for path in snakemake.input.snapshots],
        output=Path(snakemake.output[0]),
        threads=snakemake.threads,
    )
