from pathlib import Path

from tagasc.config import Tagger
from tagasc.job import job
from tagasc.tagger.scoring import score_tagger

with job(snakemake):
    score_tagger(
        Tagger(**snakemake.params.tagger),
        clips=Path(snakemake.input.clips),
        labels=Path(snakemake.input.labels),
        mel=Path(snakemake.input.mel),
        snapshots=[Path(path) for path in snakemake.input.snapshots],
        by_fold=Path(snakemake.output.by_fold),
        by_class=Path(snakemake.output.by_class),
        markdown=Path(snakemake.output.markdown),
        threads=snakemake.threads,
    )
