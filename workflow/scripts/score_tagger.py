from pathlib import Path

from tagasc.config import Features, Folds, TaggerNetwork, Tagging
from tagasc.runtime.job import job
from tagasc.tagger.score_tagger import score_tagger

with job(snakemake):
    score_tagger(
        TaggerNetwork(**snakemake.params.network),
        Features(**snakemake.params.features),
        Folds(**snakemake.params.folds),
        Tagging(**snakemake.params.tagging),
        clips=Path(snakemake.input.clips),
        labels=Path(snakemake.input.labels),
        mel_power=Path(snakemake.input.mel_power),
        snapshots=[Path(path) for path in snakemake.input.snapshots],
        by_fold=Path(snakemake.output.by_fold),
        by_class=Path(snakemake.output.by_class),
        markdown=Path(snakemake.output.markdown),
        threads=snakemake.threads,
    )
