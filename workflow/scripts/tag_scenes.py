from pathlib import Path

from tagasc.config import Features, Mel, TaggerNetwork, Tagging
from tagasc.runtime.job import job
from tagasc.tagger.tag_scenes import tag_scenes

with job(snakemake):
    tag_scenes(
        TaggerNetwork(**snakemake.params.network),
        Features(**snakemake.params.features),
        Tagging(**snakemake.params.tagging),
        Mel(**snakemake.params.mel),
        snakemake.params.sample_rate,
        clips=Path(snakemake.input.clips),
        waveforms=Path(snakemake.input.waveforms),
        labels=Path(snakemake.input.labels),
        snapshots=[Path(path) for path in snakemake.input.snapshots],
        output=Path(snakemake.output[0]),
        threads=snakemake.threads,
    )
