from pathlib import Path

from tagasc.config import Events, Tagger
from tagasc.job import job
from tagasc.tagger.tagging import tag_scenes

with job(snakemake):
    tag_scenes(
        Tagger(**snakemake.params.tagger),
        Events(**snakemake.params.events),
        snakemake.params.sample_rate,
        clips=Path(snakemake.input.clips),
        waveforms=Path(snakemake.input.waveforms),
        labels=Path(snakemake.input.labels),
        snapshots=[Path(path) for path in snakemake.input.snapshots],
        output=Path(snakemake.output[0]),
        threads=snakemake.threads,
    )
